/* SPDX-License-Identifier: LGPL-3.0-or-later */
#define GROUP 4
#define KERNELS_NAME "avx512-vnni in avx2"
#define KERNELS_TABLE cproduct_wide_vnni
#define ON_AVX2 cproduct_wide_vnni_on_avx2
#include "wide.h"
