/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* AVX2 with AVX-VNNI, for products with quantized weights (tested in an emulator, not timed). */
#if defined(__x86_64__)
#include "include/cproduct.h"
#include <immintrin.h>
#include <string.h>
#pragma clang attribute push (__attribute__ ((target ("avx2,fma,f16c,avxvnni"))), apply_to = function)
#define LANES 8
#define ROWS 6
#define VECTORS 2
#define CONVERTS_HALF
#define GROUP 4
#define DOT(sums, weights, levels)                                                                                     \
  (IntVector) _mm256_dpbusd_avx_epi32 ((__m256i) sums, (__m256i) weights, (__m256i) levels)
#define KERNELS_NAME "avx-vnni"
#define KERNELS_TABLE cproduct_avx_vnni
#include "product/kernels.h"
#pragma clang attribute pop
#endif
