/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* AMX with products of float16, beside AVX-512 (tested in an emulator, not timed). */
#if defined(__x86_64__)
#include "include/cproduct.h"
#include <immintrin.h>
#include <string.h>
#pragma clang attribute push (__attribute__ ((target ("avx512f,avx512bw,avx512dq,avx512vl,amx-tile,amx-fp16,avx2,fma,f16c"))), \
                              apply_to = function)
#define HALVES CPRODUCT_FLOAT16
#define NARROW(x) ((Halves) _mm512_cvtps_ph ((__m512) (x), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC))
#define TILES_MULTIPLY _tile_dpfp16ps
#include "product/amx.h"
#define KERNELS_NAME "amx-fp16"
#define KERNELS_TABLE cproduct_amx_fp16
#include "product/avx512.h"
#include "product/kernels.h"
#pragma clang attribute pop
#endif
