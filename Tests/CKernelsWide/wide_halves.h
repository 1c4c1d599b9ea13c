/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What instructions for halves do, in those of AVX2. */
#include "product/vector.h"

#define HIGH ((int32_t) 0xffff0000)

/* Of two that are as near, the even one; NaN stays NaN. */
INLINE Halves
to_bfloat (IntVector bits)
{
  IntVector nan = (bits & 0x7fffffff) > 0x7f800000, rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  return __builtin_convertvector ((rounded & ~nan) | (bits >> 16 & nan) | (64 & nan), Halves);
}

INLINE Halves
to_float16 (Vector x)
{
  typedef _Float16 Narrow __attribute__ ((vector_size (2 * LANES)));
  return (Halves) __builtin_convertvector (x, Narrow);
}

typedef _Float16 Float16Pairs __attribute__ ((vector_size (4 * LANES)));

/* sums + weights row, rounded once more than by the instruction. */
INLINE Float16Pairs
add_halves (Float16Pairs sums, Float16Pairs weights, Float16Pairs row)
{
  typedef float Wide __attribute__ ((vector_size (8 * LANES)));
  Wide sum = __builtin_convertvector (sums, Wide)
             + __builtin_convertvector (weights, Wide) * __builtin_convertvector (row, Wide);
  return __builtin_convertvector (sum, Float16Pairs);
}
