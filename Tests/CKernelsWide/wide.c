/* SPDX-License-Identifier: LGPL-3.0-or-later */
#define KERNELS_NAME "avx512 in avx2"
#define KERNELS_TABLE cproduct_wide
#define ON_AVX2 cproduct_wide_on_avx2
#include "wide.h"
