/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What every processor of the architecture has.  arm64: Neon, 32 registers of 4 floats, 24 of them sums (compiled and
 * read as machine code, not yet run on such a processor).  Elsewhere,
 * with x86-64's SSE2 in mind: 16 registers, 12 of them sums. */
#include "include/cproduct.h"
#define LANES 4
#if defined(__aarch64__)
#define ROWS 8
#define VECTORS 3
#define CONVERTS_HALF
#define KERNELS_NAME "neon"
#else
#define ROWS 6
#define VECTORS 2
#if defined(__SSE2__)
#include <emmintrin.h>
#define DOT(sums, weights, levels) (sums + (IntVector) _mm_madd_epi16 ((__m128i) weights, (__m128i) levels))
#endif
#define KERNELS_NAME "baseline"
#endif
#define KERNELS_TABLE cproduct_baseline
#include "product/kernels.h"
