/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Attention for one head, with a running softmax (Milakov and Gimelshein 2018; Dao et al. 2022): the matrix of scores
 * never exists, only ATTEND_ROWS queries' scores with one block of keys, in a near cache.
 *
 *     for each block of keys (its keys and values: second-level cache)
 *       for each group of ATTEND_ROWS queries
 *         scores = queries keys^T         micro-kernel, rows at ROW_STRIDE
 *         maximum, exponentials, sum      in place; what was summed before is rescaled to the new maximum
 *         result += exponentials values   micro-kernel, the exponentials as its rows
 *
 * Queries are scaled by log2 e too, so that powers of two do.
 */

/* What a thread works with. */
typedef struct {
  float    *scores;  /* [ATTEND_ROWS][ROW_STRIDE] */
  float    *result;  /* tiles [group][panel][ATTEND_ROWS][NR] */
  Attended *queries; /* [piece][query][ATTEND_STRIDE]; a tile reads beyond the last */
  Attended *powers;  /* [ATTEND_ROWS][ATTEND_STRIDE], of the scores: these themselves, if they are of the kind */
  float    *maxima, *sums;
} AttentionScratch;

enum { ATTEND_FLOATS = ATTEND_ROWS * NR };

INLINE AttentionScratch
attention_scratch (const HeadBlocks *head, int64_t count, void *scratch)
{
  AttentionScratch parts;
  parts.scores = align_scratch (scratch);
  parts.result = parts.scores + ATTEND_ROWS * ROW_STRIDE;
  parts.queries = (Attended *) (parts.result + divide_up (count, ATTEND_ROWS) * head->panels * ATTEND_FLOATS);
  Attended *end = parts.queries + (head->pieces.channel_blocks * count + ATTEND_ROWS) * ATTEND_STRIDE;
  parts.powers = ATTEND_PAIR == 1 ? (Attended *) parts.scores : end;
  parts.maxima = (float *) (ATTEND_PAIR == 1 ? end : end + ATTEND_ROWS * ATTEND_STRIDE);
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
  return most (1, least (192, (16 << 10) / width) / ATTEND_ROWS) * ATTEND_ROWS;
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

/* Of so many rows at once, maxima are found: each alone would wait for its own last comparison. */
enum { MAXIMA_ROWS = ATTEND_ROWS > 16 ? 16 : ATTEND_ROWS };

/* The new running maxima of MAXIMA_ROWS rows. */
INLINE void
raise_maxima (const float *scores, int64_t seen, int64_t count, bool causal, int64_t height, const float *old,
              float *maxima)
{
  int64_t whole = seen_by (0, seen, count, causal) / LANES * LANES;
  Vector tops[MAXIMA_ROWS];
  UNROLL for (int i = 0; i < MAXIMA_ROWS; i++)
    tops[i] = spread (i < height ? old[i] : 0);
  for (int64_t c = 0; c < whole; c += LANES)
    UNROLL for (int i = 0; i < MAXIMA_ROWS; i++)
      tops[i] = larger (load (scores + i * ROW_STRIDE + c), tops[i]);
  for (int64_t c = whole; c < count; c += LANES)
    UNROLL for (int i = 0; i < MAXIMA_ROWS; i++)
      {
        IntVector mask = first_lanes (seen_by (i, seen, count, causal) - c);
        tops[i] = choose (mask, larger (load (scores + i * ROW_STRIDE + c), tops[i]), tops[i]);
      }
  UNROLL for (int i = 0; i < MAXIMA_ROWS; i++)
    maxima[i] = largest_lane (tops[i]);
}

/* scores[0 ... seen - 1] to powers of two below the maximum, zeros from there up to `count`.  Returns their sum. */
INLINE float
take_powers (const float *scores, int64_t seen, int64_t count, float maximum, Attended *powers)
{
  int64_t c = 0;
  Vector total = { 0 };
#pragma clang loop unroll_count(2)
  for (; c + LANES <= seen; c += LANES)
    {
      Vector power = power_of_two (load (scores + c) - maximum);
      store_attended (powers + c, power);
      total += power;
    }
  for (; c < count; c += LANES)
    {
      Vector power = choose (first_lanes (seen - c), power_of_two (load (scores + c) - maximum), (Vector) { 0 });
      store_attended (powers + c, power);
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
  const Attended *keys = (const Attended *) attention->packed + b * head->block_size;
  const Attended *values = keys + head->keys_each * head->depth;
  int64_t padded = round_up (count, ATTEND_UNIT);
  float *result = parts->result + group * head->panels * ATTEND_FLOATS;

  for (int64_t i = 0; i < head->pieces.channel_blocks; i++)
    {
      DepthBlock piece = depth_block (&head->pieces, i);
      const Attended *queries = parts->queries + (i * rows + row) * ATTEND_STRIDE;
      for (int64_t key = 0; key < count; key += NR)
        attend_tile (height, least (NR, count - key), piece.depth, queries,
                     keys + piece.start * head->keys_each + key * piece.depth, parts->scores + key, ROW_STRIDE, i > 0);
    }
  int64_t seen = first + row + 1 - start;
  float highest[ATTEND_ROWS], *maxima = parts->maxima + row, *sums = parts->sums + row;
  for (int64_t i = 0; i < height; i += MAXIMA_ROWS)
    raise_maxima (parts->scores + i * ROW_STRIDE, seen + i, count, attention->causal, height - i, maxima + i, highest + i);
  for (int64_t i = 0; i < height; i++)
    {
      float rescale = power_of_two (spread (maxima[i] - highest[i]))[0];
      maxima[i] = highest[i];
      sums[i] *= rescale;
      sums[i] += take_powers (parts->scores + i * ROW_STRIDE, seen_by (i, seen, count, attention->causal), padded,
                              highest[i], parts->powers + i * ATTEND_STRIDE);
      if (b > 0 && rescale != 1)
        for (int64_t p = 0; p < head->panels; p++)
          for (int64_t c = 0; c < NR; c += LANES)
            {
              float *place = result + p * ATTEND_FLOATS + i * NR + c;
              store (place, load (place) * rescale);
            }
    }
  for (int64_t p = 0; p < head->panels; p++)
    attend_tile (height, least (NR, head->width - p * NR), padded, parts->powers,
                 values + p * value_rows (head, b) * NR, result + p * ATTEND_FLOATS, NR, b > 0);
}

static void
attend (const CAttention *attention, int64_t first, int64_t count, void *scratch)
{
  HeadBlocks head = head_blocks (attention->key_count, attention->width);
  AttentionScratch parts = attention_scratch (&head, count, scratch);
  int64_t groups = divide_up (count, ATTEND_ROWS);
  float scale = attention->scale * 1.44269504088896341f;

  for (int64_t i = 0; i < head.pieces.channel_blocks; i++)
    {
      DepthBlock piece = depth_block (&head.pieces, i);
      for (int64_t row = 0; row < count; row++)
        {
          const float *from = attention->queries + (first + row) * attention->query_stride + piece.start;
          Attended *to = parts.queries + (i * count + row) * ATTEND_STRIDE;
          for (int64_t c = 0; c < piece.depth; c += LANES)
            store_attended (to + c, load_some (from + c, most (0, least (LANES, piece.channels - c))) * scale);
        }
    }
  for (int64_t row = 0; row < count; row++)
    {
      parts.maxima[row] = -0x1p127f;
      parts.sums[row] = 0;
    }
  if (ATTEND_PAIR > 1)
    begin_tiles ();
  for (int64_t b = 0; b < head.blocks; b++)
    for (int64_t g = 0; g < groups; g++)
      attend_group (attention, &head, &parts, first, part (count, g, groups),
                    part (count, g + 1, groups) - part (count, g, groups), g, b, count);
  if (ATTEND_PAIR > 1)
    end_tiles ();

  for (int64_t g = 0; g < groups; g++)
    for (int64_t row = part (count, g, groups), i = 0; row < part (count, g + 1, groups); row++, i++)
      {
        float *out = attention->out + (first + row) * attention->out_stride;
        float factor = 1 / parts.sums[row];
        for (int64_t p = 0; p < head.panels; p++)
          {
            const float *sums = parts.result + (g * head.panels + p) * ATTEND_FLOATS + i * NR;
            int64_t columns = least (NR, head.width - p * NR);
            for (int64_t c = 0; c < columns; c += LANES)
              store_some (out + p * NR + c, load (sums + c) * factor, least (LANES, columns - c));
          }
      }
}
