/* SPDX-License-Identifier: LGPL-3.0-or-later */
#define HALVES CPRODUCT_BFLOAT16
#define NARROW(x) to_bfloat ((IntVector) (x))
#include "tiles.h"
#define KERNELS_NAME "amx-bf16 in avx2"
#define KERNELS_TABLE cproduct_wide_amx_bf16
#define ON_AVX2 cproduct_wide_amx_bf16_on_avx2
#include "wide.h"
