/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Products by K blocks: a task is a block of rows x a block of panels.
 *
 *     for each K block
 *       widen the strip of weights (second-level cache)
 *       for each group of ROWS rows
 *         gather the rows (first-level cache), and turn them into levels or halves where those are multiplied
 *         for each panel of the strip
 *           micro-kernel, adding to the task's sums; after the last block, the epilogue
 *
 * A thread's scratch is its Work.
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

/* What a task works with. */
typedef struct {
  float   *gathered; /* rows at ROW_STRIDE */
  float   *sums;     /* tiles [group][panel][rows][NR] */
  void    *numbers;  /* the rows' levels or halves */
  void    *room;     /* the strip, unless it is taken as it lies; of halves, one panel of it as floats */
  LevelRow scales[ROWS];
  bool     held;     /* the group's values by halves */
} Work;

/* Bytes of a group's numbers. */
INLINE int64_t
numbers_bytes (const CProductWeights *weights)
{
  switch (weights->numbers)
    {
    case CPRODUCT_FLOATS:
      return 0;
    case CPRODUCT_WHOLE_NUMBERS:
      return LEVEL_BYTES;
    case CPRODUCT_HALVES:
      return HALF_BYTES;
    }
  return 0;
}

/* Bytes of room for a strip of `count` panels of `depth`. */
INLINE int64_t
room_bytes (const CProductWeights *weights, int64_t count, int64_t depth)
{
  switch (weights->numbers)
    {
    case CPRODUCT_FLOATS:
      return weights->format == CPRODUCT_FLOAT32 ? 0 : count * depth * NR * 4;
    case CPRODUCT_WHOLE_NUMBERS:
      return count * depth * NR * STRIP_ROOM_BYTES;
    case CPRODUCT_HALVES:
      return depth * NR * 4;
    }
  return 0;
}

/* `count` weights from `offset` on as the micro-kernel takes them, in `room` where they are not so already. */
INLINE const void *
strip_of (const CProduct *product, int64_t offset, int64_t count, void *room)
{
  const CProductWeights *weights = &product->weights;
  const char *packed = (const char *) product->packed + offset * weight_bytes (weights);
  if (weights->numbers == CPRODUCT_WHOLE_NUMBERS)
    return level_strip ((const uint8_t *) packed, count, room);
  if (weights->numbers == CPRODUCT_HALVES || weights->format == CPRODUCT_FLOAT32)
    return packed;
  widen ((const uint16_t *) (const void *) packed, weights->format, room, count);
  return room;
}

/* Bytes of one weight in a strip. */
INLINE int64_t
strip_bytes (const CProductWeights *weights)
{
  switch (weights->numbers)
    {
    case CPRODUCT_FLOATS:
      return 4;
    case CPRODUCT_WHOLE_NUMBERS:
      return STRIP_BYTES;
    case CPRODUCT_HALVES:
      return sizeof (Half);
    }
  return 0;
}

/* A group's rows, as they are multiplied. */
INLINE void
take_rows (const CProduct *product, const DepthBlock *block, int64_t first, int64_t count, Work *work)
{
  if (product->weights.numbers == CPRODUCT_HALVES)
    {
      work->held = gather_halves (&product->rows, block, first, count, work->gathered, work->numbers);
      return;
    }
  gather (&product->rows, block, first, count, work->gathered);
  if (product->weights.numbers == CPRODUCT_WHOLE_NUMBERS)
    for (int64_t i = 0; i < count; i++)
      work->scales[i] = quantize_row (work->gathered + i * ROW_STRIDE, block->depth, (Level *) work->numbers + i * LEVEL_STRIDE);
}

/* Those with the first `columns` of panel `panel`, which lies at `from` in the strip; of rows from `first` on. */
INLINE void
multiply_panel (const CProduct *product, const DepthBlock *block, int64_t first, int64_t count, int64_t columns,
                int64_t panel, const void *from, float *to, bool accumulate, const Work *work)
{
  switch (product->weights.numbers)
    {
    case CPRODUCT_FLOATS:
      tile_for (count, columns) (block->depth, work->gathered, from, to, NR, accumulate);
      break;
    case CPRODUCT_WHOLE_NUMBERS:
      level_tile_for (count, columns) (block->depth, work->numbers, work->scales, from,
                                       column_scales (&product->weights, product->packed, panel), to, accumulate);
      break;
    case CPRODUCT_HALVES:
      multiply_halves (&product->rows, block, first, count, columns, work->held ? work->numbers : NULL, from, to, accumulate,
                       work->gathered, work->room);
      break;
    }
}

