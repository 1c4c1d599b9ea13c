/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* AVX-512: server processors since 2017, Zen since 2022. */
#if defined(__x86_64__)
#include <float.h>
#include <math.h>
#include <string.h>
#pragma clang attribute push (__attribute__ ((target ("avx512f,avx512bw,avx512dq,avx512vl,fma,f16c"))), \
                              apply_to = function)
#define KERNELS_NAME "avx512"
#define KERNELS_CONVERT_HALF
#define KERNELS_TABLE ckernels_avx512
#include "vectorized.h"
#pragma clang attribute pop
#endif
