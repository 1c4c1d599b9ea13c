/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Products by K blocks: a task is a block of rows x a block of panels.
 *
 *     for each K block
 *       widen the strip of weights (second-level cache)
 *       for each group of ROWS rows
 *         gather the rows (first-level cache); beside weights of 8 bits, turn them into levels
 *         for each panel of the strip
 *           micro-kernel, adding to the task's sums; after the last block, the epilogue
 *
 * A thread's scratch: the gathered rows, the sums as tiles [group][panel][ROWS][NR], the rows' levels, the widened strip.
 */

enum {
  ROWS_FLOATS = ROWS * ROW_STRIDE,
};

/* Scratch is used from its first whole cache line on. */
INLINE float *
align_scratch (void *scratch)
{
  return (float *) (((uintptr_t) scratch + LINE - 1) & ~(uintptr_t) (LINE - 1));
}

/* Bytes of room for one weight of a widened strip. */
INLINE int64_t
widened_bytes (const CProductWeights *weights)
{
  if (weights->quantized)
    return STRIP_ROOM_BYTES;
  return weights->format == CPRODUCT_FLOAT32 ? 0 : 4;
}

/* `count` weights from `offset` on as the micro-kernel takes them, in `room` where they are not so already. */
INLINE const void *
strip_of (const CProduct *product, int64_t offset, int64_t count, void *room)
{
  const CProductWeights *weights = &product->weights;
  if (weights->quantized)
    return level_strip ((const uint8_t *) product->packed + offset, count, room);
  if (weights->format == CPRODUCT_FLOAT32)
    return (const float *) product->packed + offset;
  widen ((const uint16_t *) product->packed + offset, weights->format, room, count);
  return room;
}

/* Part `index` of `parts` of about the same size. */
INLINE int64_t
part (int64_t whole, int64_t index, int64_t parts)
{
  return whole * index / parts;
}

static CProductPlan
plan (const CProduct *product, CProductMachine machine)
{
  const CProductWeights *weights = &product->weights;
  DepthBlocks blocks = depth_blocks (weights, weights->taps);
  int64_t rows = cproduct_row_count (&product->rows), unit = weights->gated ? 2 : 1;
  int64_t columns = panels (weights) / unit, depth = blocks.taps_each * blocks.channels_each;
  int64_t widest = 320;
  CProductPlan plan = { 0 };
  if (rows <= 0)
    return plan;

  /* Two fifths of the second-level cache for the strip, a little less for the sums; the rest is passing through. */
  int64_t strip = machine.second_level * 2 / 5 / 4, sums = machine.second_level * 3 / 10 / 4;
  int64_t width = most (1, least (strip / (depth * NR * unit), widest / (NR * unit)));
  int64_t panel_blocks = divide_up (columns, width);
  width = divide_up (columns, panel_blocks);
  int64_t height = most (4, least (sums / (width * unit * TILE_FLOATS), 240 / ROWS)) * ROWS;
  int64_t row_blocks = divide_up (rows, height);

  /* Enough tasks that threads end at about the same time: shorter blocks widen weights more often, narrower ones
   * gather rows more often. */
  while (machine.threads > 1 && row_blocks * panel_blocks < 3 * machine.threads)
    if (width > 2 && rows / row_blocks < 16 * ROWS)
      {
        panel_blocks = divide_up (columns, divide_up (width, 2));
        width = divide_up (columns, panel_blocks);
      }
    else if (rows / row_blocks >= 2 * ROWS)
      row_blocks *= 2;
    else if (width > 1)
      {
        panel_blocks = divide_up (columns, divide_up (width, 2));
        width = divide_up (columns, panel_blocks);
      }
    else
      break;
  panel_blocks = divide_up (columns, width);
  while (machine.threads > 1 && row_blocks * panel_blocks < 16 * machine.threads
         && row_blocks * panel_blocks % machine.threads != 0 && rows / row_blocks > 8 * ROWS)
    row_blocks++;

  plan.row_blocks = row_blocks;
  plan.panel_blocks = panel_blocks;
  plan.tasks = row_blocks * panel_blocks;
  plan.rows_per_block = divide_up (rows, row_blocks);
  plan.panels_per_block = width * unit;
  int64_t floats = ROWS_FLOATS + divide_up (plan.rows_per_block, ROWS) * plan.panels_per_block * TILE_FLOATS;
  plan.scratch = floats * 4 + plan.panels_per_block * depth * NR * widened_bytes (weights) + LINE;
  if (weights->quantized)
    plan.scratch += LEVEL_BYTES;
  return plan;
}

