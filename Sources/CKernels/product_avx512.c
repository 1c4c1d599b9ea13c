/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* AVX-512: 32 registers of 16 floats, 28 of them sums. */
#if defined(__x86_64__)
#include "include/cproduct.h"
#include <immintrin.h>
#include <string.h>
#pragma clang attribute push (__attribute__ ((target ("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c"))), \
                              apply_to = function)
#define LANES 16
#define ROWS 14
#define VECTORS 2
#define CONVERTS_HALF
#define DOT(sums, weights, levels) (sums + (IntVector) _mm512_madd_epi16 ((__m512i) weights, (__m512i) levels))
#define KERNELS_NAME "avx512"
#define KERNELS_TABLE cproduct_avx512
#include "product/kernels.h"
#pragma clang attribute pop
#endif
