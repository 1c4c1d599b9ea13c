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

static CWinogradPlan
winograd_plan (const CProduct *product, CProductMachine machine)
{
  int64_t tiles = tile_count (&product->rows);
  (void) machine;
  return winograd_plan_of (product, 512, tiles > 64 ? 128 : 32, divide_up (tiles > 64 ? 160 : 32, NR), tiles > 64 ? 80 : 40);
}

static bool
winograd_pays (const CProduct *product, CProductMachine machine)
{
  (void) machine;
  return winograd_fits (product);
}
