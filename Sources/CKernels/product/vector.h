/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* LANES floats as one value, and the functions of one argument on them.
 *
 * The compiler's vector extensions: operators work lane by lane, a scalar operand is spread over all lanes, and
 * `a * b + c` becomes one fused instruction where the instruction set has it.  The transcendental functions are
 * branch-free polynomials.
 */
#pragma once

#include "../include/cproduct.h"
#include <math.h>
#include <string.h>

/* How vectors are handed over differs between instruction sets, but all functions here that take some are inlined. */
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__ ((always_inline))
#define UNROLL _Pragma ("clang loop unroll(full)")

typedef float Vector __attribute__ ((vector_size (4 * LANES)));
typedef int32_t IntVector __attribute__ ((vector_size (4 * LANES)));
/* The same in memory, where a float need not be aligned to more than itself. */
typedef float MemoryVector __attribute__ ((vector_size (4 * LANES), aligned (4), may_alias));
typedef uint16_t Halves __attribute__ ((vector_size (2 * LANES)));

INLINE Vector
load (const float *from)
{
  return *(const MemoryVector *) from;
}

INLINE void
store (float *to, Vector value)
{
  *(MemoryVector *) to = value;
}

/* The first `count` (0 ... LANES) values: no other memory is touched. */
INLINE Vector
load_some (const float *from, int64_t count)
{
  if (count >= LANES)
    return load (from);
  Vector value = { 0 };
  for (int64_t i = 0; i < count; i++)
    value[i] = from[i];
  return value;
}

INLINE void
store_some (float *to, Vector value, int64_t count)
{
  if (count >= LANES)
    {
      store (to, value);
      return;
    }
  for (int64_t i = 0; i < count; i++)
    to[i] = value[i];
}

INLINE Vector
spread (float value)
{
  return value - (Vector) { 0 };
}

/* mask ? a : b, lane by lane (a mask is 0 or -1 in each lane). */
INLINE Vector
choose (IntVector mask, Vector a, Vector b)
{
  return (Vector) ((mask & (IntVector) a) | (~mask & (IntVector) b));
}

INLINE Vector
larger (Vector a, Vector b)
{
  return choose (a > b, a, b);
}

INLINE Vector
smaller (Vector a, Vector b)
{
  return choose (a < b, a, b);
}

/* 1.5 x 2^23: adding it to a number leaves the nearest integer in the low bits. */
#define ROUND 12582912.0f

/* 2^x for x <= 127, relative error below 2e-7; at least 2^-125.  (Polynomial: minimax on [-1/2, 1/2].) */
INLINE Vector
power_of_two (Vector x)
{
  x = larger (x, spread (-125));
  Vector shifted = x + ROUND;
  Vector rest = x - (shifted - ROUND);
  Vector p = 1.53533620e-4f * rest + 1.33988744e-3f;
  p = p * rest + 9.61843636e-3f;
  p = p * rest + 5.55033250e-2f;
  p = p * rest + 2.40226478e-1f;
  p = p * rest + 6.93147205e-1f;
  p = p * rest + 1.0f;
  return (Vector) ((IntVector) p + ((IntVector) shifted << 23));
}

/* e^x for -87 <= x <= 88, beyond as at the ends; relative error below 2e-7 (polynomial: Cephes expf). */
INLINE Vector
exponential (Vector x)
{
  x = smaller (larger (x, spread (-87)), spread (88));
  Vector shifted = x * 1.44269504088896341f + ROUND;
  Vector power = shifted - ROUND;
  Vector rest = x - power * 0.693359375f;
  rest = rest + power * 2.12194440e-4f;
  Vector p = 1.9875691500e-4f * rest + 1.3981999507e-3f;
  p = p * rest + 8.3334519073e-3f;
  p = p * rest + 4.1665795894e-2f;
  p = p * rest + 1.6666665459e-1f;
  p = p * rest + 5.0000001201e-1f;
  p = p * (rest * rest) + (rest + 1.0f);
  return (Vector) ((IntVector) p + ((IntVector) shifted << 23));
}

INLINE Vector
silu (Vector x)
{
  return x / (exponential (-x) + 1.0f);
}

/* erf, absolute error below 3e-7: rational minimax approximation on [-4, 4]. */
INLINE Vector
error_function (Vector x)
{
  Vector t = smaller (larger (x, spread (-4)), spread (4));
  Vector square = t * t;
  Vector p = -2.72614225801306e-10f * square + 2.77068142495902e-08f;
  p = p * square + -2.10102402082508e-06f;
  p = p * square + -5.69250639462346e-05f;
  p = p * square + -7.34990630326855e-04f;
  p = p * square + -2.95459980854025e-03f;
  p = p * square + -1.60960333262415e-02f;
  Vector q = -1.45660718464996e-05f * square + -2.13374055278905e-04f;
  q = q * square + -1.68282697438203e-03f;
  q = q * square + -7.37332916720468e-03f;
  q = q * square + -1.42647390514189e-02f;
  return t * p / q;
}

INLINE Vector
gelu (Vector x)
{
  return 0.5f * x * (error_function (x * 0.70710678118654752f) + 1.0f);
}

/* (1 + tanh u) / 2 = sigmoid(2 u) */
INLINE Vector
gelu_tanh (Vector x)
{
  return x / (exponential (-1.59576912160573071f * (x + 0.044715f * x * x * x)) + 1.0f);
}

INLINE Vector
activate (Vector x, CProductActivation activation)
{
  switch (activation)
    {
    case CPRODUCT_NONE:
      return x;
    case CPRODUCT_SILU:
      return silu (x);
    case CPRODUCT_GELU:
      return gelu (x);
    case CPRODUCT_QUICK_GELU:
      return x / (exponential (-1.702f * x) + 1.0f);
    case CPRODUCT_GELU_TANH:
      return gelu_tanh (x);
    case CPRODUCT_RELU:
      return larger (x, spread (0));
    }
  return x;
}

/* LANES 16-bit floats, widened. */
INLINE Vector
widen_half (const uint16_t *from)
{
#ifdef CONVERTS_HALF
  typedef _Float16 HalfVector __attribute__ ((vector_size (2 * LANES)));
  HalfVector halves;
  memcpy (&halves, from, sizeof halves);
  return __builtin_convertvector (halves, Vector);
#else
  /* The half's bits in a float's places are 2^112 too small, subnormals included. */
  Halves halves;
  memcpy (&halves, from, sizeof halves);
  IntVector bits = __builtin_convertvector (halves, IntVector);
  IntVector magnitude = (IntVector) ((Vector) ((bits & 0x7fff) << 13) * 0x1p112f);
  IntVector special = ((bits & 0x7c00) == 0x7c00) & 0x7f800000;
  return (Vector) (magnitude | special | ((bits & 0x8000) << 16));
#endif
}

INLINE Vector
widen_bfloat (const uint16_t *from)
{
  Halves halves;
  memcpy (&halves, from, sizeof halves);
  return (Vector) (__builtin_convertvector (halves, IntVector) << 16);
}
