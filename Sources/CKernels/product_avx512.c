/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* AVX-512. */
#if defined(__x86_64__)
#include "include/cproduct.h"
#include <immintrin.h>
#include <string.h>
#pragma clang attribute push (__attribute__ ((target ("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c"))), \
                              apply_to = function)
#define KERNELS_NAME "avx512"
#define KERNELS_TABLE cproduct_avx512
#include "product/avx512.h"
#include "product/kernels.h"
#pragma clang attribute pop
#endif
