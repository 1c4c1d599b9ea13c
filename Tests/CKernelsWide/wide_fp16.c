/* SPDX-License-Identifier: LGPL-3.0-or-later */
#define HALVES CPRODUCT_FLOAT16
#define NARROW(x) to_float16 (x)
#define SUMS_ARE_HALVES
#define ADD_PAIRS(sums, weights, row) add_halves (sums, (PairSums) (weights), (PairSums) (row))
#define KERNELS_NAME "avx512-fp16 in avx2"
#define KERNELS_TABLE cproduct_wide_fp16
#define ON_AVX2 cproduct_wide_fp16_on_avx2
#include "wide.h"
