/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* How a Winograd convolution is cut, and what it is expected to cost beside a direct one. */

static bool
winograd_fits (const CProduct *product)
{
  const CProductRows *rows = &product->rows;
  return rows->kernel == 3 && rows->stride == 1 && rows->before == 1 && rows->after == 1 && !product->weights.gated
         && product->weights.numbers != CPRODUCT_HALVES;
}

/* A plan of about these sizes, its blocks made even. */
static CWinogradPlan
winograd_plan_of (const CProduct *product, int64_t band_tiles, int64_t block_tiles, int64_t block_panels, int64_t k_block)
{
  const CProductWeights *weights = &product->weights;
  DepthBlocks blocks = depth_blocks (weights, 1);
  CWinogradPlan plan = { 0 };
  int64_t tiles = tile_count (&product->rows);
  plan.bands = divide_up (tiles, band_tiles);
  if (plan.bands == 0)
    return plan;
  plan.tiles_per_band = divide_up (tiles, plan.bands);
  plan.tile_blocks = divide_up (plan.tiles_per_band, block_tiles);
  plan.tiles_per_block = divide_up (plan.tiles_per_band, plan.tile_blocks);
  plan.panel_blocks = divide_up (panels (weights), block_panels);
  plan.panels_per_block = divide_up (panels (weights), plan.panel_blocks);
  plan.k_block = round_up (divide_up (blocks.channels_each, divide_up (blocks.channels_each, k_block)), blocks.unit);
  plan.channel_blocks = blocks.channel_blocks;
  plan.strips = divide_up (plan.tiles_per_band, TILES_PER_TRANSFORM);
  plan.transform_tasks = plan.strips * plan.channel_blocks;
  plan.multiply_tasks = plan.tile_blocks * plan.panel_blocks;
  plan.shared = plan.channel_blocks * POSITIONS * picture_step (&plan) * 4 + LINE;
  plan.scratch = most (RUN_FLOATS, POSITIONS * (weights_step (&plan) + sums_step (&plan))) * 4 + LINE;
  return plan;
}

/* Blocks that were fastest on a processor with 512 KB of second-level cache: with few tiles a task's time goes into
 * transforming weights and reading the picture again, with many into passing over the sums. */
typedef struct {
  int64_t tiles; /* at most */
  int64_t columns, k_block;
} WinogradBlocks;

static const WinogradBlocks winograd_blocks[] = {
  { .tiles = 16, .columns = 64, .k_block = 320 },
  { .tiles = 48, .columns = 96, .k_block = 160 },
  { .tiles = 128, .columns = 160, .k_block = 80 },
};

static CWinogradPlan
winograd_plan (const CProduct *product, CProductMachine machine)
{
  int64_t tiles = tile_count (&product->rows);
  bool large = machine.second_level >= 1 << 20;
  int64_t height = least (large ? 128 : 64, tiles);
  const WinogradBlocks *blocks = winograd_blocks;
  while (blocks->tiles < height)
    blocks++;
  int64_t width = blocks->columns * (large && height > 48 ? 2 : 1);
  int64_t k_block = blocks->k_block * (large && height > 48 ? 2 : 1);
  width = least (divide_up (width, NR), panels (&product->weights));
  /* With a few outputs all is in the picture's transform, and short bands keep that in the cache. */
  if (product->weights.outputs <= 32)
    height = least (height, 32);

  /* What a band's picture takes should be there still when it is read: an eighth of a cache that others use too. */
  int64_t tile_bytes = POSITIONS * product->weights.channels * 4;
  int64_t band = most (128, least (1024, machine.last_level / 8 / tile_bytes));
  int64_t longest = most (256, machine.last_level / 4 / tile_bytes);
  CWinogradPlan plan = winograd_plan_of (product, band, height, width, k_block);

  /* Enough tasks that threads end at about the same time. */
  while (machine.threads > 1 && plan.bands > 0 && plan.multiply_tasks < 3 * machine.threads)
    {
      if (band < tiles && band + height <= longest)
        band += height;
      else if (height > 32)
        height = divide_up (height, 2);
      else if (width * NR > 32 && width > 1)
        width = divide_up (width, 2);
      else
        break;
      plan = winograd_plan_of (product, band, height, width, k_block);
    }
  return plan;
}

/* Cycles of one thread for work on LANES values, as measured with AVX2 (Zen 3); what they say of AVX-512 agrees with
 * what was measured on another machine within a fifth.  The transforms' cycles are mostly the memory's. */
typedef struct {
  double pixel;   /* a pixel found, for the left matrix */
  double gather;  /* its values */
  double widen;   /* weights to float32 */
  double finish;  /* sums to results */
  double tile;    /* a micro-kernel's call, besides its multiplications */
  double patch;   /* 36 pixels to V */
  double weights; /* nine taps to U */
  double sums;    /* 36 sums to 16 results */
} Cycles;

static const Cycles cycles = {
  .pixel = 25, .gather = 5, .widen = 3, .finish = 5, .tile = 40, .patch = 700, .weights = 160, .sums = 400,
};

INLINE double
vectors_in (int64_t values)
{
  return (double) divide_up (values, LANES);
}

/* Cycles of the multiplications and micro-kernels' calls for rows x depth x outputs, in K blocks of some depth, of which an
 * instruction takes so many `at_once`. */
INLINE double
product_cycles (double rows, double depth, int64_t outputs, double k_block, double at_once)
{
  double multiplications = rows * depth * vectors_in (outputs) / (2 * at_once); /* two instructions begin in a cycle */
  return multiplications + rows / ROWS * (depth / k_block) * (double) divide_up (outputs, NR) * cycles.tile;
}

static bool
winograd_pays (const CProduct *product, CProductMachine machine)
{
  if (!winograd_fits (product))
    return false;
  const CProductWeights *weights = &product->weights;
  double rows = (double) cproduct_row_count (&product->rows), tiles = (double) tile_count (&product->rows);
  double channels = (double) weights->channels, outputs = vectors_in (panels (weights) * NR);
  DepthBlocks blocks = depth_blocks (weights, TAPS);
  CProductPlan plain = plan (product, machine);
  CWinogradPlan winograd = winograd_plan (product, machine);

  double direct = product_cycles (rows, TAPS * channels, weights->outputs,
                                  (double) (blocks.taps_each * blocks.channels_each),
                                  weights->numbers == CPRODUCT_WHOLE_NUMBERS ? GROUP : 1);
  direct += rows * TAPS * (double) plain.panel_blocks
            * (cycles.pixel + vectors_in (weights->channels) * cycles.gather);
  direct += rows * vectors_in (weights->outputs) * cycles.finish;
  if (weights->numbers != CPRODUCT_FLOATS || weights->format != CPRODUCT_FLOAT32)
    direct += TAPS * channels * outputs * (double) plain.row_blocks * cycles.widen;

  double k_block = (double) winograd.k_block;
  double transformed = POSITIONS * product_cycles (tiles, channels, weights->outputs, k_block, 1);
  transformed += tiles * vectors_in (weights->channels) * cycles.patch;
  transformed += channels * outputs * (double) (winograd.bands * winograd.tile_blocks) * cycles.weights;
  transformed += tiles * vectors_in (weights->outputs) * cycles.sums;
  /* A picture beyond the last-level cache is written and read at the memory's 5 GB/s or so. */
  double band = (double) winograd.tiles_per_band * POSITIONS * channels * 4;
  if (band > (double) machine.last_level)
    transformed += tiles * POSITIONS * channels * 4 * 0.6 * (double) (1 + winograd.panel_blocks);
  return transformed < direct;
}
