/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* AVX2 with fused multiply-add: 16 registers of 8 floats, 12 of them sums. */
#if defined(__x86_64__)
#include "include/cproduct.h"
#include <immintrin.h>
#include <string.h>
#pragma clang attribute push (__attribute__ ((target ("avx2,fma,f16c"))), apply_to = function)
#define LANES 8
#define ROWS 6
#define VECTORS 2
#define CONVERTS_HALF
#define DOT(sums, weights, levels) (sums + (IntVector) _mm256_madd_epi16 ((__m256i) weights, (__m256i) levels))
#define KERNELS_NAME "avx2"
#define KERNELS_TABLE cproduct_avx2
#include "product/kernels.h"
#pragma clang attribute pop
#endif
