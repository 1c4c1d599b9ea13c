/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the kernels for AVX-512 share: 32 registers of 16 floats, 28 of them sums. */
#define LANES 16
#define ROWS 14
#define VECTORS 2
#define CONVERTS_HALF
#ifndef DOT
#define DOT(sums, weights, levels) (sums + (IntVector) _mm512_madd_epi16 ((__m512i) weights, (__m512i) levels))
#endif