static CProductPlan
plan (const CProduct *product, CProductMachine machine)
{
  const CProductWeights *weights = &product->weights;
  DepthBlocks blocks = depth_blocks (weights, weights->taps);
  int64_t rows = cproduct_row_count (&product->rows), unit = weights->gated ? 2 : 1;
  int64_t columns = panels (weights) / unit, depth = blocks.taps_each * blocks.channels_each;
  bool halves = weights->numbers == CPRODUCT_HALVES;
  int64_t group = group_rows (weights), bytes = halves ? 2 : 4, widest = halves ? 640 : 320;
  CProductPlan plan = { 0 };
  if (rows <= 0)
    return plan;

  /* Two fifths of the second-level cache for the strip, a little less for the sums; the rest is passing through. */
  int64_t strip = machine.second_level * 2 / 5 / bytes, sums = machine.second_level * 3 / 10 / 4;
  int64_t width = most (1, least (strip / (depth * NR * unit), widest / (NR * unit)));
  int64_t panel_blocks = divide_up (columns, width);
  width = divide_up (columns, panel_blocks);
  int64_t height = most (4, least (sums / (width * unit * group_floats (weights)), 240 / group)) * group;
  int64_t row_blocks = divide_up (rows, height);

  /* Enough tasks that threads end at about the same time: shorter blocks widen weights more often, narrower ones
   * gather rows more often. */
  while (machine.threads > 1 && row_blocks * panel_blocks < 3 * machine.threads)
    if (width > 2 && rows / row_blocks < 16 * group)
      {
        panel_blocks = divide_up (columns, divide_up (width, 2));
        width = divide_up (columns, panel_blocks);
      }
    else if (rows / row_blocks >= 2 * group)
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
         && row_blocks * panel_blocks % machine.threads != 0 && rows / row_blocks > 8 * group)
    row_blocks++;

  plan.row_blocks = row_blocks;
  plan.panel_blocks = panel_blocks;
  plan.tasks = row_blocks * panel_blocks;
  plan.rows_per_block = divide_up (rows, row_blocks);
  plan.panels_per_block = width * unit;
  int64_t floats = ROWS_FLOATS + divide_up (plan.rows_per_block, group) * plan.panels_per_block * group_floats (weights);
  plan.scratch = floats * 4 + numbers_bytes (weights) + room_bytes (weights, plan.panels_per_block, depth) + LINE;
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
  int64_t group = group_rows (weights), tile_floats = group_floats (weights), bytes = strip_bytes (weights);
  int64_t groups = divide_up (rows, group), last_width = panel_width (weights, first + count - 1);

  Work work;
  work.gathered = align_scratch (scratch);
  work.sums = work.gathered + ROWS_FLOATS;
  work.numbers = work.sums + divide_up (plan->rows_per_block, group) * plan->panels_per_block * tile_floats;
  work.room = (char *) work.numbers + numbers_bytes (weights);

  if (weights->numbers == CPRODUCT_HALVES)
    begin_tiles ();
  for (int64_t b = 0; b < block_count; b++)
    {
      DepthBlock block = depth_block (&blocks, b);
      int64_t offset = packed_offset (&block, first, panel_count), panel_values = block.depth * NR;
      const char *strip = strip_of (product, offset, count * panel_values, work.room);
      bool last = b == block_count - 1;
      for (int64_t g = 0; g < groups; g++)
        {
          int64_t start = part (rows, g, groups), height = part (rows, g + 1, groups) - start;
          take_rows (product, &block, row_start + start, height, &work);
          int64_t next = start + height, next_height = g + 1 < groups ? part (rows, g + 2, groups) - next : 0;
          int64_t share = divide_up (next_height, count), near = 0;
          for (int64_t p = 0; p < count; p++)
            {
              for (int64_t end = least (next_height, near + share); near < end; near++)
                approach_row (&product->rows, &block, row_start + next + near);
              if (last)
                approach_results (product, height, row_start + start, first + p);
              /* If one block is all, its sums need no place of their own. */
              float *to = work.sums + (block_count == 1 ? p % unit : g * count + p) * tile_floats;
              multiply_panel (product, &block, row_start + start, height, p < count - unit ? NR : last_width, first + p,
                              strip + p * panel_values * bytes, to, b > 0, &work);
              if (last && p % unit == unit - 1)
                finish_tile (product, to - (unit - 1) * tile_floats, height, row_start + start, first + p);
            }
        }
    }
  if (weights->numbers == CPRODUCT_HALVES)
    end_tiles ();
}
