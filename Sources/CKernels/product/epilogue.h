/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What happens to sums when they are complete, on their way to the result. */

/* sum + bias + vector + residual at an output; `vector` is NULL or the vector of the sum's row. */
INLINE Vector
complete (const CProductEpilogue *epilogue, Vector sum, const float *vector, int64_t row, int64_t output,
          int64_t count)
{
  if (epilogue->bias)
    sum += load_some (epilogue->bias + output, count);
  if (vector)
    sum += load_some (vector + output, count);
  if (epilogue->residual)
    sum += load_some (epilogue->residual + row * epilogue->residual_stride + output, count);
  return sum;
}

INLINE const float *
vector_of_row (const CProduct *product, int64_t row)
{
  const CProductEpilogue *epilogue = &product->epilogue;
  if (!epilogue->vectors)
    return NULL;
  return epilogue->vectors + row / epilogue->rows_per_vector * product->weights.outputs;
}

/* Brings the places of a tile's results near, before the micro-kernel runs that makes them. */
INLINE void
approach_results (const CProduct *product, int64_t rows, int64_t row, int64_t panel)
{
  const CProductEpilogue *epilogue = &product->epilogue;
  int64_t column = panel_column (&product->weights, panel);
  float *out = product->out + row * product->out_stride + column;
  for (int64_t i = 0; i < rows; i++)
    for (int64_t c = 0; c < NR; c += LINE / 4)
      __builtin_prefetch (out + i * product->out_stride + c, 1);
  if (epilogue->residual)
    {
      const float *residual = epilogue->residual + row * epilogue->residual_stride;
      residual += panel_output (&product->weights, panel);
      for (int64_t i = 0; i < rows; i++)
        for (int64_t c = 0; c < NR; c += LINE / 4)
          __builtin_prefetch (residual + i * epilogue->residual_stride + c);
    }
}

/* One row of a tile, `width` columns of it, to `out`.  Of gated weights, the gate's tile lies after the value's. */
INLINE void
finish_row (const CProduct *product, const float *sums, int64_t row, int64_t column, int64_t width, float *out)
{
  const CProductWeights *weights = &product->weights;
  const CProductEpilogue *epilogue = &product->epilogue;
  const float *vector = vector_of_row (product, row);
  for (int64_t c = 0; c < width; c += LANES)
    {
      int64_t count = least (LANES, width - c), output = column + c;
      Vector sum = complete (epilogue, load (sums + c), vector, row, output, count);
      if (weights->gated)
        {
          output += weights->outputs / 2;
          sum *= gelu (complete (epilogue, load (sums + group_floats (weights) + c), vector, row, output, count));
        }
      else
        sum = activate (sum, epilogue->activation);
      store_some (out + c, sum, count);
    }
}

/* A tile of complete sums, [rows][NR], to the result's rows from `row` on. */
static void
finish_tile (const CProduct *product, const float *sums, int64_t rows, int64_t row, int64_t panel)
{
  const CProductEpilogue *epilogue = &product->epilogue;
  int64_t column = panel_column (&product->weights, panel), width = panel_width (&product->weights, panel);
  float *out = product->out + row * product->out_stride + column;
  bool plain = !product->weights.gated && epilogue->activation == CPRODUCT_NONE && !epilogue->vectors;
  if (plain && width == NR && epilogue->bias)
    for (int64_t i = 0; i < rows; i++, out += product->out_stride)
      UNROLL for (int j = 0; j < VECTORS; j++)
        {
          Vector sum = load (sums + i * NR + j * LANES) + load (epilogue->bias + column + j * LANES);
          if (epilogue->residual)
            sum += load (epilogue->residual + (row + i) * epilogue->residual_stride + column + j * LANES);
          store (out + j * LANES, sum);
        }
  else if (width == NR)
    for (int64_t i = 0; i < rows; i++, out += product->out_stride)
      finish_row (product, sums + i * NR, row + i, column, NR, out);
  else
    for (int64_t i = 0; i < rows; i++, out += product->out_stride)
      finish_row (product, sums + i * NR, row + i, column, width, out);
}
