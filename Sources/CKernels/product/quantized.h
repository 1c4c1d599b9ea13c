/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Products with weights of 8 bits.  A K block of a row becomes whole numbers, its levels, of which the largest is LEVELS;
 * products of levels and weights are summed exactly, in 32 bits, and turned into floats with the row's and the columns'
 * scales at the end of the block.
 *
 * Weights lie in words of GROUP adjacent depths, which meet as many levels of a row in one instruction:
 *
 *     [k / GROUP][ column 0: k, k + 1, ... | column 1 | ... | column NR - 1 ]
 *
 *   GROUP 2: levels have 16 bits, and so have weights when they are multiplied: strips are widened, as those of 16-bit
 *            floats are.  What rounds is the weights alone.
 *   GROUP 4: levels have 8 bits, and weights lie in memory with 128 added, since one side of the instruction is unsigned.
 *            128 times a row's levels is taken off its sums.
 */
#if GROUP == 4
typedef int8_t Level;
typedef int32_t WeightGroup;
enum { LEVELS = 127, WEIGHT_OFFSET = 128, OFFSETS = (int32_t) 0x80808080 };
#else
typedef int16_t Level;
typedef int16_t WeightGroup;
enum { LEVELS = 32767, WEIGHT_OFFSET = 0, OFFSETS = 0 };
#endif

enum {
  /* Levels from one row to the next. */
  LEVEL_STRIDE = DEPTH + LINE / sizeof (Level),
  LEVEL_BYTES = ROWS * LEVEL_STRIDE * sizeof (Level),
  /* Of a column's weights in one K step. */
  WORD = 4,
};

/* Below it a block counts as zeros: its inverse would overflow. */
#define SMALLEST 1e-30f

typedef Level LevelVector __attribute__ ((vector_size (sizeof (Level) * LANES)));
typedef int8_t ByteVector __attribute__ ((vector_size (LANES)));
typedef WeightGroup GroupVector __attribute__ ((vector_size (sizeof (WeightGroup) * LANES)));
typedef int32_t MemoryIntVector __attribute__ ((vector_size (4 * LANES), aligned (1), may_alias));

/* sums + products of the GROUP weights and levels in each word. */
INLINE IntVector
add_dot (IntVector sums, IntVector weights, IntVector levels)
{
#if defined(DOT)
  return DOT (sums, weights, levels);
#elif GROUP == 4
  UNROLL for (int g = 0; g < GROUP; g++)
    sums += (weights >> 8 * g & 255) * (levels << (24 - 8 * g) >> 24);
  return sums;
#else
  return sums + (weights << 16 >> 16) * (levels << 16 >> 16) + (weights >> 16) * (levels >> 16);
#endif
}

/* Numbers up to 2^21 to the nearest integers. */
INLINE IntVector
nearest (Vector x)
{
  return (IntVector) (x + ROUND) - (IntVector) spread (ROUND);
}

/* The bits of the largest magnitude so far, in each lane: infinity and NaN count as larger than all numbers. */
INLINE IntVector
larger_magnitude (IntVector bits, Vector x)
{
  IntVector own = (IntVector) x & 0x7fffffff;
  IntVector mask = own > bits;
  return (own & mask) | (bits & ~mask);
}

INLINE float
largest_magnitude (IntVector bits)
{
  int32_t largest = 0;
  for (int i = 0; i < LANES; i++)
    largest = bits[i] > largest ? bits[i] : largest;
  float value;
  memcpy (&value, &largest, sizeof value);
  return value;
}

/* What turns sums of a row's levels into floats. */
typedef struct {
  float   scale; /* NaN if a value of the row is not finite: then so are its results */
  int32_t excess;
} LevelRow;

static LevelRow
quantize_row (const float *from, int64_t depth, Level *to)
{
  IntVector bits = { 0 }, total = { 0 };
  for (int64_t k = 0; k < depth; k += LANES)
    bits = larger_magnitude (bits, load_some (from + k, depth - k));
  float largest = largest_magnitude (bits);
  bool finite = largest <= 0x1.fffffep127f, counts = finite && largest > SMALLEST;
  float factor = counts ? LEVELS / largest : 0;
  for (int64_t k = 0; k < depth; k += LANES)
    {
      Vector values = finite ? load_some (from + k, depth - k) : (Vector) { 0 };
      IntVector levels = nearest (values * factor);
      total += levels;
      LevelVector narrow = __builtin_convertvector (levels, LevelVector);
      memcpy (to + k, &narrow, sizeof narrow);
    }
  LevelRow row = { .scale = finite ? (counts ? largest / LEVELS : 0) : __builtin_nanf ("") };
  if (WEIGHT_OFFSET)
    for (int i = 0; i < LANES; i++)
      row.excess += WEIGHT_OFFSET * total[i];
  return row;
}

