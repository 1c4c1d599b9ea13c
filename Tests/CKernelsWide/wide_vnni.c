/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "cproduct_wide.h"

#if defined(__x86_64__)
#include "processor.h"
#include <string.h>
#pragma clang attribute push (__attribute__ ((target ("avx2,fma,f16c"))), apply_to = function)
#define LANES 16
#define ROWS 14
#define VECTORS 2
#define CONVERTS_HALF
#define GROUP 4
#define KERNELS_NAME "avx512-vnni in avx2"
#define KERNELS_TABLE cproduct_wide_vnni
#include "product/kernels.h"
#pragma clang attribute pop

const CProductKernels *
cproduct_wide_vnni_on_avx2 (void)
{
  return has_avx2 () ? &cproduct_wide_vnni : NULL;
}
#else
const CProductKernels *
cproduct_wide_vnni_on_avx2 (void)
{
  return NULL;
}
#endif