static void
run (const CProduct *product, const CProductPlan *plan, int64_t task, void *scratch)
{
  const CProductWeights *weights = &product->weights;
  DepthBlocks blocks = depth_blocks (weights, weights->taps);
  int64_t unit = weights->gated ? 2 : 1, panel_count = panels (weights);
  int64_t block_count = blocks.tap_blocks * blocks.channel_blocks;

  /* Tasks that run at the same time share weights. */
  int64_t row_block = task % plan->row_blocks, panel_block = task / plan->row_blocks;
  int64_t all_rows = cproduct_row_count (&product->rows);
  int64_t row_start = part (all_rows, row_block, plan->row_blocks);
  int64_t rows = part (all_rows, row_block + 1, plan->row_blocks) - row_start;
  int64_t first = part (panel_count / unit, panel_block, plan->panel_blocks) * unit;
  int64_t count = part (panel_count / unit, panel_block + 1, plan->panel_blocks) * unit - first;
  int64_t groups = divide_up (rows, ROWS), last_width = panel_width (weights, first + count - 1);

  float *gathered = align_scratch (scratch);
  float *sums = gathered + ROWS_FLOATS;
  float *behind = sums + divide_up (plan->rows_per_block, ROWS) * plan->panels_per_block * TILE_FLOATS;
  Level *levels = (Level *) behind;
  LevelRow scales[ROWS];
  void *room = weights->quantized ? (void *) (levels + ROWS * LEVEL_STRIDE) : (void *) behind;

  for (int64_t b = 0; b < block_count; b++)
    {
      DepthBlock block = depth_block (&blocks, b);
      int64_t offset = packed_offset (&block, first, panel_count), panel_values = block.depth * NR;
      const void *strip = strip_of (product, offset, count * panel_values, room);
      bool last = b == block_count - 1;
      for (int64_t g = 0; g < groups; g++)
        {
          int64_t start = part (rows, g, groups), height = part (rows, g + 1, groups) - start;
          gather (&product->rows, &block, row_start + start, height, gathered);
          if (weights->quantized)
            for (int64_t i = 0; i < height; i++)
              scales[i] = quantize_row (gathered + i * ROW_STRIDE, block.depth, levels + i * LEVEL_STRIDE);
          int64_t next = start + height, next_height = g + 1 < groups ? part (rows, g + 2, groups) - next : 0;
          int64_t share = divide_up (next_height, count), near = 0;
          for (int64_t p = 0; p < count; p++)
            {
              for (int64_t end = least (next_height, near + share); near < end; near++)
                approach_row (&product->rows, &block, row_start + next + near);
              if (last)
                approach_results (product, height, row_start + start, first + p);
              /* If one block is all, its sums need no place of their own. */
              float *to = sums + (block_count == 1 ? p % unit : g * count + p) * TILE_FLOATS;
              int64_t columns = p < count - unit ? NR : last_width;
              if (weights->quantized)
                level_tile_for (height, columns) (
                  block.depth, levels, scales, (const uint8_t *) strip + p * panel_values * STRIP_BYTES,
                  column_scales (weights, product->packed, first + p), to, b > 0);
              else
                tile_for (height, columns) (block.depth, gathered, (const float *) strip + p * panel_values, to, NR, b > 0);
              if (last && p % unit == unit - 1)
                finish_tile (product, to - (unit - 1) * TILE_FLOATS, height, row_start + start, first + p);
            }
        }
    }
}
