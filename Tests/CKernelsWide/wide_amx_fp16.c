/* SPDX-License-Identifier: LGPL-3.0-or-later */
#define HALVES CPRODUCT_FLOAT16
#define NARROW(x) to_float16 (x)
#include "tiles.h"
#define KERNELS_NAME "amx-fp16 in avx2"
#define KERNELS_TABLE cproduct_wide_amx_fp16
#define ON_AVX2 cproduct_wide_amx_fp16_on_avx2
#include "wide.h"
