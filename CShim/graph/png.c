/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* PNG files with a colour profile, without GEGL's saver. */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>

#include <glib/gstdio.h>
#include <png.h>

#include "png.h"

/* The compression of gegl:png-save. */
#define COMPRESSION 3

gboolean
inpaint_png_needs_profile (const Babl *format)
{
  const Babl *space  = babl_format_get_space (format);
  gint        colors = babl_format_get_n_components (format) - (babl_format_has_alpha (format) ? 1 : 0);

  return colors == 3 && space && space != babl_space ("sRGB") && ! babl_space_is_cmyk (space);
}

static void
fail (png_structp png, png_const_charp text)
{
  gchar **error = png_get_error_ptr (png);

  *error = g_strdup (errno != 0 ? g_strerror (errno) : text); /* libpng says only "Write Error" of a full disk */
  png_longjmp (png, 1);
}

/* What it warns of in a profile is nothing that a user could mend. */
static void
ignore (png_structp png, png_const_charp text)
{
}

static void
write_info (png_structp png, png_infop info, GeglBuffer *buffer, gint bits)
{
  const Babl          *format = gegl_buffer_get_format (buffer);
  const GeglRectangle *box    = gegl_buffer_get_extent (buffer);
  gint                 length = 0;
  const char          *icc    = babl_space_get_icc (babl_format_get_space (format), &length);

  png_set_compression_level (png, COMPRESSION);
  png_set_IHDR (png, info, box->width, box->height, bits,
                babl_format_has_alpha (format) ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_iCCP (png, info, "ICC profile", PNG_COMPRESSION_TYPE_DEFAULT, (png_const_bytep) icc, length);
  png_write_info (png, info);
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
  if (bits == 16)
    png_set_swap (png);
#endif
}

static void
write_rows (png_structp png, GeglBuffer *buffer, gint bits, guint8 *row)
{
  const Babl   *format  = gegl_buffer_get_format (buffer);
  const gchar  *encoded = babl_format_has_alpha (format) ? (bits == 16 ? "R'G'B'A u16" : "R'G'B'A u8")
                                                         : (bits == 16 ? "R'G'B' u16" : "R'G'B' u8");
  const Babl   *written = babl_format_with_space (encoded, babl_format_get_space (format));
  GeglRectangle box     = *gegl_buffer_get_extent (buffer);

  for (gint y = 0; y < box.height; y++)
    {
      gegl_buffer_get (buffer, GEGL_RECTANGLE (box.x, box.y + y, box.width, 1), 1.0, written, row, GEGL_AUTO_ROWSTRIDE,
                       GEGL_ABYSS_NONE);
      png_write_row (png, row);
    }
}

gboolean
inpaint_png_save (GeglBuffer *buffer, const gchar *path, gint bits, gchar **error)
{
  FILE       *file = g_fopen (path, "wbe");
  guint8     *row  = g_malloc_n (gegl_buffer_get_width (buffer), 4 * 2); /* four channels of up to two bytes */
  png_structp png  = png_create_write_struct (PNG_LIBPNG_VER_STRING, error, fail, ignore);
  png_infop   info = png ? png_create_info_struct (png) : NULL;

  if (! file)
    *error = g_strdup (g_strerror (errno));
  else if (! info)
    *error = g_strdup ("out of memory");
  else if (setjmp (png_jmpbuf (png)) == 0)
    {
      errno = 0;
      png_init_io (png, file);
      write_info (png, info, buffer, bits);
      write_rows (png, buffer, bits, row);
      png_write_end (png, NULL);
    }
  png_destroy_write_struct (&png, &info);
  g_free (row);
  if (file && fclose (file) != 0 && ! *error)
    *error = g_strdup (g_strerror (errno));
  return ! *error;
}
