/* How a Winograd convolution is cut, and what it is expected to cost beside a direct one. */

static bool
winograd_fits (const CProduct *product)
{
  const CProductRows *rows = &product->rows;
  return rows->kernel == 3 && rows->stride == 1 && rows->before == 1 && rows->after == 1 && !product->weights.gated;
}

/* A plan of about these sizes, its blocks made even. */
static CWinogradPlan
winograd_plan_of (const CProduct *product, int64_t band_tiles, int64_t block_tiles, int64_t block_panels, int64_t turn)
{
  const CProductWeights *weights = &product->weights;
  DepthBlocks blocks = depth_blocks (1, weights->channels);
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
  plan.channels_per_turn = divide_up (blocks.channels_each, divide_up (blocks.channels_each, turn));
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
  int64_t columns, turn;
} WinogradBlocks;

static const WinogradBlocks winograd_blocks[] = {
  { .tiles = 16, .columns = 64, .turn = 320 },
  { .tiles = 48, .columns = 96, .turn = 160 },
  { .tiles = 128, .columns = 160, .turn = 80 },
};

static CWinogradPlan
winograd_plan (const CProduct *product, CProductMachine machine)
{
  int64_t tiles = tile_count (&product->rows);
  /* The transformed picture of a band in three quarters of the last-level cache. */
  int64_t tile_bytes = POSITIONS * product->weights.channels * 4;
  int64_t band = most (128, least (1024, machine.last_level * 3 / 4 / tile_bytes));
  int64_t height = least (128, least (tiles, band));
  const WinogradBlocks *blocks = winograd_blocks;
  while (blocks->tiles < height)
    blocks++;
  int64_t width = blocks->columns, turn = blocks->turn;
  if (blocks->tiles == 128 && machine.second_level >= 1 << 20)
    {
      width *= 2;
      turn *= 2;
    }
  width = least (divide_up (width, NR), panels (&product->weights));
  CWinogradPlan plan = winograd_plan_of (product, band, height, width, turn);
  /* Enough tasks that threads end at about the same time. */
  while (machine.threads > 1 && plan.bands > 0 && plan.multiply_tasks < 3 * machine.threads)
    {
      if (height > 48)
        height = divide_up (height, 2);
      else if (width * NR > 32 && width > 1)
        width = divide_up (width, 2);
      else
        break;
      plan = winograd_plan_of (product, band, height, width, turn);
    }
  return plan;
}

static bool
winograd_pays (const CProduct *product, CProductMachine machine)
{
  (void) machine;
  return winograd_fits (product);
}
