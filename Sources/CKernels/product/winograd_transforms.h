/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The three transforms of Winograd's F(4x4, 3x3) with the points 0, 1, -1, 2, -2 and infinity (Lavin and Gray 2016):
 * Y = A^T [(G g G^T) * (B^T d B)] A.  Each is done down the columns first, then along the rows. */

enum {
  RESULTS = 4,                     /* a tile's side in the result */
  PATCH = RESULTS + 2,             /* and in the picture */
  POSITIONS = PATCH * PATCH,       /* products */
  TAPS = 9,
};

/* d <- B^T d */
INLINE void
transform_six_pixels (Vector d[PATCH])
{
  Vector a = d[4] - 4.0f * d[2], b = d[3] - 4.0f * d[1], c = d[4] - d[2], e = 2.0f * (d[3] - d[1]);
  Vector first = 4.0f * d[0] - 5.0f * d[2] + d[4], last = 4.0f * d[1] - 5.0f * d[3] + d[5];
  d[0] = first;
  d[1] = a + b;
  d[2] = a - b;
  d[3] = c + e;
  d[4] = c - e;
  d[5] = last;
}

/* u <- G g */
INLINE void
transform_three_weights (const Vector g[3], Vector u[PATCH])
{
  Vector ends = g[0] * (1.0f / 24) + g[2] * (1.0f / 6), middle = g[1] * (1.0f / 12);
  Vector sum = (g[0] + g[2]) * (-1.0f / 6), centre = g[1] * (1.0f / 6);
  u[0] = g[0] * 0.25f;
  u[1] = sum - centre;
  u[2] = sum + centre;
  u[3] = ends + middle;
  u[4] = ends - middle;
  u[5] = g[2];
}

/* y <- A^T m */
INLINE void
transform_six_sums (const Vector m[PATCH], Vector y[RESULTS])
{
  Vector a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], d = m[3] - m[4];
  y[0] = m[0] + a + c;
  y[1] = b + 2.0f * d;
  y[2] = a + 4.0f * c;
  y[3] = b + 8.0f * d + m[5];
}

/* LANES channels of a patch, its pixels `pixel` and its rows `row` floats apart, to one place in each of the matrices,
 * which are `step` floats apart. */
INLINE void
transform_patch (const float *patch, int64_t pixel, int64_t row, float *to, int64_t step)
{
  Vector half[PATCH][PATCH];
  UNROLL for (int j = 0; j < PATCH; j++)
    {
      Vector column[PATCH];
      UNROLL for (int i = 0; i < PATCH; i++)
        column[i] = load (patch + i * row + j * pixel);
      transform_six_pixels (column);
      UNROLL for (int i = 0; i < PATCH; i++)
        half[i][j] = column[i];
    }
  UNROLL for (int i = 0; i < PATCH; i++)
    {
      transform_six_pixels (half[i]);
      UNROLL for (int j = 0; j < PATCH; j++)
        store (to + (i * PATCH + j) * step, half[i][j]);
    }
}

INLINE Vector
load_weights (const void *packed, CProductFormat format, int64_t index)
{
  switch (format)
    {
    case CPRODUCT_FLOAT16:
      __builtin_prefetch ((const uint16_t *) packed + index + 512);
      return widen_half ((const uint16_t *) packed + index);
    case CPRODUCT_BFLOAT16:
      __builtin_prefetch ((const uint16_t *) packed + index + 512);
      return widen_bfloat ((const uint16_t *) packed + index);
    case CPRODUCT_FLOAT32:
      break;
    }
  __builtin_prefetch ((const float *) packed + index + 256);
  return load ((const float *) packed + index);
}

/* LANES weights of each of nine taps, row by row, to one place in each of the matrices of U. */
INLINE void
transform_taps (const Vector weights[TAPS], float *to, int64_t step)
{
  Vector half[PATCH][3];
  UNROLL for (int j = 0; j < 3; j++)
    {
      Vector column[3], transformed[PATCH];
      UNROLL for (int i = 0; i < 3; i++)
        column[i] = weights[3 * i + j];
      transform_three_weights (column, transformed);
      UNROLL for (int i = 0; i < PATCH; i++)
        half[i][j] = transformed[i];
    }
  UNROLL for (int i = 0; i < PATCH; i++)
    {
      Vector transformed[PATCH];
      transform_three_weights (half[i], transformed);
      UNROLL for (int j = 0; j < PATCH; j++)
        store (to + (i * PATCH + j) * step, transformed[j]);
    }
}

/* `count` weights (whole vectors) of nine taps, each tap's at its index in `packed`, to the matrices of U. */
INLINE void
transform_weights_of (const void *packed, const CProductFormat format, const int64_t taps[TAPS], int64_t count,
                      float *to, int64_t step)
{
  for (int64_t e = 0; e < count; e += LANES)
    {
      Vector weights[TAPS];
      UNROLL for (int tap = 0; tap < TAPS; tap++)
        weights[tap] = load_weights (packed, format, taps[tap] + e);
      transform_taps (weights, to + e, step);
    }
}

/* A panel's quantized weights at `depth` channels. */
static void
transform_quantized (const uint8_t *packed, const float *scales, const int64_t taps[TAPS], int64_t depth, float *to,
                     int64_t step)
{
  for (int64_t k = 0; k < depth; k++)
    for (int64_t c = 0; c < NR; c += LANES)
      {
        Vector weights[TAPS], scale = load (scales + c);
        UNROLL for (int tap = 0; tap < TAPS; tap++)
          weights[tap] = load_quantized (packed, taps[tap], k, c) * scale;
        transform_taps (weights, to + k * NR + c, step);
      }
}

static void
transform_weights (const void *packed, CProductFormat format, const int64_t taps[TAPS], int64_t count, float *to,
                   int64_t step)
{
  if (format == CPRODUCT_FLOAT16)
    transform_weights_of (packed, CPRODUCT_FLOAT16, taps, count, to, step);
  else if (format == CPRODUCT_BFLOAT16)
    transform_weights_of (packed, CPRODUCT_BFLOAT16, taps, count, to, step);
  else
    transform_weights_of (packed, CPRODUCT_FLOAT32, taps, count, to, step);
}

/* LANES columns of a tile's sums, one value in each of the matrices, to 4x4 results.  The next tile's follow. */
INLINE void
transform_sums (const float *sums, int64_t step, Vector results[RESULTS][RESULTS])
{
  Vector half[RESULTS][PATCH];
  UNROLL for (int j = 0; j < PATCH; j++)
    {
      Vector column[PATCH], transformed[RESULTS];
      UNROLL for (int i = 0; i < PATCH; i++)
        {
          column[i] = load (sums + (i * PATCH + j) * step);
          __builtin_prefetch (sums + (i * PATCH + j) * step + NR);
        }
      transform_six_sums (column, transformed);
      UNROLL for (int i = 0; i < RESULTS; i++)
        half[i][j] = transformed[i];
    }
  UNROLL for (int i = 0; i < RESULTS; i++)
    transform_six_sums (half[i], results[i]);
}
