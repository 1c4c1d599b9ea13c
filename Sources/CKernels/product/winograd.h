/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Winograd convolution in two kinds of tasks.
 *
 *   transform: some tiles x a channel block.  Their pixels are gathered, normalised once each, into a small picture in
 *   the cache, and transformed from there to V in the shared memory.
 *
 *   multiply: a block of tiles x a block of panels.
 *     for each K block of channels
 *       transform the weights, U, as packed for direct products
 *       for each of the 36 positions, for each group of ROWS tiles, for each panel: micro-kernel, M += V U
 *     transform the sums, M, and finish the results as direct products are finished
 *
 * A thread's scratch: U as [position][panel][K block's channels][NR], M as [position][group][panel][ROWS][NR].
 */

enum {
  /* Floats between the matrices of two positions beyond their size: 36 matrices at a power of two would share sets. */
  SKEW = 16,
  /* The small picture of a transform task: up to 4 tiles side by side, 64 channels, 27 KB. */
  RUN_TILES = 4,
  RUN_CHANNELS = 64,
  RUN_WIDTH = RUN_TILES * RESULTS + 2,
  RUN_FLOATS = PATCH * RUN_WIDTH * RUN_CHANNELS,
  TILES_PER_TRANSFORM = 8,
};

/* Where a tile lies: the top left of its results. */
typedef struct {
  int64_t image, y, x;
} TilePlace;

INLINE int64_t
tiles_across (const CProductRows *rows)
{
  return divide_up (rows->width * rows->upsample, RESULTS);
}

INLINE int64_t
tiles_down (const CProductRows *rows)
{
  return divide_up (rows->height * rows->upsample, RESULTS);
}

INLINE int64_t
tile_count (const CProductRows *rows)
{
  return rows->images * tiles_down (rows) * tiles_across (rows);
}

INLINE TilePlace
tile_place (const CProductRows *rows, int64_t tile)
{
  int64_t across = tiles_across (rows), down = tiles_down (rows);
  return (TilePlace) { tile / across / down, tile / across % down * RESULTS, tile % across * RESULTS };
}

INLINE int64_t
picture_step (const CWinogradPlan *plan)
{
  return plan->tiles_per_band * ROW_STRIDE + SKEW;
}

INLINE int64_t
weights_step (const CWinogradPlan *plan)
{
  return plan->k_block * plan->panels_per_block * NR + SKEW;
}

INLINE int64_t
sums_step (const CWinogradPlan *plan)
{
  return divide_up (plan->tiles_per_block, ROWS) * plan->panels_per_block * TILE_FLOATS + SKEW;
}

/* Tiles of one row of tiles, side by side from `first` on, at the channels of `block`. */
static void
transform_run (const CProductRows *rows, const DepthBlock *block, int64_t first, int64_t count, float *picture,
               float *to, int64_t step)
{
  TilePlace place = tile_place (rows, first);
  int64_t width = count * RESULTS + 2;
  for (int64_t channel = 0; channel < block->channels; channel += RUN_CHANNELS)
    {
      int64_t some = least (RUN_CHANNELS, block->channels - channel);
      for (int64_t y = 0; y < PATCH; y++)
        for (int64_t x = 0; x < width; x++)
          {
            float *to = picture + (y * RUN_WIDTH + x) * RUN_CHANNELS;
            approach_position (rows, place.image, place.y + y - 1, place.x + x - 1, block->channel + channel + some,
                               RUN_CHANNELS);
            read_position (rows, place.image, place.y + y - 1, place.x + x - 1, block->channel + channel, some, to);
          }
      for (int64_t t = 0; t < count; t++)
        for (int64_t c = 0; c < some; c += LANES)
          transform_patch (picture + t * RESULTS * RUN_CHANNELS + c, RUN_CHANNELS, RUN_WIDTH * RUN_CHANNELS,
                           to + t * ROW_STRIDE + channel + c, step);
    }
}

