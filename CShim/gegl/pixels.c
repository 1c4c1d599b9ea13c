/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* From GEGL's buffers to the planes of the ABI, and back.  No arithmetic but the mask's: Y' times alpha, or what is transparent. */
#include <string.h>

#include "pixels.h"

/* Rows that are converted at a time: a tile's default height, so that each tile is unpacked once. */
#define BAND 64

GeglNode *
inpaint_source (GeglNode *graph, GeglBuffer *buffer)
{
  return gegl_node_new_child (graph, "operation", "gegl:buffer-source", "buffer", buffer, NULL);
}

float *
inpaint_read_mask (GeglBuffer *input, GeglBuffer *aux, const GeglRectangle *box)
{
  const Babl *format = babl_format ("Y'A float");
  float      *mask   = g_try_malloc0_n ((gsize) box->width * box->height, sizeof (float));
  float      *band   = g_try_malloc_n ((gsize) box->width * BAND, 2 * sizeof (float));

  for (gint y = 0; mask && band && y < box->height; y += BAND)
    {
      GeglRectangle part  = { box->x, box->y + y, box->width, MIN (BAND, box->height - y) };
      gsize         count = (gsize) part.width * part.height;
      float        *line  = mask + (gsize) y * box->width;

      if (aux && ! gegl_rectangle_intersect (NULL, &part, gegl_buffer_get_extent (aux)))
        continue;
      gegl_buffer_get (aux ? aux : input, &part, 1.0, format, band, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      for (gsize i = 0; i < count; i++)
        {
          float value = aux ? band[2 * i] * band[2 * i + 1] : 1.0f - band[2 * i + 1];

          line[i] = value > 0.0f ? MIN (value, 1.0f) : 0.0f; /* not a number: 0 */
        }
    }
  if (! band)
    g_clear_pointer (&mask, g_free);
  g_free (band);
  return mask;
}

const Babl *
inpaint_rgb_space (const Babl *stored)
{
  const Babl *space = babl_format_get_space (stored);

  return babl_space_is_cmyk (space) || babl_space_is_gray (space) ? NULL : space;
}

/* What a band of pixels is laid over in, and its fill. */
typedef struct {
  guint8 *stored;  /* as the buffer has them */
  guint8 *changed; /* the same, with the fill */
  float  *pixels;  /* R'G'B'[A] of the buffer's space */
  float  *fill;    /* R'G'B' of that space */
} Band;

static void
free_band (Band *band)
{
  g_free (band->stored);
  g_free (band->changed);
  g_free (band->pixels);
  g_free (band->fill);
}

static gboolean
allocate_band (Band *band, gint width, const Babl *stored)
{
  gsize count = (gsize) width * BAND;

  band->stored  = g_try_malloc_n (count, babl_format_get_bytes_per_pixel (stored));
  band->changed = g_try_malloc_n (count, babl_format_get_bytes_per_pixel (stored));
  band->pixels  = g_try_malloc_n (count, 4 * sizeof (float));
  band->fill    = g_try_malloc_n (count, 3 * sizeof (float));
  return band->stored && band->changed && band->pixels && band->fill;
}

/* Lays `fill`, R'G'B' in sRGB, over `area` of the buffer.  Pixels without weight are not converted there and back, so
 * that they stay exact in any format. */
static void
lay (const float *fill, const float *weight, const GeglRectangle *area, gboolean fill_alpha, GeglBuffer *buffer,
     Band *band)
{
  const Babl *stored = gegl_buffer_get_format (buffer);
  const Babl *space  = inpaint_rgb_space (stored);
  gboolean    alpha  = babl_format_has_alpha (stored);
  const Babl *opaque = babl_format_with_space ("R'G'B' float", space);
  const Babl *format = alpha ? babl_format_with_space ("R'G'B'A float", space) : opaque;
  gsize       size   = babl_format_get_bytes_per_pixel (stored);

  for (gint y = 0; y < area->height; y += BAND)
    {
      GeglRectangle part  = { area->x, area->y + y, area->width, MIN (BAND, area->height - y) };
      gsize         count = (gsize) part.width * part.height;
      gsize         first = (gsize) y * area->width;

      gegl_buffer_get (buffer, &part, 1.0, stored, band->stored, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      babl_process (babl_fish (stored, format), band->stored, band->pixels, count);
      babl_process (babl_fish (babl_format ("R'G'B' float"), opaque), fill + 3 * first, band->fill, count);
      inpaint_composite (band->fill, weight + first, count, fill_alpha, alpha ? 4 : 3, band->pixels);
      babl_process (babl_fish (format, stored), band->pixels, band->changed, count);
      for (gsize i = 0; i < count; i++)
        if (weight[first + i] <= 0.0f)
          memcpy (band->changed + i * size, band->stored + i * size, size);
      gegl_buffer_set (buffer, &part, 0, stored, band->changed, GEGL_AUTO_ROWSTRIDE);
    }
}

InpaintStatus
inpaint_repaint (InpaintPlan *plan, gint pass, GeglBuffer *buffer, const GeglRectangle *box, gboolean fill_alpha,
                 InpaintProgress progress, void *user, char **error)
{
  InpaintRectangle seen    = inpaint_plan_region (plan, pass);
  InpaintRectangle changed = inpaint_plan_paint (plan, pass);
  GeglRectangle    region  = { box->x + seen.x, box->y + seen.y, seen.width, seen.height };
  GeglRectangle    paint   = { box->x + changed.x, box->y + changed.y, changed.width, changed.height };
  InpaintStatus    status  = INPAINT_FAILED;
  Band             band    = { NULL, NULL, NULL, NULL };
  float           *colors  = g_try_malloc_n ((gsize) region.width * region.height, 3 * sizeof (float));
  float           *fill    = g_try_malloc_n ((gsize) paint.width * paint.height, 3 * sizeof (float));
  float           *weight  = g_try_malloc_n ((gsize) paint.width * paint.height, sizeof (float));

  if (colors && fill && weight && allocate_band (&band, paint.width, gegl_buffer_get_format (buffer)))
    {
      gegl_buffer_get (buffer, &region, 1.0, babl_format ("R'G'B' float"), colors, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      status = inpaint_plan_run (plan, pass, colors, fill, weight, progress, user, error);
      if (status == INPAINT_OK)
        lay (fill, weight, &paint, fill_alpha, buffer, &band);
    }
  free_band (&band);
  g_free (colors);
  g_free (fill);
  g_free (weight);
  return status;
}
