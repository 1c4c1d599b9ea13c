/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* AVX-512 with VNNI, for products with quantized weights (tested in an emulator, not timed). */
#if defined(__x86_64__)
#include "include/cproduct.h"
#include <immintrin.h>
#include <string.h>
#pragma clang attribute push (__attribute__ ((target ("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c"))), \
                              apply_to = function)
#define LANES 16
#define ROWS 14
#define VECTORS 2
#define CONVERTS_HALF
#define GROUP 4
#define DOT(sums, weights, levels) (IntVector) _mm512_dpbusd_epi32 ((__m512i) sums, (__m512i) weights, (__m512i) levels)
#define KERNELS_NAME "avx512-vnni"
#define KERNELS_TABLE cproduct_avx512_vnni
#include "product/kernels.h"
#pragma clang attribute pop
#endif