static void
winograd_transform (const CProduct *product, const CWinogradPlan *plan, int64_t band, int64_t task, void *shared,
                    void *scratch)
{
  const CProductRows *rows = &product->rows;
  DepthBlocks blocks = depth_blocks (&product->weights, 1);
  int64_t base = part (tile_count (rows), band, plan->bands);
  int64_t tiles = part (tile_count (rows), band + 1, plan->bands) - base;
  int64_t strip = task % plan->strips, index = task / plan->strips;
  DepthBlock block = depth_block (&blocks, index);
  float *picture = align_scratch (scratch);
  float *matrices = align_scratch (shared) + index * POSITIONS * picture_step (plan);
  int64_t end = part (tiles, strip + 1, plan->strips);
  for (int64_t first = part (tiles, strip, plan->strips); first < end;)
    {
      int64_t across = tiles_across (rows), here = (base + first) % across;
      int64_t count = least (least (RUN_TILES, across - here), end - first);
      transform_run (rows, &block, base + first, count, picture, matrices + first * ROW_STRIDE, picture_step (plan));
      first += count;
    }
}

/* A tile that is finished, and the vectors (or NULL) that are added to its results. */
typedef struct {
  TilePlace    place;
  const float *vectors[RESULTS * RESULTS];
} FinishedTile;

INLINE FinishedTile
finished_tile (const CProduct *product, int64_t tile)
{
  const CProductRows *rows = &product->rows;
  int64_t height = rows->height * rows->upsample, width = rows->width * rows->upsample;
  FinishedTile finished = { .place = tile_place (rows, tile) };
  int64_t first = (finished.place.image * height + finished.place.y) * width + finished.place.x;
  for (int r = 0; r < RESULTS * RESULTS; r++)
    finished.vectors[r] = vector_of_row (product, first + r / RESULTS * width + r % RESULTS);
  return finished;
}

/* The results of one tile in the columns of one panel. */
static void
finish_patch (const CProduct *product, const FinishedTile *tile, int64_t panel, const float *sums, int64_t step)
{
  const CProductRows *rows = &product->rows;
  int64_t height = rows->height * rows->upsample, width = rows->width * rows->upsample;
  int64_t column = panel_column (&product->weights, panel), columns = panel_width (&product->weights, panel);
  int64_t first = (tile->place.image * height + tile->place.y) * width + tile->place.x;
  int64_t down = least (RESULTS, height - tile->place.y), across = least (RESULTS, width - tile->place.x);
  for (int i = 0; i < down; i++)
    for (int j = 0; j < across; j++)
      approach_results (product, 1, first + i * width + j, panel);
  for (int64_t c = 0; c < columns; c += LANES)
    {
      Vector results[RESULTS][RESULTS];
      transform_sums (sums + c, step, results);
      int64_t count = least (LANES, columns - c);
      for (int i = 0; i < down; i++)
        for (int j = 0; j < across; j++)
          {
            int64_t row = first + i * width + j;
            const float *vector = tile->vectors[i * RESULTS + j];
            Vector sum = complete (&product->epilogue, results[i][j], vector, row, column + c, count);
            store_some (product->out + row * product->out_stride + column + c,
                        activate (sum, product->epilogue.activation), count);
          }
    }
}

/* Where the panel's weights of nine taps begin in the packed weights, from `channel` on. */
INLINE void
find_taps (const CProductWeights *weights, int64_t panel, int64_t panel_count, int64_t channel, int64_t taps[TAPS])
{
  DepthBlocks blocks = depth_blocks (weights, TAPS);
  for (int64_t tap = 0; tap < TAPS; tap++)
    {
      int64_t index = tap / blocks.taps_each * blocks.channel_blocks + channel / blocks.channels_each;
      DepthBlock block = depth_block (&blocks, index);
      taps[tap] = packed_offset (&block, panel, panel_count)
                  + ((tap - block.tap) * (block.depth / block.taps) + channel - block.channel) * NR;
    }
}

