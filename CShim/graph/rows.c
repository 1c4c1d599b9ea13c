/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* How a file's rows hold a picture's colours. */
#include "rows.h"

/* The profile of colours in this space: the origin's own bytes, where they say it. */
static GBytes *
profile_of (const Babl *space, const Origin *origin)
{
  const gchar *icc    = NULL;
  gint         length = 0;

  if (origin->profile && space == origin->space)
    return g_bytes_ref (origin->profile);
  if (space != babl_space ("sRGB"))
    icc = babl_space_get_icc (space, &length);
  return icc ? g_bytes_new (icc, length) : NULL;
}

void
inpaint_rows_init (Rows *rows, const Babl *format, const Origin *origin, RowKinds kinds, gint bits)
{
  const Babl  *space   = babl_format_get_space (format);
  gboolean     is_cmyk = babl_space_is_cmyk (space);
  gint         colors  = babl_format_get_n_components (format) - (babl_format_has_alpha (format) ? 1 : 0);
  const gchar *model   = "R'G'B'", *about = "RGB ";
  gchar       *encoding;

  *rows = (Rows) { .channels = 3, .has_alpha = (kinds & ROWS_ALPHA) && babl_format_has_alpha (format) };
  if (is_cmyk && (kinds & ROWS_CMYK))
    {
      rows->channels = 4;
      model          = "cmyk";
      about          = "CMYK";
    }
  else if (colors == 1 && (kinds & ROWS_GREY))
    {
      rows->channels = 1;
      model          = "Y'";
      about          = "GRAY";
    }
  rows->profile = profile_of (space, origin);
  if (rows->profile && ! inpaint_profile_is_about (rows->profile, about))
    g_clear_pointer (&rows->profile, g_bytes_unref);
  if (! rows->profile && rows->channels != 4)
    space = babl_space ("sRGB");
  encoding = g_strdup_printf ("%s%s u%d", model, rows->has_alpha ? "A" : "", bits);
  rows->format    = babl_format_with_space (encoding, space);
  rows->channels += rows->has_alpha ? 1 : 0;
  g_free (encoding);
}

void
inpaint_rows_clear (Rows *rows)
{
  g_clear_pointer (&rows->profile, g_bytes_unref);
}

void
inpaint_rows_get (const Rows *rows, GeglBuffer *buffer, gint y, guint8 *row)
{
  const GeglRectangle *box = gegl_buffer_get_extent (buffer);

  gegl_buffer_get (buffer, GEGL_RECTANGLE (box->x, box->y + y, box->width, 1), 1.0, rows->format, row, GEGL_AUTO_ROWSTRIDE,
                   GEGL_ABYSS_NONE);
}
