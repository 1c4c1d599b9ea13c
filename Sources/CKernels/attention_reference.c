/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What attention means: plain loops in double. */
#include "include/cproduct.h"
#include <math.h>

static double
score_of (const CAttention *attention, int64_t query, const float *key)
{
  double sum = 0;

  for (int64_t c = 0; c < attention->width; c++)
    sum += (double) attention->queries[query * attention->query_stride + c] * key[c];
  return sum * attention->scale;
}

void
cattention_reference (const CAttention *attention, const float *keys, const float *values, int64_t stride, double *room)
{
  for (int64_t query = 0; query < attention->query_count; query++)
    {
      int64_t seen = attention->causal && query + 1 < attention->key_count ? query + 1 : attention->key_count;
      double maximum = -INFINITY, total = 0;

      for (int64_t k = 0; k < seen; k++)
        {
          room[k] = score_of (attention, query, keys + k * stride);
          maximum = fmax (maximum, room[k]);
        }
      for (int64_t k = 0; k < seen; k++)
        {
          room[k] = exp (room[k] - maximum);
          total += room[k];
        }
      for (int64_t c = 0; c < attention->width; c++)
        {
          double sum = 0;
          for (int64_t k = 0; k < seen; k++)
            sum += room[k] * values[k * stride + c];
          attention->out[query * attention->out_stride + c] = (float) (sum / total);
        }
    }
}
