/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* AVX, of 2011 to 2013: 16 registers of 8 floats, 12 of them sums, multiplied and added in two instructions. */
#if defined(__x86_64__)
#include "include/cproduct.h"
#include <string.h>
#pragma clang attribute push (__attribute__ ((target ("avx"))), apply_to = function)
#define LANES 8
#define ROWS 6
#define VECTORS 2
#define KERNELS_NAME "avx"
#define KERNELS_TABLE cproduct_avx
#include "product/kernels.h"
#pragma clang attribute pop
#endif
