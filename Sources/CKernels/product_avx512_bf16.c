/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* AVX-512 with products of bfloat16. */
#if defined(__x86_64__)
#include "include/cproduct.h"
#include <immintrin.h>
#include <string.h>
#pragma clang attribute push (__attribute__ ((target ("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma,f16c"))), \
                              apply_to = function)
#define LANES 16
#define ROWS 14
#define VECTORS 2
#define CONVERTS_HALF
#define DOT(sums, weights, levels) (sums + (IntVector) _mm512_madd_epi16 ((__m512i) weights, (__m512i) levels))
#define HALVES CPRODUCT_BFLOAT16
#define NARROW(x) ((Halves) _mm512_cvtneps_pbh ((__m512) (x)))
#define ADD_PAIRS(sums, weights, row) ((Vector) _mm512_dpbf16_ps ((__m512) (sums), (__m512bh) (weights), (__m512bh) (row)))
#define KERNELS_NAME "avx512-bf16"
#define KERNELS_TABLE cproduct_avx512_bf16
#include "product/kernels.h"
#pragma clang attribute pop
#endif
