/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Where things lie in packed weights: see cproduct.h. */

enum {
  DEPTH = CPRODUCT_DEPTH,
  /* Floats from one gathered row to the next: an odd number of cache lines, so that rows do not share cache sets. */
  ROW_STRIDE = DEPTH + 16,
  NR = LANES * VECTORS,
  TILE_FLOATS = ROWS * NR,
  LINE = 64, /* bytes of a cache line */
};

/* How the depth is cut: at taps, and inside a tap at channels. */
typedef struct {
  int64_t taps, channels;            /* of the layer */
  int64_t unit;                      /* a tap's depth in a block is a multiple of it, filled up behind the channels */
  int64_t taps_each, channels_each;  /* of one block; all channels if there are several taps */
  int64_t tap_blocks, channel_blocks;
} DepthBlocks;

/* One block: taps x channels from (tap, channel) on; `start` is the depth that lies before it, and `depth` its own, each
 * with what is filled up. */
typedef struct {
  int64_t tap, taps, channel, channels;
  int64_t start, depth;
} DepthBlock;

INLINE int64_t
divide_up (int64_t value, int64_t by)
{
  return (value + by - 1) / by;
}

INLINE int64_t
least (int64_t a, int64_t b)
{
  return a < b ? a : b;
}

INLINE int64_t
most (int64_t a, int64_t b)
{
  return a > b ? a : b;
}

INLINE int64_t
round_up (int64_t value, int64_t to)
{
  return divide_up (value, to) * to;
}

/* Part `index` of `parts` of about the same size. */
INLINE int64_t
part (int64_t whole, int64_t index, int64_t parts)
{
  return whole * index / parts;
}

/* What each tap's part of a K block is filled up to a multiple of. */
INLINE int64_t
depth_unit (const CProductWeights *weights)
{
  switch (weights->numbers)
    {
    case CPRODUCT_FLOATS:
      return 1;
    case CPRODUCT_WHOLE_NUMBERS:
      return CPRODUCT_QUAD;
    case CPRODUCT_HALVES:
      return HALF_UNIT;
    }
  return 1;
}

/* Rows that a micro-kernel takes at once, and the floats of its tile. */
INLINE int64_t
group_rows (const CProductWeights *weights)
{
  return weights->numbers == CPRODUCT_HALVES ? HALF_ROWS : ROWS;
}

INLINE int64_t
group_floats (const CProductWeights *weights)
{
  return group_rows (weights) * NR;
}

/* Of these weights, or of one position of their Winograd matrices, which has one tap. */
INLINE DepthBlocks
depth_blocks (const CProductWeights *weights, int64_t taps)
{
  int64_t channels = weights->channels, unit = depth_unit (weights);
  DepthBlocks blocks = { .taps = taps, .channels = channels, .unit = unit };
  blocks.tap_blocks = divide_up (taps, most (1, least (taps, DEPTH / round_up (channels, unit))));
  blocks.taps_each = divide_up (taps, blocks.tap_blocks);
  blocks.channel_blocks = divide_up (channels, DEPTH);
  blocks.channels_each = round_up (divide_up (channels, blocks.channel_blocks), unit);
  /* Rounding up may leave nothing for the last blocks. */
  blocks.tap_blocks = divide_up (taps, blocks.taps_each);
  blocks.channel_blocks = divide_up (channels, blocks.channels_each);
  return blocks;
}

INLINE DepthBlock
depth_block (const DepthBlocks *blocks, int64_t index)
{
  DepthBlock block;
  block.tap = index / blocks->channel_blocks * blocks->taps_each;
  block.taps = least (blocks->taps_each, blocks->taps - block.tap);
  block.channel = index % blocks->channel_blocks * blocks->channels_each;
  block.channels = least (blocks->channels_each, blocks->channels - block.channel);
  block.start = block.tap * round_up (blocks->channels, blocks->unit) + block.channel;
  block.depth = block.taps * round_up (block.channels, blocks->unit);
  return block;
}

/* The result's columns, and the panels that they take. */
INLINE int64_t
result_columns (const CProductWeights *weights)
{
  return weights->gated ? weights->outputs / 2 : weights->outputs;
}

static int64_t
panels (const CProductWeights *weights)
{
  return divide_up (result_columns (weights), NR) * (weights->gated ? 2 : 1);
}

/* A panel's first column in the result, and the first of the outputs that it holds. */
INLINE int64_t
panel_column (const CProductWeights *weights, int64_t panel)
{
  return (weights->gated ? panel / 2 : panel) * NR;
}

INLINE int64_t
panel_output (const CProductWeights *weights, int64_t panel)
{
  return panel_column (weights, panel) + (weights->gated && panel % 2 ? weights->outputs / 2 : 0);
}

/* Columns of the result in a panel; the others hold zeros. */
INLINE int64_t
panel_width (const CProductWeights *weights, int64_t panel)
{
  return least (NR, result_columns (weights) - panel_column (weights, panel));
}

INLINE int64_t
format_bytes (CProductFormat format)
{
  return format == CPRODUCT_FLOAT32 ? 4 : 2;
}

/* Bytes of one packed weight. */
INLINE int64_t
weight_bytes (const CProductWeights *weights)
{
  switch (weights->numbers)
    {
    case CPRODUCT_FLOATS:
      return format_bytes (weights->format);
    case CPRODUCT_WHOLE_NUMBERS:
      return 1;
    case CPRODUCT_HALVES:
      return 2;
    }
  return 0;
}

/* A panel of a block, in values from the start of the packed weights. */
INLINE int64_t
packed_offset (const DepthBlock *block, int64_t panel, int64_t panel_count)
{
  return (block->start * panel_count + panel * block->depth) * NR;
}

/* All blocks' depth. */
INLINE int64_t
packed_depth (const CProductWeights *weights)
{
  return weights->taps * round_up (weights->channels, depth_unit (weights));
}

static int64_t
packed_bytes (const CProductWeights *weights)
{
  int64_t columns = panels (weights) * NR;
  int64_t scales = weights->numbers == CPRODUCT_WHOLE_NUMBERS ? columns * (int64_t) sizeof (float) : 0;
  return columns * packed_depth (weights) * weight_bytes (weights) + scales;
}
