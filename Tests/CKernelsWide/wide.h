/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A table of kernels of 16 lanes in AVX2, for processors that lack wider vectors: of KERNELS_NAME and KERNELS_TABLE, which
 * ON_AVX2 () gives where it runs. */
#include "cproduct_wide.h"

#if defined(__x86_64__)
#include "processor.h"
#include <string.h>
#pragma clang attribute push (__attribute__ ((target ("avx2,fma,f16c"))), apply_to = function)
#define LANES 16
#define ROWS 14
#define VECTORS 2
#define CONVERTS_HALF
#if defined(HALVES)
#include "wide_halves.h"
#endif
#include "product/kernels.h"
#pragma clang attribute pop

const CProductKernels *
ON_AVX2 (void)
{
  return has_avx2 () ? &KERNELS_TABLE : NULL;
}
#else
const CProductKernels *
ON_AVX2 (void)
{
  return NULL;
}
#endif
