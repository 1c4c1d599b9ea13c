/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "inks.h"

/* Rows that are converted at a time: a tile's default height. */
#define BAND 64

gboolean
inpaint_has_plain_inks (GeglBuffer *buffer)
{
  const Babl *format = gegl_buffer_get_format (buffer);

  return (babl_get_model_flags (babl_format_get_model (format)) & BABL_MODEL_FLAG_CMYK)
         && ! babl_space_is_cmyk (babl_format_get_space (format));
}

GeglBuffer *
inpaint_rgb_of_inks (GeglBuffer *inks)
{
  const Babl          *stored = gegl_buffer_get_format (inks);
  const Babl          *from   = babl_format ("CMYKA float");
  const Babl          *to     = babl_format ("R'G'B'A float");
  gboolean             alpha  = babl_format_has_alpha (stored);
  gboolean             bytes  = babl_format_get_type (stored, 0) == babl_type ("u8");
  const Babl          *rgb    = babl_format (alpha ? (bytes ? "R'G'B'A u8" : "R'G'B'A u16") : (bytes ? "R'G'B' u8" : "R'G'B' u16"));
  const GeglRectangle *box    = gegl_buffer_get_extent (inks);
  GeglBuffer          *result = gegl_buffer_new (box, rgb);
  float               *before = g_new (float, (gsize) box->width * BAND * 5);
  float               *after  = g_new (float, (gsize) box->width * BAND * 4);

  for (gint y = 0; y < box->height; y += BAND)
    {
      GeglRectangle part  = { box->x, box->y + y, box->width, MIN (BAND, box->height - y) };
      gsize         count = (gsize) part.width * part.height;

      gegl_buffer_get (inks, &part, 1.0, from, before, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      for (gsize i = 0; i < count; i++)
        {
          for (gint channel = 0; channel < 3; channel++)
            after[4 * i + channel] = (1.0f - before[5 * i + channel]) * (1.0f - before[5 * i + 3]);
          after[4 * i + 3] = before[5 * i + 4];
        }
      gegl_buffer_set (result, &part, 0, to, after, GEGL_AUTO_ROWSTRIDE);
    }
  g_free (before);
  g_free (after);
  g_object_unref (inks);
  return result;
}
