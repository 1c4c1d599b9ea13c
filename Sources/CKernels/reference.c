/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Plain versions: what each kernel means, in the C library's arithmetic. */
#include "ckernels.h"
#include <math.h>
#include <string.h>

static float
float_from_bits (uint32_t bits)
{
  float value;
  memcpy (&value, &bits, sizeof value);
  return value;
}

static void
half_to_float (const uint16_t *restrict from, float *restrict to, int64_t count)
{
  for (int64_t i = 0; i < count; i++)
    {
      uint32_t sign = (uint32_t) (from[i] & 0x8000) << 16;
      int exponent = (from[i] >> 10) & 31;
      int mantissa = from[i] & 1023;
      float magnitude;
      if (exponent == 31)
        magnitude = mantissa ? NAN : INFINITY;
      else if (exponent == 0)
        magnitude = ldexpf ((float) mantissa, -24);
      else
        magnitude = ldexpf ((float) (1024 + mantissa), exponent - 25);
      to[i] = sign ? -magnitude : magnitude;
    }
}

static void
bfloat_to_float (const uint16_t *restrict from, float *restrict to, int64_t count)
{
  for (int64_t i = 0; i < count; i++)
    to[i] = float_from_bits ((uint32_t) from[i] << 16);
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
    values[i] = values[i] / (1 + expf (-values[i]));
}

static float
gelu_of (float x)
{
  return 0.5f * x * (1 + erff (x * (float) M_SQRT1_2));
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
    values[i] = values[i] / (1 + expf (-1.702f * values[i]));
}

static void
gelu_tanh (float *values, int64_t count)
{
  for (int64_t i = 0; i < count; i++)
    {
      float x = values[i];
      values[i] = 0.5f * x * (1 + tanhf (0.79788456080286536f * (x + 0.044715f * x * x * x)));
    }
}

static void
relu (float *values, int64_t count)
{
  for (int64_t i = 0; i < count; i++)
    values[i] = fmaxf (values[i], 0);
}

static void
channel_moments (const float *restrict x, int64_t rows, int64_t channels, float *restrict means, float *restrict squares)
{
  for (int64_t c = 0; c < channels; c++)
    {
      double sum = 0, square = 0;
      for (int64_t r = 0; r < rows; r++)
        sum += x[r * channels + c];
      double mean = sum / (double) rows;
      for (int64_t r = 0; r < rows; r++)
        square += (x[r * channels + c] - mean) * (x[r * channels + c] - mean);
      means[c] = (float) mean;
      squares[c] = (float) square;
    }
}

static void
scale_shift (const float *restrict x, float *restrict to, const float *restrict scale, const float *restrict shift,
             int64_t rows, int64_t channels, bool with_silu)
{
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < channels; c++)
      {
        float value = x[r * channels + c] * scale[c] + shift[c];
        to[r * channels + c] = with_silu ? value / (1 + expf (-value)) : value;
      }
}

static void
layer_norm (const float *restrict x, float *restrict to, const float *restrict scale, const float *restrict shift,
            int64_t rows, int64_t channels, float epsilon)
{
  for (int64_t r = 0; r < rows; r++)
    {
      const float *row = x + r * channels;
      double sum = 0, square = 0;
      for (int64_t c = 0; c < channels; c++)
        sum += row[c];
      double mean = sum / (double) channels;
      for (int64_t c = 0; c < channels; c++)
        square += (row[c] - mean) * (row[c] - mean);
      double factor = 1 / sqrt (square / (double) channels + epsilon);
      for (int64_t c = 0; c < channels; c++)
        to[r * channels + c] = (float) ((row[c] - mean) * factor) * scale[c] + shift[c];
    }
}

static void
fourier (float *restrict re, float *restrict im, int64_t stride, int64_t count, int64_t channels,
         const float *restrict roots, float *restrict scratch)
{
  for (int64_t c = 0; c < channels; c++)
    {
      for (int64_t k = 0; k < count; k++)
        {
          double real = 0, imaginary = 0;
          for (int64_t n = 0; n < count; n++)
            {
              double cosine = roots[2 * (k * n % count)], sine = roots[2 * (k * n % count) + 1];
              real += re[n * stride + c] * cosine + im[n * stride + c] * sine;
              imaginary += im[n * stride + c] * cosine - re[n * stride + c] * sine;
            }
          scratch[2 * k] = (float) real;
          scratch[2 * k + 1] = (float) imaginary;
        }
      for (int64_t k = 0; k < count; k++)
        {
          re[k * stride + c] = scratch[2 * k];
          im[k * stride + c] = scratch[2 * k + 1];
        }
    }
}

static const CKernels reference = {
  .name = "reference",
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

const CKernels *
ckernels_reference (void)
{
  return &reference;
}
