#include "cproduct_wide.h"

#if defined(__x86_64__)
#include <string.h>
#pragma clang attribute push (__attribute__ ((target ("avx2,fma,f16c"))), apply_to = function)
#define LANES 16
#define ROWS 14
#define VECTORS 2
#define CONVERTS_HALF
#define KERNELS_NAME "avx512 in avx2"
#define KERNELS_TABLE cproduct_wide
#include "product/kernels.h"
#pragma clang attribute pop

const CProductKernels *
cproduct_wide_on_avx2 (void)
{
  __builtin_cpu_init ();
  if (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma") && __builtin_cpu_supports ("f16c"))
    return &cproduct_wide;
  return NULL;
}
#else
const CProductKernels *
cproduct_wide_on_avx2 (void)
{
  return NULL;
}
#endif
