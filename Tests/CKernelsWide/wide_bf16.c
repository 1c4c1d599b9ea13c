/* SPDX-License-Identifier: LGPL-3.0-or-later */
#define HALVES CPRODUCT_BFLOAT16
#define NARROW(x) to_bfloat ((IntVector) (x))
#define ADD_PAIRS(sums, weights, row) \
  ((sums) + (Vector) ((weights) << 16) * (Vector) ((row) << 16) + (Vector) ((weights) & HIGH) * (Vector) ((row) & HIGH))
#define KERNELS_NAME "avx512-bf16 in avx2"
#define KERNELS_TABLE cproduct_wide_bf16
#define ON_AVX2 cproduct_wide_bf16_on_avx2
#include "wide.h"