static void
winograd_multiply (const CProduct *product, const CWinogradPlan *plan, int64_t band, int64_t task, const void *shared,
                   void *scratch)
{
  const CProductRows *rows = &product->rows;
  const CProductWeights *weights = &product->weights;
  DepthBlocks blocks = depth_blocks (weights, 1);
  int64_t panel_count = panels (weights);
  int64_t base = part (tile_count (rows), band, plan->bands);
  int64_t all = part (tile_count (rows), band + 1, plan->bands) - base;

  /* Tasks that run at the same time share weights. */
  int64_t tile_block = task % plan->tile_blocks, panel_block = task / plan->tile_blocks;
  int64_t tile_start = part (all, tile_block, plan->tile_blocks);
  int64_t tiles_here = part (all, tile_block + 1, plan->tile_blocks) - tile_start;
  int64_t first = part (panel_count, panel_block, plan->panel_blocks);
  int64_t count = part (panel_count, panel_block + 1, plan->panel_blocks) - first;
  int64_t groups = divide_up (tiles_here, ROWS), last_width = panel_width (weights, first + count - 1);

  float *u = align_scratch (scratch);
  float *m = u + POSITIONS * weights_step (plan);
  int64_t u_step = weights_step (plan), m_step = sums_step (plan), v_step = picture_step (plan);

  for (int64_t b = 0; b < blocks.channel_blocks; b++)
    {
      DepthBlock block = depth_block (&blocks, b);
      const float *v = align_scratch ((void *) (uintptr_t) shared) + b * POSITIONS * v_step + tile_start * ROW_STRIDE;
      for (int64_t k = 0; k < block.channels; k += plan->k_block)
        {
          int64_t depth = least (plan->k_block, block.channels - k);
          for (int64_t p = 0; p < count; p++)
            {
              int64_t taps[TAPS];
              find_taps (weights, first + p, panel_count, block.channel + k, taps);
              if (weights->numbers == CPRODUCT_WHOLE_NUMBERS)
                transform_quantized (product->packed, column_scales (weights, product->packed, first + p), taps, depth,
                                     u + p * depth * NR, u_step);
              else
                transform_weights (product->packed, weights->format, taps, depth * NR, u + p * depth * NR, u_step);
            }
          for (int64_t xi = 0; xi < POSITIONS; xi++)
            for (int64_t g = 0; g < groups; g++)
              {
                int64_t start = part (tiles_here, g, groups), height = part (tiles_here, g + 1, groups) - start;
                const float *rows_here = v + xi * v_step + start * ROW_STRIDE + k;
                const float *next = g + 1 < groups ? rows_here + height * ROW_STRIDE : v + (xi + 1) * v_step + k;
                int64_t share = divide_up (height, count), near = 0;
                for (int64_t p = 0; p < count; p++)
                  {
                    /* Short pieces of rows at large distances are not what the processor foresees. */
                    for (int64_t end = least (height, near + share); near < end; near++)
                      approach_values (next + near * ROW_STRIDE, depth);
                    tile_for (height, p < count - 1 ? NR : last_width) (
                      depth, rows_here, u + xi * u_step + p * depth * NR,
                      m + xi * m_step + (g * count + p) * TILE_FLOATS, NR, b + k > 0);
                  }
              }
        }
    }

  for (int64_t g = 0; g < groups; g++)
    {
      FinishedTile finished[ROWS];
      int64_t start = part (tiles_here, g, groups), height = part (tiles_here, g + 1, groups) - start;
      for (int64_t i = 0; i < height; i++)
        finished[i] = finished_tile (product, base + tile_start + start + i);
      for (int64_t p = 0; p < count; p++)
        for (int64_t i = 0; i < height; i++)
          finish_patch (product, &finished[i], first + p, m + (g * count + p) * TILE_FLOATS + i * NR, m_step);
    }
}
