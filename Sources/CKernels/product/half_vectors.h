/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The micro-kernel of halves on vectors: as that of floats, but a broadcast pair of a row's values meets pairs of weights.
 *
 *   ADD_PAIRS (sums, pairs of weights, a pair of the row in every lane)
 *
 * PairSums are what it adds to: LANES floats, or for float16 twice as many halves, of which a lane's two go with the even
 * and odd depths.  Those are turned into floats every RUN products, since halves lose what is small beside their sum.
 */
#if defined(SUMS_ARE_HALVES)
typedef _Float16 PairSums __attribute__ ((vector_size (4 * LANES)));
enum { RUN = 128 };
#define SUMS_TO_FLOATS(sums) floats_of_pairs (sums)

INLINE Vector
floats_of_pairs (PairSums sums)
{
  IntVector words = (IntVector) sums;
  Halves even = __builtin_convertvector (words, Halves), odd = __builtin_convertvector (words >> 16, Halves);
  return widen_half ((const uint16_t *) &even) + widen_half ((const uint16_t *) &odd);
}
#else
typedef Vector PairSums;
enum { RUN = DEPTH };
#define SUMS_TO_FLOATS(sums) (sums)
#endif

/* C[rows][vectors LANES] (+)= A[rows][depth] B[depth][vectors LANES].  Returns whether all sums were finite: else C is as it
 * was. */
INLINE bool
half_tile (const int rows, const int vectors, int64_t depth, const Half *a, const Half *b, float *c, bool accumulate)
{
  Vector totals[ROWS][VECTORS];
  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int j = 0; j < vectors; j++)
      totals[i][j] = (Vector) { 0 };
  for (int64_t start = 0; start < depth; start += RUN)
    {
      PairSums sums[ROWS][VECTORS];
      int64_t end = least (depth, start + RUN);
      UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int j = 0; j < vectors; j++)
          sums[i][j] = (PairSums) { 0 };
#pragma clang loop unroll_count(2)
      for (int64_t k = start; k < end; k += 2)
        {
          IntVector right[VECTORS];
          UNROLL for (int j = 0; j < vectors; j++)
            right[j] = *(const MemoryIntVector *) (b + k * NR + j * LANES * 2);
          UNROLL for (int i = 0; i < rows; i++)
            {
              int32_t pair;
              memcpy (&pair, a + i * HALF_STRIDE + k, sizeof pair);
              IntVector left = pair - (IntVector) { 0 };
              UNROLL for (int j = 0; j < vectors; j++)
                sums[i][j] = ADD_PAIRS (sums[i][j], right[j], left);
            }
        }
      UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int j = 0; j < vectors; j++)
          totals[i][j] += SUMS_TO_FLOATS (sums[i][j]);
    }
#if defined(SUMS_ARE_HALVES)
  IntVector bits = { 0 };
  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int j = 0; j < vectors; j++)
      bits = larger_magnitude (bits, totals[i][j]);
  if (!(largest_magnitude (bits) < INFINITY))
    return false;
#endif
  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int j = 0; j < vectors; j++)
      {
        float *to = c + i * NR + j * LANES;
        store (to, accumulate ? load (to) + totals[i][j] : totals[i][j]);
      }
  return true;
}

typedef bool (*HalfTile) (int64_t depth, const Half *a, const Half *b, float *c, bool accumulate);

#define HALF_TILE(rows, vectors)                                                                                       \
  static bool half_tile_##rows##_##vectors (int64_t depth, const Half *a, const Half *b, float *c, bool accumulate)    \
  {                                                                                                                    \
    return half_tile (rows, vectors, depth, a, b, c, accumulate);                                                      \
  }
#define HALF_TILE_NAME(rows, vectors) half_tile_##rows##_##vectors,

EACH_OF (ROWS) (HALF_TILE, 1)
EACH_OF (ROWS) (HALF_TILE, 2)

/* [vectors - 1][rows - 1] */
static const HalfTile half_tiles[VECTORS][ROWS] = {
  { EACH_OF (ROWS) (HALF_TILE_NAME, 1) },
  { EACH_OF (ROWS) (HALF_TILE_NAME, 2) },
};

INLINE bool
multiply_half_tile (int64_t rows, int64_t columns, int64_t depth, const Half *a, const Half *b, float *c, bool accumulate)
{
  return half_tiles[divide_up (columns, LANES) - 1][rows - 1](depth, a, b, c, accumulate);
}

/* As `exercise`, of these instructions. */
static int64_t
exercise_halves (int64_t iterations, float *numbers)
{
  PairSums sums[ROWS][VECTORS];
  IntVector factor = (IntVector) spread (numbers[0]), other = (IntVector) spread (numbers[1]);
  UNROLL for (int i = 0; i < ROWS; i++)
    UNROLL for (int j = 0; j < VECTORS; j++)
      sums[i][j] = (PairSums) { 0 };
#pragma clang loop unroll(disable)
  for (int64_t iteration = 0; iteration < iterations; iteration++)
    UNROLL for (int i = 0; i < ROWS; i++)
      UNROLL for (int j = 0; j < VECTORS; j++)
        sums[i][j] = ADD_PAIRS (sums[i][j], factor, other);
  for (int i = 0; i < ROWS; i++)
    for (int j = 0; j < VECTORS; j++)
      numbers[0] += SUMS_TO_FLOATS (sums[i][j])[0];
  return iterations * ROWS * VECTORS * LANES * 2 * 2;
}
