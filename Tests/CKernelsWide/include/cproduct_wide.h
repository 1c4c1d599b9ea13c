/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* AVX-512's kernels, 16 lanes and all their blockings, in AVX2's instructions: slow, but they run where AVX-512's
 * do not. */
#ifndef CPRODUCT_WIDE_H
#define CPRODUCT_WIDE_H

#include "cproduct.h"

/* NULL where there is no AVX2. */
const CProductKernels *cproduct_wide_on_avx2 (void);
/* The same of AVX-512 with VNNI, for weights as whole numbers. */
const CProductKernels *cproduct_wide_vnni_on_avx2 (void);
/* And of its instructions for halves, and AMX's. */
const CProductKernels *cproduct_wide_bf16_on_avx2 (void);
const CProductKernels *cproduct_wide_fp16_on_avx2 (void);
const CProductKernels *cproduct_wide_amx_bf16_on_avx2 (void);
const CProductKernels *cproduct_wide_amx_fp16_on_avx2 (void);

#endif
