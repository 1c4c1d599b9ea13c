/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* AVX-512's kernels, 16 lanes and all their blockings, in AVX2's instructions: slow, but they run where AVX-512's
 * do not. */
#ifndef CPRODUCT_WIDE_H
#define CPRODUCT_WIDE_H

#include "cproduct.h"

/* NULL where there is no AVX2. */
const CProductKernels *cproduct_wide_on_avx2 (void);
/* The same of AVX-512 with VNNI, for quantized weights. */
const CProductKernels *cproduct_wide_vnni_on_avx2 (void);

#endif
