/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Attention for one head, with a running softmax (Milakov and Gimelshein 2018; Dao et al. 2022): the matrix of scores
 * never exists, only ROWS queries' scores with one block of keys, in the first-level cache.
 *
 *     for each block of keys (its keys and values: second-level cache)
 *       for each group of ROWS queries
 *         scores = queries keys^T         micro-kernel, rows at ROW_STRIDE
 *         maximum, exponentials, sum      in place; what was summed before is rescaled to the new maximum
 *         result += exponentials values   micro-kernel, the exponentials as its rows
 *
 * A block of packed keys is
 *
 *     keys:   [piece of the width][panel of NR keys][piece's depth][NR]     as packed weights are
 *     values: [panel of NR columns][key][NR]
 *
 * with zeros for the keys and columns that are not there.  Queries are scaled by log2 e too, so that powers of two do.
 */

/* How a head is cut. */
typedef struct {
  int64_t     key_count, width;
  DepthBlocks pieces;    /* of the width, where it is more than one K block */
  int64_t     panels;    /* of the values' columns */
  int64_t     keys_each; /* a multiple of NR; at most DEPTH */
  int64_t     blocks;
  int64_t     block_floats;
} HeadBlocks;

INLINE HeadBlocks
head_blocks (int64_t key_count, int64_t width)
{
  CProductWeights keys = { .channels = width };
  HeadBlocks head = { .key_count = key_count, .width = width, .pieces = depth_blocks (&keys, 1) };
  /* Keys and values of one block in half of a second-level cache of 512 KB: packed keys fit every machine. */
  int64_t most_keys = most (1, least (DEPTH, (64 << 10) / (2 * width)) / NR) * NR;
  head.panels = divide_up (width, NR);
  head.blocks = most (1, divide_up (key_count, most_keys));
  head.keys_each = divide_up (divide_up (key_count, head.blocks), NR) * NR;
  head.blocks = divide_up (key_count, most (NR, head.keys_each));
  head.block_floats = head.keys_each * (width + head.panels * NR);
  return head;
}

static int64_t
keys_bytes (int64_t key_count, int64_t width)
{
  HeadBlocks head = head_blocks (key_count, width);
  return head.blocks * head.block_floats * 4;
}

static void
pack_keys (const float *keys, const float *values, int64_t stride, int64_t key_count, int64_t width, float *packed)
{
  HeadBlocks head = head_blocks (key_count, width);
  for (int64_t b = 0; b < head.blocks; b++)
    {
      float *block = packed + b * head.block_floats, *block_values = block + head.keys_each * width;
      int64_t start = b * head.keys_each, count = least (head.keys_each, key_count - start);
      for (int64_t i = 0; i < head.pieces.channel_blocks; i++)
        {
          DepthBlock piece = depth_block (&head.pieces, i);
          float *to = block + piece.start * head.keys_each;
          for (int64_t key = 0; key < head.keys_each; key++)
            {
              float *column = to + key / NR * NR * piece.depth + key % NR;
              const float *from = keys + (start + least (key, count - 1)) * stride + piece.start;
              for (int64_t d = 0; d < piece.depth; d++)
                column[d * NR] = key < count ? from[d] : 0;
            }
        }
      for (int64_t p = 0; p < head.panels; p++)
        for (int64_t key = 0; key < count; key++)
          {
            const float *from = values + (start + key) * stride + p * NR;
            float *to = block_values + (p * count + key) * NR;
            for (int64_t c = 0; c < NR; c += LANES)
              store (to + c, load_some (from + c, most (0, least (LANES, width - p * NR - c))));
          }
    }
}

/* What a thread works with. */
typedef struct {
  float *queries; /* [piece][query][ROW_STRIDE] */
  float *scores;  /* [ROWS][ROW_STRIDE] */
  float *result;  /* tiles [group][panel][ROWS][NR] */
  float *maxima, *sums;
} AttentionScratch;

INLINE AttentionScratch
attention_scratch (const HeadBlocks *head, int64_t count, void *scratch)
{
  AttentionScratch parts;
  parts.queries = align_scratch (scratch);
  parts.scores = parts.queries + head->pieces.channel_blocks * count * ROW_STRIDE;
  parts.result = parts.scores + ROWS_FLOATS;
  parts.maxima = parts.result + divide_up (count, ROWS) * head->panels * TILE_FLOATS;
  parts.sums = parts.maxima + count;
  return parts;
}

static int64_t
attend_scratch (int64_t width, int64_t count)
{
  HeadBlocks head = head_blocks (1, width);
  AttentionScratch parts = attention_scratch (&head, count, NULL);
  return (int64_t) (uintptr_t) (parts.sums + count) + LINE;
}

static int64_t
attend_rows (int64_t width)
{
  return most (1, least (192, (16 << 10) / width) / ROWS) * ROWS;
}

/* The first `count` lanes are -1, the others 0. */
INLINE IntVector
first_lanes (int64_t count)
{
  IntVector lanes;
  UNROLL for (int i = 0; i < LANES; i++)
    lanes[i] = i;
  return lanes < (int32_t) count;
}

INLINE Vector
rotate_lanes (Vector x, const int by)
{
  Vector rotated;
  UNROLL for (int i = 0; i < LANES; i++)
    rotated[i] = x[(i + by) % LANES];
  return rotated;
}

INLINE float
sum_of_lanes (Vector x)
{
  UNROLL for (int by = LANES / 2; by > 0; by /= 2)
    x += rotate_lanes (x, by);
  return x[0];
}

INLINE float
largest_lane (Vector x)
{
  UNROLL for (int by = LANES / 2; by > 0; by /= 2)
    x = larger (x, rotate_lanes (x, by));
  return x[0];
}

/* How many of `count` columns a group's row sees: `seen` in the first row, in causal attention one more in each. */
INLINE int64_t
seen_by (int64_t row, int64_t seen, int64_t count, bool causal)
{
  return causal ? least (count, most (0, seen + row)) : count;
}

/* The new running maxima, of all rows at once: each alone would wait for its own last comparison. */
INLINE void
raise_maxima (const float *scores, int64_t seen, int64_t count, bool causal, int64_t height, const float *old,
              float *maxima)
{
  int64_t whole = seen_by (0, seen, count, causal) / LANES * LANES;
  Vector tops[ROWS];
  UNROLL for (int i = 0; i < ROWS; i++)
    tops[i] = spread (i < height ? old[i] : 0);
  for (int64_t c = 0; c < whole; c += LANES)
    UNROLL for (int i = 0; i < ROWS; i++)
      tops[i] = larger (load (scores + i * ROW_STRIDE + c), tops[i]);
  for (int64_t c = whole; c < count; c += LANES)
    UNROLL for (int i = 0; i < ROWS; i++)
      {
        IntVector mask = first_lanes (seen_by (i, seen, count, causal) - c);
        tops[i] = choose (mask, larger (load (scores + i * ROW_STRIDE + c), tops[i]), tops[i]);
      }
  UNROLL for (int i = 0; i < ROWS; i++)
    maxima[i] = largest_lane (tops[i]);
}

/* scores[0 ... seen - 1] to powers of two below the maximum, zeros from there up to `count`.  Returns their sum. */
INLINE float
take_powers (float *scores, int64_t seen, int64_t count, float maximum)
{
  int64_t c = 0;
  Vector total = { 0 };
#pragma clang loop unroll_count(2)
  for (; c + LANES <= seen; c += LANES)
    {
      Vector power = power_of_two (load (scores + c) - maximum);
      store (scores + c, power);
      total += power;
    }
  for (; c < count; c += LANES)
    {
      Vector power = choose (first_lanes (seen - c), power_of_two (load (scores + c) - maximum), (Vector) { 0 });
      store (scores + c, power);
      total += power;
    }
  return sum_of_lanes (total);
}

/* One group of `height` queries from `row` on (in the task), with block `b` of the keys. */
static void
attend_group (const CAttention *attention, const HeadBlocks *head, const AttentionScratch *parts, int64_t first,
              int64_t row, int64_t height, int64_t group, int64_t b, int64_t rows)
{
  int64_t start = b * head->keys_each, count = least (head->keys_each, head->key_count - start);
  if (attention->causal)
    count = least (count, first + row + height - start);
  if (count <= 0)
    return;
  const float *keys = attention->packed + b * head->block_floats;
  const float *values = keys + head->keys_each * head->width;
  int64_t value_rows = least (head->keys_each, head->key_count - start);
  float *result = parts->result + group * head->panels * TILE_FLOATS;

  for (int64_t i = 0; i < head->pieces.channel_blocks; i++)
    {
      DepthBlock piece = depth_block (&head->pieces, i);
      const float *queries = parts->queries + (i * rows + row) * ROW_STRIDE;
      for (int64_t key = 0; key < count; key += NR)
        tile_for (height, least (NR, count - key)) (piece.depth, queries,
                                                    keys + piece.start * head->keys_each + key * piece.depth,
                                                    parts->scores + key, ROW_STRIDE, i > 0);
    }
  int64_t seen = first + row + 1 - start;
  float highest[ROWS], *maxima = parts->maxima + row, *sums = parts->sums + row;
  raise_maxima (parts->scores, seen, count, attention->causal, height, maxima, highest);
  for (int64_t i = 0; i < height; i++)
    {
      float rescale = power_of_two (spread (maxima[i] - highest[i]))[0];
      maxima[i] = highest[i];
      sums[i] *= rescale;
      sums[i] += take_powers (parts->scores + i * ROW_STRIDE, seen_by (i, seen, count, attention->causal), count,
                              highest[i]);
      if (b > 0 && rescale != 1)
        for (int64_t p = 0; p < head->panels; p++)
          for (int64_t c = 0; c < NR; c += LANES)
            {
              float *place = result + p * TILE_FLOATS + i * NR + c;
              store (place, load (place) * rescale);
            }
    }
  for (int64_t p = 0; p < head->panels; p++)
    tile_for (height, least (NR, head->width - p * NR)) (count, parts->scores, values + p * value_rows * NR,
                                                         result + p * TILE_FLOATS, NR, b > 0);
}

static void
attend (const CAttention *attention, int64_t first, int64_t count, void *scratch)
{
  HeadBlocks head = head_blocks (attention->key_count, attention->width);
  AttentionScratch parts = attention_scratch (&head, count, scratch);
  int64_t groups = divide_up (count, ROWS);
  float scale = attention->scale * 1.44269504088896341f;

  for (int64_t i = 0; i < head.pieces.channel_blocks; i++)
    {
      DepthBlock piece = depth_block (&head.pieces, i);
      for (int64_t row = 0; row < count; row++)
        {
          const float *from = attention->queries + (first + row) * attention->query_stride + piece.start;
          float *to = parts.queries + (i * count + row) * ROW_STRIDE;
          for (int64_t c = 0; c < piece.depth; c += LANES)
            store (to + c, load_some (from + c, least (LANES, piece.depth - c)) * scale);
        }
    }
  for (int64_t row = 0; row < count; row++)
    {
      parts.maxima[row] = -0x1p127f;
      parts.sums[row] = 0;
    }
  for (int64_t b = 0; b < head.blocks; b++)
    for (int64_t g = 0; g < groups; g++)
      attend_group (attention, &head, &parts, first, part (count, g, groups),
                    part (count, g + 1, groups) - part (count, g, groups), g, b, count);

  for (int64_t g = 0; g < groups; g++)
    for (int64_t row = part (count, g, groups), i = 0; row < part (count, g + 1, groups); row++, i++)
      {
        float *out = attention->out + (first + row) * attention->out_stride;
        float factor = 1 / parts.sums[row];
        for (int64_t p = 0; p < head.panels; p++)
          {
            const float *sums = parts.result + (g * head.panels + p) * TILE_FLOATS + i * NR;
            int64_t columns = least (NR, head.width - p * NR);
            for (int64_t c = 0; c < columns; c += LANES)
              store_some (out + p * NR + c, load (sums + c) * factor, least (LANES, columns - c));
          }
      }
}
