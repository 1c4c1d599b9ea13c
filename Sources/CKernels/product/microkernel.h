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
 * Every number of rows and of vectors has its own copy, so that all loops over them are unrolled.
 */

INLINE void
tile (const int rows, const int vectors, int64_t depth, const float *a, const float *b, float *c, int64_t c_stride,
      bool accumulate)
{
  Vector sums[ROWS][VECTORS];
  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int j = 0; j < vectors; j++)
      sums[i][j] = (Vector) { 0 };
  if (accumulate)
    UNROLL for (int i = 0; i < rows; i++)
      UNROLL for (int j = 0; j < vectors; j++)
        __builtin_prefetch (c + i * c_stride + j * LANES, 1);
#pragma clang loop unroll_count(4)
  for (int64_t k = 0; k < depth; k++)
    {
      Vector right[VECTORS];
      UNROLL for (int j = 0; j < vectors; j++)
        right[j] = load (b + k * NR + j * LANES);
      UNROLL for (int i = 0; i < rows; i++)
        {
          float left = a[i * ROW_STRIDE + k];
          UNROLL for (int j = 0; j < vectors; j++)
            sums[i][j] = left * right[j] + sums[i][j];
        }
    }
  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int j = 0; j < vectors; j++)
      {
        float *to = c + i * c_stride + j * LANES;
        store (to, accumulate ? load (to) + sums[i][j] : sums[i][j]);
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
