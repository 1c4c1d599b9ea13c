/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <string.h>

#include "blend.h"

/* Rows that are copied at a time. */
#define BAND 64

void
blend_patch (const Settings *settings, const LayerPixels *layer, GeglBuffer *result, const GeglRectangle *area,
             GeglBuffer *patch)
{
  const Babl *format = babl_format_with_space ("R'G'B'A float", gegl_buffer_get_format (patch));
  gboolean    shares = settings->procedure->reach == REACH_SELECTION && layer->selection;
  gsize       count  = (gsize) area->width * BAND;
  gfloat     *before = g_new (gfloat, 4 * count);
  gfloat     *after  = g_new (gfloat, 4 * count);
  gfloat     *share  = g_new (gfloat, count);

  for (gint y = 0; y < area->height; y += BAND)
    {
      GeglRectangle band   = { area->x, area->y + y, area->width, MIN (BAND, area->height - y) };
      GeglRectangle target = { 0, y, band.width, band.height };

      gegl_buffer_get (result, &band, 1.0, format, after, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      if (shares) /* stored as if its shares were linear light */
        gegl_buffer_get (layer->selection, &band, 1.0, babl_format ("Y float"), share, GEGL_AUTO_ROWSTRIDE,
                         GEGL_ABYSS_NONE);
      else /* beyond the layer it is transparent */
        gegl_buffer_get (layer->pixels, &band, 1.0, format, before, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      for (gsize i = 0; i < (gsize) band.width * band.height; i++)
        if (shares)
          after[4 * i + 3] = share[i];
        else if (memcmp (before + 4 * i, after + 4 * i, 4 * sizeof (gfloat)) == 0)
          after[4 * i + 3] = 0;
      gegl_buffer_set (patch, &target, 0, format, after, GEGL_AUTO_ROWSTRIDE);
    }
  g_free (before);
  g_free (after);
  g_free (share);
}
