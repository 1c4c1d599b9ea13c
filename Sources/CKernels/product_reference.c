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

/* The left matrix at a channel and tap of a row. */
static double
value_at (const CProductRows *rows, int64_t row, int64_t channel, int64_t tap)
{
  int64_t width = cproduct_out_width (rows), height = cproduct_out_height (rows);
  int64_t left = row % width * rows->stride - rows->before, top = row / width % height * rows->stride - rows->before;

  return pixel_at (rows, row / width / height, top + tap / rows->kernel, left + tap % rows->kernel, channel);
}

/* A sum with all that is added to it. */
static double
complete (const CProduct *product, double sum, int64_t row, int64_t output)
{
  const CProductEpilogue *epilogue = &product->epilogue;

  if (epilogue->bias)
    sum += epilogue->bias[output];
  if (epilogue->vectors)
    sum += epilogue->vectors[row / epilogue->rows_per_vector * product->weights.outputs + output];
  if (epilogue->residual)
    sum += epilogue->residual[row * epilogue->residual_stride + output];
  return sum;
}

/* One result from its sum, of gated weights from the gate's too. */
static void
finish (const CProduct *product, double sum, double gate, int64_t row, int64_t n)
{
  sum = complete (product, sum, row, n);
  if (product->weights.gated)
    sum *= activate (complete (product, gate, row, product->weights.outputs / 2 + n), CPRODUCT_GELU);
  else
    sum = activate (sum, product->epilogue.activation);
  product->out[row * product->out_stride + n] = (float) sum;
}

/* room[output][channel][tap]: the weights. */
static void
read_weights (const CProductWeights *weights, const void *file, double *room)
{
  for (int64_t i = 0; i < weights->outputs * weights->channels * weights->taps; i++)
    room[i] = weight_at (weights, file, i);
}

/* values[channel][tap]: a row of the left matrix. */
static void
read_row (const CProduct *product, int64_t row, double *values)
{
  int64_t taps = product->weights.taps;

  for (int64_t i = 0; i < product->weights.channels * taps; i++)
    values[i] = value_at (&product->rows, row, i / taps, i % taps);
}

static double
sum_of (const double *weights, const double *values, int64_t depth)
{
  double sum = 0;

  for (int64_t i = 0; i < depth; i++)
    sum += weights[i] * values[i];
  return sum;
}

static void
multiply_row (const CProduct *product, int64_t row, const double *weights, const double *values)
{
  int64_t depth = product->weights.channels * product->weights.taps;
  bool    gated = product->weights.gated;
  int64_t outputs = gated ? product->weights.outputs / 2 : product->weights.outputs;

  for (int64_t n = 0; n < outputs; n++)
    finish (product, sum_of (weights + n * depth, values, depth),
            gated ? sum_of (weights + (outputs + n) * depth, values, depth) : 0, row, n);
}

void
cproduct_reference (const CProduct *product, const void *file, double *room)
{
  const CProductWeights *weights = &product->weights;
  int64_t rows = cproduct_row_count (&product->rows);
  double *values = room + weights->outputs * weights->channels * weights->taps;

  read_weights (weights, file, room);
  for (int64_t row = 0; row < rows; row++)
    {
      read_row (product, row, values);
      multiply_row (product, row, room, values);
    }
}

/* values[channel][tap] for some channels and taps, to whole numbers of a step, of which the largest has `levels`; in float,
 * since which way a value goes that is between two may hang on its last bit. */
static void
quantize (double *values, int64_t all_taps, int64_t channel, int64_t channels, int64_t tap, int64_t taps, int32_t levels)
{
  float largest = 0;

  for (int pass = 0; pass < 2; pass++)
    for (int64_t c = channel; c < channel + channels; c++)
      for (int64_t t = tap; t < tap + taps; t++)
        {
          double *value = values + c * all_taps + t;
          if (pass == 0)
            largest = fmaxf (largest, fabsf ((float) *value));
          else if (largest > 0)
            *value = nearbyintf ((float) *value * (levels / largest)) * ((double) largest / levels);
        }
}

/* A row's K blocks: parts of about the same size, of one tap's channels or of taps. */
static void
quantize_blocks (const CProductWeights *weights, double *row, int32_t levels)
{
  int64_t quads = (weights->channels + CPRODUCT_QUAD - 1) / CPRODUCT_QUAD, most = CPRODUCT_DEPTH / CPRODUCT_QUAD;
  int64_t channel_parts = (quads + most - 1) / most, together = most / quads > 0 ? most / quads : 1;
  int64_t tap_parts = (weights->taps + together - 1) / together, taps = (weights->taps + tap_parts - 1) / tap_parts;
  int64_t channels = (weights->channels + channel_parts - 1) / channel_parts;
  channels = (channels + CPRODUCT_QUAD - 1) / CPRODUCT_QUAD * CPRODUCT_QUAD;

  for (int64_t t = 0; t < weights->taps; t += taps)
    for (int64_t c = 0; c < weights->channels; c += channels)
      quantize (row, weights->taps, c, weights->channels - c < channels ? weights->channels - c : channels, t,
                weights->taps - t < taps ? weights->taps - t : taps, levels);
}

/* The nearest number of so many bits, of which the smallest exponent is so much; of two that are as near, the even one. */
static double
rounded (double value, int bits, int smallest)
{
  int exponent;

  if (!isfinite (value) || value == 0)
    return value;
  frexp (value, &exponent);
  double step = ldexp (1, (exponent > smallest ? exponent : smallest) - bits);
  return nearbyint (value / step) * step;
}

static void
round_to_halves (double *values, int64_t count, CProductFormat kind)
{
  for (int64_t i = 0; i < count; i++)
    values[i] = kind == CPRODUCT_FLOAT16 ? rounded (values[i], 11, -13) : rounded (values[i], 8, -125);
}

void
cproduct_narrow_reference (const CProduct *product, const void *file, int32_t levels, CProductFormat halves, double *room)
{
  const CProductWeights *weights = &product->weights;
  bool    whole = weights->numbers == CPRODUCT_WHOLE_NUMBERS;
  int64_t rows = cproduct_row_count (&product->rows), depth = weights->channels * weights->taps;
  double *values = room + weights->outputs * depth;

  read_weights (weights, file, room);
  if (!whole)
    round_to_halves (room, weights->outputs * depth, halves);
  for (int64_t output = 0; whole && output < weights->outputs; output++)
    quantize (room + output * depth, weights->taps, 0, weights->channels, 0, weights->taps, 127);
  for (int64_t row = 0; row < rows; row++)
    {
      read_row (product, row, values);
      if (!whole)
        round_to_halves (values, depth, halves);
      else if (levels > 0)
        quantize_blocks (weights, values, levels);
      multiply_row (product, row, room, values);
    }
}
