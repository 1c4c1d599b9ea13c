/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What every processor of the architecture has (x86-64: SSE2; arm64: Neon). */
#define KERNELS_NAME "baseline"
#define KERNELS_TABLE ckernels_baseline
#include "vectorized.h"
