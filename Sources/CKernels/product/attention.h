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
  HeadBlocks head = { .key_count = key_count, .width = width, .pieces = depth_blocks (1, width) };
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
  IntVector mask;
  for (int i = 0; i < LANES; i++)
    mask[i] = i < count ? -1 : 0;
  return mask;
}

INLINE float
sum_of_lanes (Vector x)
{
  float sum = 0;
  for (int i = 0; i < LANES; i++)
    sum += x[i];
  return sum;
}

INLINE float
largest_lane (Vector x)
{
  float value = x[0];
  for (int i = 1; i < LANES; i++)
    value = x[i] > value ? x[i] : value;
  return value;
}

/* scores[0 ... seen - 1] to powers of two below the new maximum, zeros up to `count`.  Returns the factor that rescales
 * what was summed below the old one. */
INLINE float
running_softmax (float *scores, int64_t seen, int64_t count, float *maximum, float *sum)
{
  int64_t whole = seen / LANES * LANES;
  IntVector rest = first_lanes (seen - whole);
  Vector top = spread (*maximum);
  for (int64_t i = 0; i < whole; i += LANES)
    top = larger (load (scores + i), top);
  if (whole < seen)
    top = larger (choose (rest, load (scores + whole), top), top);
  float highest = largest_lane (top);

  Vector total = { 0 };
  for (int64_t i = 0; i < whole; i += LANES)
    {
      Vector power = power_of_two (load (scores + i) - highest);
      store (scores + i, power);
      total += power;
    }
  if (whole < count)
    {
      Vector power = choose (rest, power_of_two (load (scores + whole) - highest), (Vector) { 0 });
      store (scores + whole, power);
      total += power;
    }
  for (int64_t i = whole + LANES; i < count; i += LANES)
    store (scores + i, (Vector) { 0 });

  float rescale = power_of_two (spread (*maximum - highest))[0];
  *sum = *sum * rescale + sum_of_lanes (total);
  *maximum = highest;
  return rescale;
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
  for (int64_t i = 0; i < height; i++)
    {
      int64_t seen = attention->causal ? least (count, most (0, first + row + i + 1 - start)) : count;
      float rescale = running_softmax (parts->scores + i * ROW_STRIDE, seen, count, parts->maxima + row + i,
                                       parts->sums + row + i);
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
          for (int64_t c = 0; c < least (NR, head.width - p * NR); c += LANES)
            store_some (out + p * NR + c, load (parts.result + (g * head.panels + p) * TILE_FLOATS + i * NR + c) * factor,
                        least (LANES, head.width - p * NR - c));
      }
}
