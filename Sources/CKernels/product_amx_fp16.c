/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* AMX with products of float16, beside AVX-512. */
#if defined(__x86_64__)
#include "include/cproduct.h"
#include <immintrin.h>
#include <string.h>
#pragma clang attribute push (__attribute__ ((target ("avx512f,avx512bw,avx512dq,avx512vl,amx-tile,amx-fp16,avx2,fma,f16c"))), \
                              apply_to = function)
#define LANES 16
#define ROWS 14
#define VECTORS 2
#define CONVERTS_HALF
#define DOT(sums, weights, levels) (sums + (IntVector) _mm512_madd_epi16 ((__m512i) weights, (__m512i) levels))
#define HALVES CPRODUCT_FLOAT16
#define NARROW(x) ((Halves) _mm512_cvtps_ph ((__m512) (x), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC))
#define TILES_MULTIPLY _tile_dpfp16ps
#include "product/amx.h"
#define KERNELS_NAME "amx-fp16"
#define KERNELS_TABLE cproduct_amx_fp16
#include "product/kernels.h"
#pragma clang attribute pop
#endif
