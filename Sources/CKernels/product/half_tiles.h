/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The micro-kernel of halves on AMX: eight registers are tiles of 16 rows of 64 bytes.  One instruction multiplies 16 rows
 * of 32 halves with pairs of weights in 16 columns, and adds to 16 x 16 floats.
 *
 *                            B: 6 | 7      16 pairs of depths x 2 x 16 columns
 *
 *     A: 4   rows 0 ... 15   C: 0 | 1
 *        5   rows 16 ... 31     2 | 3
 *
 *   TILES_MULTIPLY (c, a, b)   the instruction, with the registers' numbers
 *   TILES_CONFIGURE (shape)    and the others: see amx.h
 *
 * Rows and columns beyond those wanted are multiplied, too, as far as a register goes: of rows from whatever lies there.
 */

/* C[rows][columns] (+)= A[rows][depth] B[depth][columns], depth a multiple of 32, C with `c_stride` floats a row. */
INLINE void
half_tile (const bool lower, const bool right, int64_t depth, const Half *a, const Half *b, float *c, int64_t c_stride,
           bool accumulate)
{
  enum { SIDE = 16, STEP = 32 };
  const int64_t row = HALF_STRIDE * sizeof (Half), pairs = 2 * NR * sizeof (Half);
  float *below = c + SIDE * c_stride;
  c_stride *= sizeof (float);
  TILES_ZERO (0);
  TILES_ZERO (1);
  TILES_ZERO (2);
  TILES_ZERO (3);
  if (accumulate)
    {
      TILES_LOAD (0, c, c_stride);
      if (right)
        TILES_LOAD (1, c + SIDE, c_stride);
      if (lower)
        TILES_LOAD (2, below, c_stride);
      if (lower && right)
        TILES_LOAD (3, below + SIDE, c_stride);
    }
#pragma clang loop unroll(disable)
  for (int64_t k = 0; k < depth; k += STEP)
    {
      TILES_LOAD (4, a + k, row);
      TILES_LOAD (6, b + k * NR, pairs);
      TILES_MULTIPLY (0, 4, 6);
      if (right)
        {
          TILES_LOAD (7, b + k * NR + 2 * SIDE, pairs);
          TILES_MULTIPLY (1, 4, 7);
        }
      if (lower)
        {
          TILES_LOAD (5, a + SIDE * HALF_STRIDE + k, row);
          TILES_MULTIPLY (2, 5, 6);
          if (right)
            TILES_MULTIPLY (3, 5, 7);
        }
    }
  TILES_STORE (0, c, c_stride);
  if (right)
    TILES_STORE (1, c + SIDE, c_stride);
  if (lower)
    TILES_STORE (2, below, c_stride);
  if (lower && right)
    TILES_STORE (3, below + SIDE, c_stride);
}

static void
multiply_half_tile_at (int64_t rows, int64_t columns, int64_t depth, const Half *a, const Half *b, float *c, int64_t c_stride,
                       bool accumulate)
{
  if (rows > 16 && columns > 16)
    half_tile (true, true, depth, a, b, c, c_stride, accumulate);
  else if (rows > 16)
    half_tile (true, false, depth, a, b, c, c_stride, accumulate);
  else if (columns > 16)
    half_tile (false, true, depth, a, b, c, c_stride, accumulate);
  else
    half_tile (false, false, depth, a, b, c, c_stride, accumulate);
}

/* Always true: the sums are floats. */
INLINE bool
multiply_half_tile (int64_t rows, int64_t columns, int64_t depth, const Half *a, const Half *b, float *c, bool accumulate)
{
  multiply_half_tile_at (rows, columns, depth, a, b, c, NR, accumulate);
  return true;
}

/* All eight registers with 16 rows of 64 bytes, until `end_tiles`. */
INLINE void
begin_tiles (void)
{
  static const struct {
    uint8_t  palette, first_row, zeros[14];
    uint16_t row_bytes[16];
    uint8_t  rows[16];
  } __attribute__ ((aligned (64))) shape = {
    .palette = 1,
    .row_bytes = { 64, 64, 64, 64, 64, 64, 64, 64 },
    .rows = { 16, 16, 16, 16, 16, 16, 16, 16 },
  };
  TILES_CONFIGURE (&shape);
}

INLINE void
end_tiles (void)
{
  TILES_RELEASE ();
}

/* As `exercise`, of these instructions. */
static int64_t
exercise_halves (int64_t iterations, float *numbers)
{
  float sums[16 * 16];
  begin_tiles ();
  for (int64_t iteration = 0; iteration < iterations; iteration++)
    {
      TILES_MULTIPLY (0, 4, 6);
      TILES_MULTIPLY (1, 4, 7);
      TILES_MULTIPLY (2, 5, 6);
      TILES_MULTIPLY (3, 5, 7);
    }
  TILES_STORE (0, sums, 64);
  end_tiles ();
  numbers[0] += sums[0];
  return iterations * 4 * 16 * 16 * 32 * 2;
}
