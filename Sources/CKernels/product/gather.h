/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Reading rows: some channels of one pixel, normalised on the way, and the pixels under a convolution's kernel.
 * Padding, stride, taps, enlargement and concatenation are only a choice of what to read: there is no im2col matrix. */

/* to[i] = from[i] scale[i] + shift[i], then SiLU, for the `some` values from `i` on. */
INLINE void
read_vector (const float *from, const float *scale, const float *shift, const bool with_silu, float *to, int64_t i,
             int64_t some)
{
  Vector value = load_some (from + i, some);
  if (scale)
    value = value * load_some (scale + i, some) + load_some (shift + i, some);
  store_some (to + i, with_silu ? silu (value) : value, some);
}

INLINE void
read_values (const float *from, const float *scale, const float *shift, const bool with_silu, float *to, int64_t count)
{
  int64_t i = 0;
  for (; i + LANES <= count; i += LANES)
    read_vector (from, scale, shift, with_silu, to, i, LANES);
  /* The last vector ends where the values end, over some that are written already; few values stand alone. */
  if (i < count && count > LANES)
    read_vector (from, scale, shift, with_silu, to, count - LANES, LANES);
  else if (i < count)
    read_vector (from, scale, shift, with_silu, to, 0, count);
}

static void
copy_values (const float *from, float *to, int64_t count)
{
  read_values (from, NULL, NULL, false, to, count);
}

/* Apart from its callers, which would run out of registers over it. */
static __attribute__ ((noinline)) void
normalise_values (const float *from, const float *scale, const float *shift, bool with_silu, float *to, int64_t count)
{
  if (!scale)
    read_values (from, NULL, NULL, true, to, count);
  else if (with_silu)
    read_values (from, scale, shift, true, to, count);
  else
    read_values (from, scale, shift, false, to, count);
}

/* `count` channels from `channel` on, of a pixel counted over all images, from the sources side by side. */
INLINE void
read_pixel (const CProductRows *rows, int64_t image, int64_t pixel, int64_t channel, int64_t count, float *to)
{
  int64_t all = rows->first.channels + rows->second.channels;
  while (count > 0)
    {
      bool in_first = channel < rows->first.channels;
      const CProductSource *source = in_first ? &rows->first : &rows->second;
      int64_t own = in_first ? channel : channel - rows->first.channels;
      int64_t some = least (count, source->channels - own);
      const float *from = source->pixels + pixel * source->stride + own;
      if (rows->scale)
        normalise_values (from, rows->scale + image * all + channel, rows->shift + image * all + channel, rows->silu,
                          to, some);
      else if (rows->silu)
        normalise_values (from, NULL, NULL, true, to, some);
      else
        copy_values (from, to, some);
      channel += some;
      to += some;
      count -= some;
    }
}

/* A place along a side, mirrored at its ends if it lies outside. */
INLINE int64_t
mirrored (int64_t place, int64_t side)
{
  return place < 0 ? -place : place >= side ? 2 * (side - 1) - place : place;
}

/* The same at (y, x) of the enlarged picture; zeros outside, or what is mirrored there. */
INLINE void
read_position (const CProductRows *rows, int64_t image, int64_t y, int64_t x, int64_t channel, int64_t count, float *to)
{
  int64_t height = rows->height * rows->upsample, width = rows->width * rows->upsample;
  if (rows->mirrored)
    {
      y = mirrored (y, height);
      x = mirrored (x, width);
    }
  /* Beyond what is mirrored lies what no result needs. */
  if (y < 0 || y >= height || x < 0 || x >= width)
    {
      memset (to, 0, (size_t) count * sizeof *to);
      return;
    }
  if (rows->upsample == 2)
    {
      y >>= 1;
      x >>= 1;
    }
  read_pixel (rows, image, (image * rows->height + y) * rows->width + x, channel, count, to);
}

/* Rows first ... first + count - 1 of the left matrix, at the depth of `block`, to rows at ROW_STRIDE.  Zeros fill up. */
static void
gather (const CProductRows *rows, const DepthBlock *block, int64_t first, int64_t count, float *to)
{
  int64_t out_width = cproduct_out_width (rows), out_height = cproduct_out_height (rows);
  int64_t x = first % out_width, y = first / out_width % out_height, image = first / out_width / out_height;
  int64_t each = block->depth / block->taps;
  for (int64_t i = 0; i < count; i++, to += ROW_STRIDE)
    {
      int64_t left = x * rows->stride - rows->before, top = y * rows->stride - rows->before;
      float *values = to;
      for (int64_t tap = block->tap; tap < block->tap + block->taps; tap++, values += each)
        {
          read_position (rows, image, top + tap / rows->kernel, left + tap % rows->kernel, block->channel,
                         block->channels, values);
          for (int64_t c = block->channels; c < each; c++)
            values[c] = 0;
        }
      if (++x == out_width)
        {
          x = 0;
          if (++y == out_height)
            {
              y = 0;
              image++;
            }
        }
    }
}

/* Into the second-level cache: the first has no room while a product runs. */
INLINE void
approach_values (const float *from, int64_t count)
{
  for (int64_t c = 0; c < count; c += LINE / 4)
    __builtin_prefetch (from + c, 0, 2);
}

/* Brings the values of (y, x) of the enlarged picture near, as far as one source has them. */
INLINE void
approach_position (const CProductRows *rows, int64_t image, int64_t y, int64_t x, int64_t channel, int64_t count)
{
  int64_t height = rows->height * rows->upsample, width = rows->width * rows->upsample;
  if (y < 0 || y >= height || x < 0 || x >= width)
    return;
  if (rows->upsample == 2)
    {
      y >>= 1;
      x >>= 1;
    }
  bool in_first = channel < rows->first.channels;
  const CProductSource *source = in_first ? &rows->first : &rows->second;
  int64_t own = in_first ? channel : channel - rows->first.channels;
  approach_values (source->pixels + ((image * rows->height + y) * rows->width + x) * source->stride + own,
                   least (count, source->channels - own));
}

/* Brings a row of the left matrix near, some time before it is gathered. */
static void
approach_row (const CProductRows *rows, const DepthBlock *block, int64_t row)
{
  int64_t out_width = cproduct_out_width (rows), out_height = cproduct_out_height (rows);
  int64_t left = row % out_width * rows->stride - rows->before;
  int64_t top = row / out_width % out_height * rows->stride - rows->before, image = row / out_width / out_height;
  for (int64_t tap = block->tap; tap < block->tap + block->taps; tap++)
    approach_position (rows, image, top + tap / rows->kernel, left + tap % rows->kernel, block->channel,
                       block->channels);
}
