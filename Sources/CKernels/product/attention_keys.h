/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Keys and values of one head, packed for attention.
 *
 * A block of packed keys is
 *
 *     keys:   [piece of the width][panel of NR keys][piece's depth][NR]     as packed weights are
 *     values: [panel of NR columns][key][NR]
 *
 * in the numbers of attention_numbers.h, with zeros for the keys and columns that are not there.
 */

/* How a head is cut. */
typedef struct {
  int64_t     key_count, width;
  DepthBlocks pieces;    /* of the width, where it is more than one K block */
  int64_t     depth;     /* of all pieces */
  int64_t     panels;    /* of the values' columns */
  int64_t     keys_each; /* a multiple of NR; at most DEPTH */
  int64_t     blocks;
  int64_t     block_size;
} HeadBlocks;

INLINE HeadBlocks
head_blocks (int64_t key_count, int64_t width)
{
  CProductWeights keys = { .channels = width, .numbers = ATTEND_NUMBERS };
  HeadBlocks head = { .key_count = key_count, .width = width, .pieces = depth_blocks (&keys, 1) };
  /* Keys and values of one block in half of a second-level cache of 512 KB: packed keys fit every machine. */
  int64_t most_keys = most (1, least (DEPTH, (64 << 10) / (2 * width)) / NR) * NR;
  head.depth = round_up (width, ATTEND_UNIT);
  head.panels = divide_up (width, NR);
  head.blocks = most (1, divide_up (key_count, most_keys));
  head.keys_each = divide_up (divide_up (key_count, head.blocks), NR) * NR;
  head.blocks = divide_up (key_count, most (NR, head.keys_each));
  head.block_size = head.keys_each * (head.depth + head.panels * NR);
  return head;
}

static int64_t
keys_bytes (int64_t key_count, int64_t width)
{
  HeadBlocks head = head_blocks (key_count, width);
  return head.blocks * head.block_size * (int64_t) sizeof (Attended);
}

/* Keys that block `b` has, and the values' rows that lie there for them. */
INLINE int64_t
keys_of_block (const HeadBlocks *head, int64_t b)
{
  return least (head->keys_each, head->key_count - b * head->keys_each);
}

INLINE int64_t
value_rows (const HeadBlocks *head, int64_t b)
{
  return round_up (keys_of_block (head, b), ATTEND_UNIT);
}

/* `count` keys, of keys_each places, at one piece of the width. */
static void
pack_key_piece (const HeadBlocks *head, const DepthBlock *piece, const float *keys, int64_t stride, int64_t count,
                Attended *to)
{
  for (int64_t key = 0; key < head->keys_each; key++)
    {
      Attended *panel = to + key / NR * NR * piece->depth, values[LANES];
      const float *from = keys + least (key, count - 1) * stride + piece->start;
      for (int64_t d = 0; d < piece->depth; d += LANES)
        {
          int64_t there = key < count ? most (0, least (LANES, piece->channels - d)) : 0;
          store_attended (values, load_some (from + d, there));
          for (int64_t i = 0; i < least (LANES, piece->depth - d); i++)
            panel[attended_at (d + i, key % NR)] = values[i];
        }
    }
}

static void
pack_keys (const float *keys, const float *values, int64_t stride, int64_t key_count, int64_t width, float *packed)
{
  HeadBlocks head = head_blocks (key_count, width);
  for (int64_t b = 0; b < head.blocks; b++)
    {
      Attended *block = (Attended *) packed + b * head.block_size, *block_values = block + head.keys_each * head.depth;
      int64_t start = b * head.keys_each, count = keys_of_block (&head, b), rows = value_rows (&head, b);
      for (int64_t i = 0; i < head.pieces.channel_blocks; i++)
        {
          DepthBlock piece = depth_block (&head.pieces, i);
          pack_key_piece (&head, &piece, keys + start * stride, stride, count, block + piece.start * head.keys_each);
        }
      for (int64_t p = 0; p < head.panels; p++)
        for (int64_t key = 0; key < rows; key++)
          for (int64_t c = 0; c < NR; c += LANES)
            {
              int64_t there = key < count ? most (0, least (LANES, width - p * NR - c)) : 0;
              store_attended_columns (block_values + p * rows * NR, key, c,
                                      values + (start + least (key, count - 1)) * stride + p * NR + c, there);
            }
    }
}
