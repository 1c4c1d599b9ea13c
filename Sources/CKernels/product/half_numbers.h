/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Halves: floats of 16 bits, of the kind that the instruction set multiplies. */

typedef uint16_t Half;

enum {
#if defined(HALVES)
  HALF_KIND = HALVES,
#else
  HALF_KIND = CPRODUCT_FLOAT32,
#endif
#if defined(TILES_MULTIPLY)
  HALVES_FOR_ALL = true,
#else
  HALVES_FOR_ALL = false,
#endif
  /* Halves from one row to the next: an odd number of cache lines, and whole vectors behind the depth. */
  HALF_STRIDE = DEPTH + LINE / sizeof (Half),
  HALF_BYTES = HALF_ROWS * HALF_STRIDE * sizeof (Half),
};

/* What is larger, or as large, becomes infinite.  bfloat16 has float32's range. */
#define HALF_LIMIT (HALF_KIND == CPRODUCT_FLOAT16 ? 65520.0f : INFINITY)

/* `count` floats to the nearest halves, where `from` and `to` have room for whole vectors. */
INLINE void
to_halves (const float *from, int64_t count, Half *to)
{
  for (int64_t i = 0; i < count; i += LANES)
    {
      Halves narrow = NARROW (load (from + i));
      memcpy (to + i, &narrow, sizeof narrow);
    }
}
