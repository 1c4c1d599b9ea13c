/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The file's weights to whole numbers of 8 bits or to halves, once when a layer is loaded. */

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

/* `count` floats to packed weights, at `to` as numbers of their own. */
INLINE void
to_levels (const float *from, int64_t count, float factor, uint16_t *to)
{
  for (int64_t i = 0; i < count; i += LANES)
    {
      Halves levels = __builtin_convertvector (nearest (load (from + i) * factor) + WEIGHT_OFFSET, Halves);
      memcpy (to + i, &levels, sizeof levels);
    }
}

/* One output of the file, [channels][taps], to column `n` of a panel: as whole numbers of 1 / factor, or as halves. */
static void
pack_output (const CProductWeights *weights, const void *file, int64_t output, int64_t panel, int64_t n,
             int64_t panel_count, float factor, void *packed)
{
  int64_t taps = weights->taps, all = taps * weights->channels, each = most (1, CHUNK / taps);
  bool whole = weights->numbers == CPRODUCT_WHOLE_NUMBERS;
  int64_t pair = whole ? GROUP : 2;
  DepthBlocks blocks = depth_blocks (weights, taps);
  for (int64_t channel = 0; channel < weights->channels;)
    {
      int64_t channel_block = channel / blocks.channels_each;
      int64_t end = least (weights->channels, (channel_block + 1) * blocks.channels_each);
      int64_t some = least (each, end - channel);
      float values[CHUNK + LANES];
      uint16_t numbers[CHUNK + LANES];
      read_weights (weights->format, file, output * all + channel * taps, some * taps, values);
      if (whole)
        to_levels (values, some * taps, factor, numbers);
      else
        to_halves (values, some * taps, numbers);
      for (int64_t tap = 0; tap < taps; tap++)
        {
          DepthBlock block = depth_block (&blocks, tap / blocks.taps_each * blocks.channel_blocks + channel_block);
          int64_t to = packed_offset (&block, panel, panel_count);
          int64_t k = (tap - block.tap) * (block.depth / block.taps) + channel - block.channel;
          for (int64_t i = 0; i < some; i++, k++)
            {
              int64_t at = to + (k / pair * NR + n) * pair + k % pair;
              if (whole)
                ((uint8_t *) packed)[at] = (uint8_t) numbers[i * taps + tap];
              else
                ((uint16_t *) packed)[at] = numbers[i * taps + tap];
            }
        }
      channel += some;
    }
}

static float
largest_weight (const CProductWeights *weights, const void *file, int64_t output)
{
  int64_t all = weights->taps * weights->channels;
  float values[CHUNK + LANES];
  IntVector bits = { 0 };
  for (int64_t i = 0; i < all; i += CHUNK)
    {
      int64_t some = least (CHUNK, all - i);
      read_weights (weights->format, file, output * all + i, some, values);
      for (int64_t k = 0; k < some; k += LANES)
        bits = larger_magnitude (bits, load_some (values + k, some - k));
    }
  return largest_magnitude (bits);
}

/* What is filled up behind the channels and the last output. */
static void
clear_panel (const CProductWeights *weights, int64_t panel, int64_t panel_count, void *packed)
{
  int64_t bytes = weight_bytes (weights);
  DepthBlocks blocks = depth_blocks (weights, weights->taps);
  if (panel_width (weights, panel) == NR && weights->channels % depth_unit (weights) == 0)
    return;
  for (int64_t b = 0; b < blocks.tap_blocks * blocks.channel_blocks; b++)
    {
      DepthBlock block = depth_block (&blocks, b);
      memset ((uint8_t *) packed + packed_offset (&block, panel, panel_count) * bytes,
              weights->numbers == CPRODUCT_WHOLE_NUMBERS ? WEIGHT_OFFSET : 0, (size_t) (block.depth * NR * bytes));
    }
}

/* false: its weights are too large for halves. */
static bool
pack_narrow_panel (const CProductWeights *weights, const void *file, int64_t panel, int64_t panel_count, void *packed)
{
  int64_t width = panel_width (weights, panel), output = panel_output (weights, panel);
  bool whole = weights->numbers == CPRODUCT_WHOLE_NUMBERS, held = true;
  float *scales = whole ? (float *) (uintptr_t) column_scales (weights, packed, panel) : NULL;
  clear_panel (weights, panel, panel_count, packed);
  for (int64_t n = 0; n < NR; n++)
    {
      float largest = n < width && (whole || HALF_LIMIT < INFINITY) ? largest_weight (weights, file, output + n) : 0;
      bool counts = largest > SMALLEST;
      if (whole)
        scales[n] = counts ? largest / 127 : 0;
      else
        held = held && largest < HALF_LIMIT;
      if (n < width)
        pack_output (weights, file, output + n, panel, n, panel_count, counts ? 127 / largest : 0, packed);
    }
  return held;
}
