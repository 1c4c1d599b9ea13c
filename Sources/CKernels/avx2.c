/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* AVX2 with fused multiply-add and half conversion: processors since 2013 (Haswell) and 2017 (Zen). */
#if defined(__x86_64__)
#include <float.h>
#include <math.h>
#include <string.h>
#pragma clang attribute push (__attribute__ ((target ("avx2,fma,f16c"))), apply_to = function)
#define KERNELS_NAME "avx2"
#define KERNELS_CONVERT_HALF
#define KERNELS_TABLE ckernels_avx2
#include "vectorized.h"
#pragma clang attribute pop
#endif