/* C[rows][vectors LANES] (+)= levels[rows][depth] weights[depth][vectors LANES] with their scales; C at NR. */
INLINE void
level_tile (const int rows, const int vectors, int64_t depth, const Level *a, const LevelRow *scales, const uint8_t *b,
            const float *columns, float *c, bool accumulate)
{
  IntVector sums[ROWS][VECTORS];
  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int j = 0; j < vectors; j++)
      sums[i][j] = (IntVector) { 0 };
#pragma clang loop unroll_count(2)
  for (int64_t k = 0; k < depth; k += GROUP)
    {
      IntVector right[VECTORS];
      UNROLL for (int j = 0; j < vectors; j++)
        right[j] = *(const MemoryIntVector *) (b + (k / GROUP * NR + j * LANES) * WORD);
      UNROLL for (int i = 0; i < rows; i++)
        {
          int32_t word;
          memcpy (&word, a + i * LEVEL_STRIDE + k, sizeof word);
          IntVector left = word - (IntVector) { 0 };
          UNROLL for (int j = 0; j < vectors; j++)
            sums[i][j] = add_dot (sums[i][j], right[j], left);
        }
    }
  UNROLL for (int j = 0; j < vectors; j++)
    {
      Vector scale = load (columns + j * LANES);
      UNROLL for (int i = 0; i < rows; i++)
        {
          float *to = c + i * NR + j * LANES;
          Vector sum = __builtin_convertvector (sums[i][j] - scales[i].excess, Vector) * (scale * scales[i].scale);
          store (to, accumulate ? load (to) + sum : sum);
        }
    }
}

typedef void (*LevelTile) (int64_t depth, const Level *a, const LevelRow *scales, const uint8_t *b, const float *columns,
                           float *c, bool accumulate);

#define LEVEL_TILE(rows, vectors)                                                                                      \
  static void level_tile_##rows##_##vectors (int64_t depth, const Level *a, const LevelRow *scales, const uint8_t *b,  \
                                             const float *columns, float *c, bool accumulate)                          \
  {                                                                                                                    \
    level_tile (rows, vectors, depth, a, scales, b, columns, c, accumulate);                                           \
  }
#define LEVEL_TILE_NAME(rows, vectors) level_tile_##rows##_##vectors,

EACH_OF (ROWS) (LEVEL_TILE, 1)
EACH_OF (ROWS) (LEVEL_TILE, 2)
#if VECTORS == 3
EACH_OF (ROWS) (LEVEL_TILE, 3)
#endif

/* [vectors - 1][rows - 1] */
static const LevelTile level_tiles[VECTORS][ROWS] = {
  { EACH_OF (ROWS) (LEVEL_TILE_NAME, 1) },
  { EACH_OF (ROWS) (LEVEL_TILE_NAME, 2) },
#if VECTORS == 3
  { EACH_OF (ROWS) (LEVEL_TILE_NAME, 3) },
#endif
};

INLINE LevelTile
level_tile_for (int64_t rows, int64_t columns)
{
  return level_tiles[divide_up (columns, LANES) - 1][rows - 1];
}

/* The columns' scales lie behind the weights. */
INLINE const float *
column_scales (const CProductWeights *weights, const void *packed, int64_t panel)
{
  const char *end = (const char *) packed + panels (weights) * NR * packed_depth (weights);
  return (const float *) (const void *) end + panel * NR;
}

/* LANES weights of one depth, from `columns` on, without their columns' scales.  at: in the packed weights. */
INLINE Vector
load_quantized (const uint8_t *packed, int64_t at, int64_t k, int64_t columns)
{
  GroupVector groups;
  const uint8_t *from = packed + at + k / GROUP * GROUP * NR + columns * GROUP;
  __builtin_prefetch (from + 512);
  memcpy (&groups, from, sizeof groups);
  groups ^= (WeightGroup) OFFSETS;
  groups = groups << (WeightGroup) (8 * (GROUP - 1 - k % GROUP)) >> 8 * (GROUP - 1);
  return __builtin_convertvector (__builtin_convertvector (groups, IntVector), Vector);
}

/* What is multiplied: 16-bit weights in `room`, or those of 8 bits where they lie. */
INLINE const uint8_t *
level_strip (const uint8_t *packed, int64_t count, void *room)
{
#if GROUP == 4
  (void) count;
  (void) room;
  return packed;
#else
  int16_t *to = room;
  for (int64_t i = 0; i < count; i += LANES)
    {
      __builtin_prefetch (packed + i + 1024);
      ByteVector bytes;
      memcpy (&bytes, packed + i, sizeof bytes);
      LevelVector wide = __builtin_convertvector (bytes, LevelVector);
      memcpy (to + i, &wide, sizeof wide);
    }
  return room;
#endif
}

/* Bytes of one weight in a strip, and of the room for it. */
enum { STRIP_BYTES = WORD / GROUP, STRIP_ROOM_BYTES = GROUP == 4 ? 0 : STRIP_BYTES };
