/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* AVX-512 with products of float16. */
#if defined(__x86_64__)
#include "include/cproduct.h"
#include <immintrin.h>
#include <string.h>
#pragma clang attribute push (__attribute__ ((target ("avx512f,avx512bw,avx512dq,avx512vl,avx512fp16,avx2,fma,f16c"))), \
                              apply_to = function)
#define LANES 16
#define ROWS 14
#define VECTORS 2
#define CONVERTS_HALF
#define DOT(sums, weights, levels) (sums + (IntVector) _mm512_madd_epi16 ((__m512i) weights, (__m512i) levels))
#define HALVES CPRODUCT_FLOAT16
#define NARROW(x) ((Halves) _mm512_cvtps_ph ((__m512) (x), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC))
#define SUMS_ARE_HALVES
#define ADD_PAIRS(sums, weights, row) ((PairSums) _mm512_fmadd_ph ((__m512h) (weights), (__m512h) (row), (__m512h) (sums)))
#define KERNELS_NAME "avx512-fp16"
#define KERNELS_TABLE cproduct_avx512_fp16
#include "product/kernels.h"
#pragma clang attribute pop
#endif
