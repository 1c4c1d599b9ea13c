/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Products of halves.  Adjacent depths lie in pairs, in a row and of weights:
 *
 *     [k / 2][ column 0: k, k + 1 | column 1 | ... | column NR - 1 ]
 *
 * A group of rows with a value that float16 does not hold, and a tile whose sums it does not, are multiplied as floats:
 * slowly, since rows and panels are made anew for each other.
 */
#if defined(HALVES)
#if defined(TILES_MULTIPLY)
#include "half_tiles.h"
#else
#include "half_vectors.h"
#endif

/* Rows of the left matrix as halves at HALF_STRIDE, by way of `gathered`.  Returns whether they hold all values. */
static bool
gather_halves (const CProductRows *rows, const DepthBlock *block, int64_t first, int64_t count, float *gathered, Half *to)
{
  IntVector bits = { 0 };
  int64_t pieces = divide_up (count, ROWS);
  for (int64_t i = 0; i < pieces; i++)
    {
      int64_t start = part (count, i, pieces), some = part (count, i + 1, pieces) - start;
      gather (rows, block, first + start, some, gathered);
      for (int64_t r = 0; r < some; r++)
        {
          const float *from = gathered + r * ROW_STRIDE;
          to_halves (from, block->depth, to + (start + r) * HALF_STRIDE);
          if (HALF_LIMIT < INFINITY)
            for (int64_t k = 0; k < block->depth; k += LANES)
              bits = larger_magnitude (bits, load_some (from + k, block->depth - k));
        }
    }
  return largest_magnitude (bits) < HALF_LIMIT;
}

/* A panel's K block as floats, [depth][NR]. */
INLINE void
widen_pairs (const Half *from, int64_t depth, float *to)
{
  for (int64_t k = 0; k < depth; k++)
    for (int64_t n = 0; n < NR; n += LANES)
      {
        Half columns[LANES];
        for (int64_t i = 0; i < LANES; i++)
          columns[i] = from[(k / 2 * NR + n + i) * 2 + k % 2];
        store (to + k * NR + n, HALF_KIND == CPRODUCT_FLOAT16 ? widen_half (columns) : widen_bfloat (columns));
      }
}

/* A group's product with one panel of a K block; `halves` NULL: as floats. */
static void
multiply_halves (const CProductRows *rows, const DepthBlock *block, int64_t first, int64_t count, int64_t columns,
                 const Half *halves, const Half *panel, float *to, bool accumulate, float *gathered, float *room)
{
  if (halves && multiply_half_tile (count, columns, block->depth, halves, panel, to, accumulate))
    return;
  widen_pairs (panel, block->depth, room);
  int64_t pieces = divide_up (count, ROWS);
  for (int64_t i = 0; i < pieces; i++)
    {
      int64_t start = part (count, i, pieces), some = part (count, i + 1, pieces) - start;
      gather (rows, block, first + start, some, gathered);
      tile_for (some, columns) (block->depth, gathered, room, to + start * NR, NR, accumulate);
    }
}
#else
/* Never called: no layer is of halves. */
static bool
gather_halves (const CProductRows *rows, const DepthBlock *block, int64_t first, int64_t count, float *gathered, Half *to)
{
  (void) rows, (void) block, (void) first, (void) count, (void) gathered, (void) to;
  return false;
}

static void
multiply_halves (const CProductRows *rows, const DepthBlock *block, int64_t first, int64_t count, int64_t columns,
                 const Half *halves, const Half *panel, float *to, bool accumulate, float *gathered, float *room)
{
  (void) rows, (void) block, (void) first, (void) count, (void) columns, (void) halves, (void) panel, (void) to;
  (void) accumulate, (void) gathered, (void) room;
}
#endif

#if !defined(TILES_MULTIPLY)
INLINE void
begin_tiles (void)
{
}

INLINE void
end_tiles (void)
{
}
#endif
