/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What attention multiplies: floats, or halves where tiles do.  Depths lie in pairs there, as those of weights do. */
#if defined(TILES_MULTIPLY)
typedef Half Attended;

enum { ATTEND_ROWS = HALF_ROWS, ATTEND_STRIDE = HALF_STRIDE, ATTEND_PAIR = 2, ATTEND_NUMBERS = CPRODUCT_HALVES };

/* LANES of them.  What float16 cannot hold becomes the largest that it can. */
INLINE void
store_attended (Attended *to, Vector value)
{
  if (HALF_LIMIT < INFINITY)
    value = smaller (spread (65504), larger (spread (-65504), value));
  Halves narrow = NARROW (value);
  memcpy (to, &narrow, sizeof narrow);
}

INLINE void
attend_tile (int64_t rows, int64_t columns, int64_t depth, const Attended *a, const Attended *b, float *c, int64_t c_stride,
             bool accumulate)
{
  multiply_half_tile_at (rows, columns, depth, a, b, c, c_stride, accumulate);
}
#else
typedef float Attended;

enum { ATTEND_ROWS = ROWS, ATTEND_STRIDE = ROW_STRIDE, ATTEND_PAIR = 1, ATTEND_NUMBERS = CPRODUCT_FLOATS };

INLINE void
store_attended (Attended *to, Vector value)
{
  store (to, value);
}

INLINE void
attend_tile (int64_t rows, int64_t columns, int64_t depth, const Attended *a, const Attended *b, float *c, int64_t c_stride,
             bool accumulate)
{
  tile_for (rows, columns) (depth, a, b, c, c_stride, accumulate);
}
#endif

enum { ATTEND_UNIT = ATTEND_PAIR == 1 ? 1 : HALF_UNIT };

/* A tile is of NR columns, and lies depth by depth. */
INLINE int64_t
attended_at (int64_t depth, int64_t column)
{
  return (depth / ATTEND_PAIR * NR + column) * ATTEND_PAIR + depth % ATTEND_PAIR;
}

/* LANES columns of one depth, of which `count` are there. */
INLINE void
store_attended_columns (Attended *tile, int64_t depth, int64_t column, const float *from, int64_t count)
{
  Attended some[LANES];
  store_attended (some, load_some (from, count));
  for (int64_t i = 0; i < LANES; i++)
    tile[attended_at (depth, column + i)] = some[i];
}
