/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What a product means: plain loops, sums in double. */
#include "include/cproduct.h"
#include "include/ckernels.h"
#include <math.h>

static double
weight_at (const CProductWeights *weights, const void *file, int64_t index)
{
  float value;

  switch (weights->format)
    {
    case CPRODUCT_FLOAT32:
      return ((const float *) file)[index];
    case CPRODUCT_FLOAT16:
      ckernels_reference ()->half_to_float ((const uint16_t *) file + index, &value, 1);
      return value;
    case CPRODUCT_BFLOAT16:
      ckernels_reference ()->bfloat_to_float ((const uint16_t *) file + index, &value, 1);
      return value;
    }
  return NAN;
}

/* A channel at (y, x) of the enlarged, normalised picture with its border. */
static double
pixel_at (const CProductRows *rows, int64_t image, int64_t y, int64_t x, int64_t channel)
{
  const CProductSource *source = channel < rows->first.channels ? &rows->first : &rows->second;
  int64_t own = channel < rows->first.channels ? channel : channel - rows->first.channels;
  int64_t all = rows->first.channels + rows->second.channels;

  int64_t height = rows->height * rows->upsample, width = rows->width * rows->upsample;
  if (rows->mirrored)
    {
      y = y < 0 ? -y : y < height ? y : 2 * (height - 1) - y;
      x = x < 0 ? -x : x < width ? x : 2 * (width - 1) - x;
    }
  else if (y < 0 || y >= height || x < 0 || x >= width)
    return 0;
  int64_t pixel = (image * rows->height + y / rows->upsample) * rows->width + x / rows->upsample;
  double value = source->pixels[pixel * source->stride + own];
  if (rows->scale)
    value = value * rows->scale[image * all + channel] + rows->shift[image * all + channel];
  return rows->silu ? value / (1 + exp (-value)) : value;
}

static double
activate (double x, CProductActivation activation)
{
  switch (activation)
    {
    case CPRODUCT_NONE:
      return x;
    case CPRODUCT_SILU:
      return x / (1 + exp (-x));
    case CPRODUCT_GELU:
      return 0.5 * x * (1 + erf (x * M_SQRT1_2));
    case CPRODUCT_QUICK_GELU:
      return x / (1 + exp (-1.702 * x));
    case CPRODUCT_GELU_TANH:
      return 0.5 * x * (1 + tanh (0.5 * M_2_SQRTPI * M_SQRT2 * (x + 0.044715 * x * x * x)));
    case CPRODUCT_RELU:
      return x > 0 ? x : 0;
    }
  return NAN;
}

/* One sum with all that is added to it. */
static double
sum_at (const CProduct *product, const void *file, int64_t row, int64_t output)
{
  const CProductRows *rows = &product->rows;
  const CProductWeights *weights = &product->weights;
  const CProductEpilogue *epilogue = &product->epilogue;
  int64_t width = cproduct_out_width (rows), height = cproduct_out_height (rows);
  int64_t left = row % width * rows->stride - rows->before, top = row / width % height * rows->stride - rows->before;
  double sum = 0;

  for (int64_t channel = 0; channel < weights->channels; channel++)
    for (int64_t tap = 0; tap < weights->taps; tap++)
      sum += weight_at (weights, file, (output * weights->channels + channel) * weights->taps + tap)
             * pixel_at (rows, row / width / height, top + tap / rows->kernel, left + tap % rows->kernel, channel);
  if (epilogue->bias)
    sum += epilogue->bias[output];
  if (epilogue->vectors)
    sum += epilogue->vectors[row / epilogue->rows_per_vector * weights->outputs + output];
  if (epilogue->residual)
    sum += epilogue->residual[row * epilogue->residual_stride + output];
  return sum;
}

void
cproduct_reference (const CProduct *product, const void *file)
{
  const CProductWeights *weights = &product->weights;
  int64_t rows = cproduct_row_count (&product->rows), half = weights->outputs / 2;

  for (int64_t row = 0; row < rows; row++)
    for (int64_t n = 0; n < (weights->gated ? half : weights->outputs); n++)
      {
        double sum = sum_at (product, file, row, n);
        if (weights->gated)
          sum *= activate (sum_at (product, file, row, half + n), CPRODUCT_GELU);
        else
          sum = activate (sum, product->epilogue.activation);
        product->out[row * product->out_stride + n] = (float) sum;
      }
}
