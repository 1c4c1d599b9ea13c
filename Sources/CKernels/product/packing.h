/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Weights from the file's order into panels, once when a layer is loaded; and 16-bit strips to float32, at each use. */

/* Written for one element size and included by both below: the values are only moved. */
#define PACK_PANEL(Element)                                                                                            \
  static void pack_panel_##Element (const CProductWeights *weights, const Element *file, int64_t panel,                \
                                    int64_t panel_count, Element *packed)                                              \
  {                                                                                                                    \
    int64_t depth = weights->taps * weights->channels;                                                                 \
    int64_t width = panel_width (weights, panel);                                                                      \
    const Element *rows = file + panel_output (weights, panel) * depth;                                                \
    DepthBlocks blocks = depth_blocks (weights, weights->taps);                                                        \
    for (int64_t b = 0; b < blocks.tap_blocks * blocks.channel_blocks; b++)                                            \
      {                                                                                                                \
        DepthBlock block = depth_block (&blocks, b);                                                                   \
        Element *to = packed + packed_offset (&block, panel, panel_count);                                             \
        for (int64_t tap = block.tap; tap < block.tap + block.taps; tap++)                                             \
          for (int64_t channel = block.channel; channel < block.channel + block.channels; channel++, to += NR)         \
            {                                                                                                          \
              const Element *from = rows + channel * weights->taps + tap;                                              \
              for (int64_t n = 0; n < width; n++)                                                                      \
                to[n] = from[n * depth];                                                                               \
              for (int64_t n = width; n < NR; n++)                                                                     \
                to[n] = 0;                                                                                             \
            }                                                                                                          \
      }                                                                                                                \
  }
PACK_PANEL (uint16_t)
PACK_PANEL (uint32_t)

static bool
pack (const CProductWeights *weights, const void *file, int64_t first, int64_t end, void *packed)
{
  int64_t count = panels (weights);
  bool held = true;
  for (int64_t panel = first; panel < end; panel++)
    if (weights->numbers != CPRODUCT_FLOATS)
      held = pack_narrow_panel (weights, file, panel, count, packed) && held;
    else if (weights->format == CPRODUCT_FLOAT32)
      pack_panel_uint32_t (weights, file, panel, count, packed);
    else
      pack_panel_uint16_t (weights, file, panel, count, packed);
  return held;
}

/* `count` values (whole vectors), widened.  The next lines are on their way from memory meanwhile. */
static void
widen (const uint16_t *from, CProductFormat format, float *to, int64_t count)
{
  if (format == CPRODUCT_FLOAT16)
    for (int64_t i = 0; i < count; i += LANES)
      {
        __builtin_prefetch (from + i + 1024);
        store (to + i, widen_half (from + i));
      }
  else
    for (int64_t i = 0; i < count; i += LANES)
      {
        __builtin_prefetch (from + i + 1024);
        store (to + i, widen_bfloat (from + i));
      }
}
