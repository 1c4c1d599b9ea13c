/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The file's weights to whole numbers of 8 bits, once when a layer is loaded. */

/* Values that are widened at once. */
enum { CHUNK = 1024 };

/* `count` of the file's values from `first` on, as floats; `to` has room for whole vectors. */
static void
read_weights (CProductFormat format, const void *file, int64_t first, int64_t count, float *to)
{
  for (int64_t i = 0; i < count; i += LANES)
    {
      int64_t some = least (LANES, count - i);
      if (format == CPRODUCT_FLOAT32)
        {
          store (to + i, load_some ((const float *) file + first + i, some));
          continue;
        }
      uint16_t last[LANES] = { 0 };
      const uint16_t *halves = (const uint16_t *) file + first + i;
      if (some < LANES)
        halves = memcpy (last, halves, (size_t) some * sizeof *halves);
      store (to + i, format == CPRODUCT_FLOAT16 ? widen_half (halves) : widen_bfloat (halves));
    }
}

/* One output of the file, [channels][taps], to column `n` of a panel.  Returns its scale. */
static float
pack_quantized_output (const CProductWeights *weights, const void *file, int64_t output, int64_t panel, int64_t n,
                       int64_t panel_count, uint8_t *packed)
{
  int64_t taps = weights->taps, all = taps * weights->channels;
  DepthBlocks blocks = depth_blocks (weights, taps);
  float values[CHUNK + LANES];
  IntVector bits = { 0 };
  for (int64_t i = 0; i < all; i += CHUNK)
    {
      int64_t some = least (CHUNK, all - i);
      read_weights (weights->format, file, output * all + i, some, values);
      for (int64_t k = 0; k < some; k += LANES)
        bits = larger_magnitude (bits, load_some (values + k, some - k));
    }
  float largest = largest_magnitude (bits), factor = largest > SMALLEST ? 127 / largest : 0;

  int64_t each = most (1, CHUNK / taps);
  for (int64_t channel = 0; channel < weights->channels;)
    {
      int64_t channel_block = channel / blocks.channels_each;
      int64_t end = least (weights->channels, (channel_block + 1) * blocks.channels_each);
      int64_t some = least (each, end - channel);
      int32_t levels[CHUNK + LANES];
      read_weights (weights->format, file, output * all + channel * taps, some * taps, values);
      for (int64_t i = 0; i < some * taps; i += LANES)
        {
          IntVector rounded = nearest (load (values + i) * factor) + WEIGHT_OFFSET;
          memcpy (levels + i, &rounded, sizeof rounded);
        }
      for (int64_t tap = 0; tap < taps; tap++)
        {
          DepthBlock block = depth_block (&blocks, tap / blocks.taps_each * blocks.channel_blocks + channel_block);
          uint8_t *to = packed + packed_offset (&block, panel, panel_count);
          int64_t k = (tap - block.tap) * (block.depth / block.taps) + channel - block.channel;
          for (int64_t i = 0; i < some; i++, k++)
            to[(k / GROUP * NR + n) * GROUP + k % GROUP] = (uint8_t) levels[i * taps + tap];
        }
      channel += some;
    }
  return largest > SMALLEST ? largest / 127 : 0;
}

static void
pack_quantized_panel (const CProductWeights *weights, const void *file, int64_t panel, int64_t panel_count, void *packed)
{
  int64_t width = panel_width (weights, panel), output = panel_output (weights, panel);
  DepthBlocks blocks = depth_blocks (weights, weights->taps);
  float *scales = (float *) (uintptr_t) column_scales (weights, packed, panel);
  if (width < NR || weights->channels % CPRODUCT_QUAD != 0)
    for (int64_t b = 0; b < blocks.tap_blocks * blocks.channel_blocks; b++)
      {
        DepthBlock block = depth_block (&blocks, b);
        memset ((uint8_t *) packed + packed_offset (&block, panel, panel_count), WEIGHT_OFFSET,
                (size_t) (block.depth * NR));
      }
  for (int64_t n = 0; n < NR; n++)
    scales[n] = n < width ? pack_quantized_output (weights, file, output + n, panel, n, panel_count, packed) : 0;
}
