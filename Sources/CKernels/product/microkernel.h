/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The micro-kernel: a tile of C in registers, C[rows][vectors LANES] (+)= A[rows][depth] B[depth][vectors LANES].
 *
 *                    B: a panel, NR floats for each k, streamed from the second-level cache
 *                    [k][ vector 0 | vector 1 | ... ]
 *
 *     A: rows at     C: ROWS x VECTORS accumulators that never leave their registers; with one vector of B for each
 *     ROW_STRIDE,    column and the broadcast value of A they fill the register file
 *     in the L1      [row 0][ vector 0 | vector 1 | ... ]
 *     [row][k]       [row 1][ vector 0 | vector 1 | ... ]
 *
 * Every number of rows and of vectors has its own copy, so that all loops over them are unrolled.  A small tile has two
 * or four sets of sums, for different k: a fused multiply-add takes four cycles, and two may begin in each.
 */

/* One k: sums += column of A x row of B. */
INLINE void
add_outer_product (const int rows, const int vectors, const float *a, const float *b, Vector sums[ROWS][VECTORS])
{
  Vector right[VECTORS];
  UNROLL for (int j = 0; j < vectors; j++)
    right[j] = load (b + j * LANES);
  UNROLL for (int i = 0; i < rows; i++)
    {
      float left = a[i * ROW_STRIDE];
      UNROLL for (int j = 0; j < vectors; j++)
        sums[i][j] = left * right[j] + sums[i][j];
    }
}

INLINE void
tile (const int rows, const int vectors, int64_t depth, const float *a, const float *b, float *c, int64_t c_stride,
      bool accumulate)
{
  const int room = ROWS * VECTORS / (rows * vectors), sets = room >= 4 ? 4 : room >= 2 ? 2 : 1;
  Vector sums[4][ROWS][VECTORS];
  UNROLL for (int s = 0; s < sets; s++)
    UNROLL for (int i = 0; i < rows; i++)
      UNROLL for (int j = 0; j < vectors; j++)
        sums[s][i][j] = (Vector) { 0 };
  if (accumulate)
    UNROLL for (int i = 0; i < rows; i++)
      UNROLL for (int j = 0; j < vectors; j++)
        __builtin_prefetch (c + i * c_stride + j * LANES, 1);

  int64_t k = 0;
#pragma clang loop unroll(disable)
  for (; sets > 1 && k + sets <= depth; k += sets)
    UNROLL for (int s = 0; s < sets; s++)
      add_outer_product (rows, vectors, a + k + s, b + (k + s) * NR, sums[s]);
  UNROLL for (int s = 1; s < sets; s++)
    UNROLL for (int i = 0; i < rows; i++)
      UNROLL for (int j = 0; j < vectors; j++)
        sums[0][i][j] += sums[s][i][j];
#pragma clang loop unroll_count(4)
  for (; k < depth; k++)
    add_outer_product (rows, vectors, a + k, b + k * NR, sums[0]);

  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int j = 0; j < vectors; j++)
      {
        float *to = c + i * c_stride + j * LANES;
        store (to, accumulate ? load (to) + sums[0][i][j] : sums[0][i][j]);
      }
}

typedef void (*Tile) (int64_t depth, const float *a, const float *b, float *c, int64_t c_stride, bool accumulate);

#define TILE(rows, vectors)                                                                                            \
  static void tile_##rows##_##vectors (int64_t depth, const float *a, const float *b, float *c, int64_t c_stride,      \
                                       bool accumulate)                                                                \
  {                                                                                                                    \
    tile (rows, vectors, depth, a, b, c, c_stride, accumulate);                                                        \
  }
#define TILE_NAME(rows, vectors) tile_##rows##_##vectors,
#define EACH_6(f, v) f (1, v) f (2, v) f (3, v) f (4, v) f (5, v) f (6, v)
#define EACH_8(f, v) EACH_6 (f, v) f (7, v) f (8, v)
#define EACH_14(f, v) EACH_8 (f, v) f (9, v) f (10, v) f (11, v) f (12, v) f (13, v) f (14, v)
#define PASTE(a, b) a##b
#define EACH_OF(n) PASTE (EACH_, n)

EACH_OF (ROWS) (TILE, 1)
EACH_OF (ROWS) (TILE, 2)
#if VECTORS == 3
EACH_OF (ROWS) (TILE, 3)
#endif

/* [vectors - 1][rows - 1] */
static const Tile tiles[VECTORS][ROWS] = {
  { EACH_OF (ROWS) (TILE_NAME, 1) },
  { EACH_OF (ROWS) (TILE_NAME, 2) },
#if VECTORS == 3
  { EACH_OF (ROWS) (TILE_NAME, 3) },
#endif
};

/* The micro-kernel for a tile of 1 ... ROWS rows, of which the first `columns` (1 ... NR) are wanted. */
INLINE Tile
tile_for (int64_t rows, int64_t columns)
{
  return tiles[divide_up (columns, LANES) - 1][rows - 1];
}

#if !defined(HALVES)
/* The micro-kernel without its memory: as many multiplications and additions as a thread can do. */
static int64_t
exercise (int64_t iterations, float *numbers)
{
  Vector sums[ROWS][VECTORS], factor = spread (numbers[0]), addend = spread (numbers[1]);
  UNROLL for (int i = 0; i < ROWS; i++)
    UNROLL for (int j = 0; j < VECTORS; j++)
      sums[i][j] = spread ((float) (i * VECTORS + j));
#pragma clang loop unroll(disable)
  for (int64_t iteration = 0; iteration < iterations; iteration++)
    UNROLL for (int i = 0; i < ROWS; i++)
      UNROLL for (int j = 0; j < VECTORS; j++)
        sums[i][j] = sums[i][j] * factor + addend;
  for (int i = 0; i < ROWS; i++)
    for (int j = 0; j < VECTORS; j++)
      numbers[0] += sums[i][j][0];
  return iterations * ROWS * VECTORS * LANES * 2;
}
#endif
