/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The kernels as loops that the compiler vectorises.  Each instruction set's file sets its target, defines
 * KERNELS_NAME and KERNELS_TABLE (and KERNELS_CONVERT_HALF, if it has an instruction for that), and includes this
 * once.
 *
 * The transcendental functions are branch-free polynomials: the C library's would be called value by value.
 */
#include "ckernels.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__ ((always_inline))
/* Sums may be split over vector lanes: the error shrinks, the order is fixed by the instruction set. */
#define REASSOCIATE _Pragma ("clang fp reassociate(on) contract(fast)")

/* e^x for x <= 88, relative error below 2e-7 (polynomial: Cephes expf); 0 below -87. */
INLINE float
exponential (float x)
{
  const float round = 12582912.0f; /* 1.5 x 2^23: adding it leaves the nearest integer */
  float clamped = x < -87.0f ? -87.0f : (x > 88.0f ? 88.0f : x);
  float power = (clamped * 1.44269504088896341f + round) - round;
  float rest = clamped - power * 0.693359375f;
  rest = rest - power * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * rest + 1.3981999507e-3f;
  p = p * rest + 8.3334519073e-3f;
  p = p * rest + 4.1665795894e-2f;
  p = p * rest + 1.6666665459e-1f;
  p = p * rest + 5.0000001201e-1f;
  p = p * rest * rest + rest + 1;
  int32_t bits = ((int32_t) power + 127) << 23;
  float scale;
  memcpy (&scale, &bits, sizeof scale);
  return x < -87.0f ? 0 : p * scale;
}

/* x sigmoid(x) = x / (1 + e^-x) */
INLINE float
silu_of (float x)
{
  return x / (1 + exponential (-x));
}

/* erf, absolute error below 3e-7: rational minimax approximation on [-4, 4]. */
INLINE float
error_function (float x)
{
  float t = x < -4 ? -4 : (x > 4 ? 4 : x);
  float t2 = t * t;
  float p = -2.72614225801306e-10f;
  p = p * t2 + 2.77068142495902e-08f;
  p = p * t2 + -2.10102402082508e-06f;
  p = p * t2 + -5.69250639462346e-05f;
  p = p * t2 + -7.34990630326855e-04f;
  p = p * t2 + -2.95459980854025e-03f;
  p = p * t2 + -1.60960333262415e-02f;
  float q = -1.45660718464996e-05f;
  q = q * t2 + -2.13374055278905e-04f;
  q = q * t2 + -1.68282697438203e-03f;
  q = q * t2 + -7.37332916720468e-03f;
  q = q * t2 + -1.42647390514189e-02f;
  return t * p / q;
}

INLINE float
gelu_of (float x)
{
  return 0.5f * x * (1 + error_function (x * 0.70710678118654752f));
}

static void
half_to_float (const uint16_t *restrict from, float *restrict to, int64_t count)
{
  for (int64_t i = 0; i < count; i++)
    {
#ifdef KERNELS_CONVERT_HALF
      _Float16 half;
      memcpy (&half, from + i, sizeof half);
      to[i] = (float) half;
#else
      /* The half's bits in a float's places are 2^112 too small, subnormals included. */
      uint32_t magnitude = (uint32_t) (from[i] & 0x7fff) << 13;
      float value;
      memcpy (&value, &magnitude, sizeof value);
      value *= 0x1p112f;
      uint32_t bits;
      memcpy (&bits, &value, sizeof bits);
      bits |= (uint32_t) (from[i] & 0x8000) << 16;
      bits |= (from[i] & 0x7c00) == 0x7c00 ? 0x7f800000 : 0;
      memcpy (to + i, &bits, sizeof bits);
#endif
    }
}

static void
bfloat_to_float (const uint16_t *restrict from, float *restrict to, int64_t count)
{
  for (int64_t i = 0; i < count; i++)
    {
      uint32_t bits = (uint32_t) from[i] << 16;
      memcpy (to + i, &bits, sizeof bits);
    }
}

static void
add (float *restrict to, const float *restrict from, int64_t count)
{
  for (int64_t i = 0; i < count; i++)
    to[i] += from[i];
}

static void
silu (float *values, int64_t count)
{
  for (int64_t i = 0; i < count; i++)
    values[i] = silu_of (values[i]);
}

static void
gelu (float *values, int64_t count)
{
  for (int64_t i = 0; i < count; i++)
    values[i] = gelu_of (values[i]);
}

static void
quick_gelu (float *values, int64_t count)
{
  for (int64_t i = 0; i < count; i++)
    values[i] = values[i] / (1 + exponential (-1.702f * values[i]));
}

/* (1 + tanh u) / 2 = sigmoid(2 u) */
static void
gelu_tanh (float *values, int64_t count)
{
  for (int64_t i = 0; i < count; i++)
    {
      float x = values[i];
      values[i] = x / (1 + exponential (-1.59576912160573071f * (x + 0.044715f * x * x * x)));
    }
}

static void
relu (float *values, int64_t count)
{
  for (int64_t i = 0; i < count; i++)
    values[i] = values[i] > 0 ? values[i] : 0;
}

/* The sums run over whole rows, and are those of a few hundred values each: float32 holds them. */
static void
channel_moments (const float *restrict x, int64_t rows, int64_t channels, float *restrict means, float *restrict squares)
{
  for (int64_t c = 0; c < channels; c++)
    means[c] = squares[c] = 0;
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < channels; c++)
      means[c] += x[r * channels + c];
  for (int64_t c = 0; c < channels; c++)
    means[c] /= (float) rows;
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < channels; c++)
      {
        float difference = x[r * channels + c] - means[c];
        squares[c] += difference * difference;
      }
}

static void
scale_shift (const float *restrict x, float *restrict to, const float *restrict scale, const float *restrict shift,
             int64_t rows, int64_t channels, bool with_silu)
{
  for (int64_t r = 0; r < rows; r++)
    {
      const float *restrict from = x + r * channels;
      float *restrict out = to + r * channels;
      if (with_silu)
        for (int64_t c = 0; c < channels; c++)
          out[c] = silu_of (from[c] * scale[c] + shift[c]);
      else
        for (int64_t c = 0; c < channels; c++)
          out[c] = from[c] * scale[c] + shift[c];
    }
}

static void
layer_norm (const float *restrict x, float *restrict to, const float *restrict scale, const float *restrict shift,
            int64_t rows, int64_t channels, float epsilon)
{
  for (int64_t r = 0; r < rows; r++)
    {
      REASSOCIATE
      const float *restrict row = x + r * channels;
      float *restrict out = to + r * channels;
      float sum = 0, square = 0;
      for (int64_t c = 0; c < channels; c++)
        sum += row[c];
      float mean = sum / (float) channels;
      for (int64_t c = 0; c < channels; c++)
        square += (row[c] - mean) * (row[c] - mean);
      float factor = 1 / sqrtf (square / (float) channels + epsilon);
      for (int64_t c = 0; c < channels; c++)
        out[c] = (row[c] - mean) * factor * scale[c] + shift[c];
    }
}

#include "fourier.h"

const CKernels KERNELS_TABLE = {
  .name = KERNELS_NAME,
  .half_to_float = half_to_float,
  .bfloat_to_float = bfloat_to_float,
  .add = add,
  .silu = silu,
  .gelu = gelu,
  .quick_gelu = quick_gelu,
  .gelu_tanh = gelu_tanh,
  .relu = relu,
  .channel_moments = channel_moments,
  .scale_shift = scale_shift,
  .layer_norm = layer_norm,
  .fourier = fourier,
};
