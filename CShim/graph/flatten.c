/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Pictures for files that hold no transparency. */
#include "flatten.h"

#define RGBA 4
#define RGB  3

/* Lays a row [RGBA] on white; TRUE where any of it is transparent. */
static gboolean
lay_on_white (const gfloat *row, gfloat *flat, gint width)
{
  gboolean is_transparent = FALSE;

  for (gint x = 0; x < width; x++)
    {
      const gfloat *pixel = row + x * RGBA;
      gfloat        alpha = pixel[3];

      is_transparent = is_transparent || alpha < 1;
      for (gint c = 0; c < RGB; c++)
        flat[x * RGB + c] = alpha >= 1 ? pixel[c] : alpha <= 0 ? 1 : pixel[c] * alpha + (1 - alpha);
    }
  return is_transparent;
}

GeglBuffer *
inpaint_flatten (GeglBuffer *buffer, gboolean *is_changed)
{
  const Babl   *format = gegl_buffer_get_format (buffer);
  const Babl   *space  = babl_format_get_space (format);
  gboolean      is_rgb = ! babl_space_is_cmyk (space) && ! babl_space_is_gray (space);
  GeglRectangle box    = *gegl_buffer_get_extent (buffer);
  const gchar  *model  = babl_format_get_n_components (format) == 2 ? "Y'" : "R'G'B'";
  const Babl   *rgba   = babl_format_with_space ("R'G'B'A float", is_rgb ? space : NULL);
  const Babl   *rgb    = babl_format_with_space ("R'G'B' float", is_rgb ? space : NULL);
  GeglBuffer   *result;
  gchar        *encoding;
  gfloat       *row, *flat;

  *is_changed = FALSE;
  if (! babl_format_has_alpha (format))
    return buffer;
  encoding = g_strdup_printf ("%s %s", model, babl_get_name (babl_format_get_type (format, 0)));
  result   = gegl_buffer_new (&box, babl_format_with_space (encoding, is_rgb || *model == 'Y' ? space : NULL));
  row      = g_new (gfloat, (gsize) box.width * RGBA);
  flat     = g_new (gfloat, (gsize) box.width * RGB);
  for (gint y = box.y; y < box.y + box.height; y++)
    {
      GeglRectangle line = { box.x, y, box.width, 1 };

      gegl_buffer_get (buffer, &line, 1.0, rgba, row, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      *is_changed |= lay_on_white (row, flat, box.width);
      gegl_buffer_set (result, &line, 0, rgb, flat, GEGL_AUTO_ROWSTRIDE);
    }
  g_free (row);
  g_free (flat);
  g_free (encoding);
  g_object_unref (buffer);
  return result;
}
