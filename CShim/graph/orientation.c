/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Pictures whose files say by EXIF how they are to be turned: GEGL's loaders leave them as they are stored. */
#include <string.h>

#include "complaints.h"
#include "metadata.h"
#include "orientation.h"

/* Rows that are turned at a time: a tile's default height. */
#define BAND 64

/* Where the pixel at the top left of the upright picture is stored, and whether rows are stored as columns. */
static const struct {
  gboolean is_transposed, from_right, from_bottom;
} placements[9] = {
  [1] = { FALSE, FALSE, FALSE }, [2] = { FALSE, TRUE, FALSE }, [3] = { FALSE, TRUE, TRUE }, [4] = { FALSE, FALSE, TRUE },
  [5] = { TRUE, FALSE, FALSE },  [6] = { TRUE, FALSE, TRUE },  [7] = { TRUE, TRUE, TRUE },  [8] = { TRUE, TRUE, FALSE },
};

gint
inpaint_orientation (const gchar *path)
{
  GError         *error    = NULL;
  GExiv2Metadata *metadata = inpaint_metadata_open (path, &error);
  /* Not gexiv2_metadata_try_get_orientation, which prefers what some makers' own tags say, as viewers do not. */
  glong           value = metadata ? gexiv2_metadata_try_get_tag_long (metadata, "Exif.Image.Orientation", &error) : 1;

  if (error)
    inpaint_note (path, "its EXIF data cannot be read, and it is taken as upright: %s", error->message);
  else if (value < 0 || value > 8)
    inpaint_note (path, "its EXIF orientation, %ld, is none, and it is taken as upright", value);
  g_clear_error (&error);
  g_clear_object (&metadata);
  return value >= 1 && value <= 8 ? (gint) value : 1;
}

/* Copies pixels of `size` bytes from stored rows of `width` pixels, `height` of them, to upright ones. */
static void
turn (const guint8 *stored, guint8 *upright, gint width, gint height, gsize size, gint orientation)
{
  gboolean is_transposed = placements[orientation].is_transposed;
  gint     columns       = is_transposed ? height : width;
  gint     rows          = is_transposed ? width : height;

  for (gint row = 0; row < rows; row++)
    for (gint column = 0; column < columns; column++)
      {
        gint x = is_transposed ? row : column;
        gint y = is_transposed ? column : row;

        if (placements[orientation].from_right)
          x = width - 1 - x;
        if (placements[orientation].from_bottom)
          y = height - 1 - y;
        memcpy (upright, stored + ((gsize) y * width + x) * size, size);
        upright += size;
      }
}

GeglBuffer *
inpaint_upright (GeglBuffer *stored, gint orientation)
{
  const Babl   *format        = gegl_buffer_get_format (stored);
  gsize         size          = babl_format_get_bytes_per_pixel (format);
  GeglRectangle box           = *gegl_buffer_get_extent (stored);
  gboolean      is_transposed = placements[orientation].is_transposed;
  gint          columns       = is_transposed ? box.height : box.width;
  gint          rows          = is_transposed ? box.width : box.height;
  GeglBuffer   *upright;
  guint8       *before, *after;

  if (orientation == 1)
    return stored;
  upright = gegl_buffer_new (GEGL_RECTANGLE (box.x, box.y, columns, rows), format);
  before  = g_malloc_n ((gsize) columns * BAND, size);
  after   = g_malloc_n ((gsize) columns * BAND, size);
  for (gint row = 0; row < rows; row += BAND)
    {
      gint          count  = MIN (BAND, rows - row);
      GeglRectangle target = { box.x, box.y + row, columns, count };
      GeglRectangle source = { box.x, box.y + row, columns, count };

      if (is_transposed)
        source = *GEGL_RECTANGLE (box.x + row, box.y, count, columns);
      if (is_transposed && placements[orientation].from_right)
        source.x = box.x + box.width - row - count;
      if (! is_transposed && placements[orientation].from_bottom)
        source.y = box.y + box.height - row - count;
      gegl_buffer_get (stored, &source, 1.0, format, before, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      turn (before, after, source.width, source.height, size, orientation);
      gegl_buffer_set (upright, &target, 0, format, after, GEGL_AUTO_ROWSTRIDE);
    }
  g_free (before);
  g_free (after);
  g_object_unref (stored);
  return upright;
}

/* Whether gegl:tiff-load has read the file, which has an orientation, by TIFFReadRGBAImage of libtiff, as it does what it has
 * no format for: palettes, single bits, YCbCr, Lab. */
static gboolean
is_read_as_rgba (const gchar *path)
{
  GExiv2Metadata *metadata = inpaint_metadata_open (path, NULL);
  glong           colors, bits;

  if (! metadata) /* the file has gone since its orientation was read */
    return FALSE;
  colors = gexiv2_metadata_try_get_tag_long (metadata, "Exif.Image.PhotometricInterpretation", NULL);
  bits   = gexiv2_metadata_try_get_tag_long (metadata, "Exif.Image.BitsPerSample", NULL);
  g_object_unref (metadata);
  /* White is zero, black is zero, RGB and CMYK have formats; one bit is what a file has that does not say it. */
  return ! ((colors == 0 || colors == 1 || colors == 2 || colors == 5)
            && (bits == 8 || bits == 16 || bits == 32 || bits == 64));
}

GeglBuffer *
inpaint_upright_tiff (GeglBuffer *stored, gint orientation, const gchar *path)
{
  if (! is_read_as_rgba (path))
    return inpaint_upright (stored, orientation);
  /* libtiff mirrors such a picture, but leaves rows that are stored as columns. */
  if (orientation <= 4)
    return stored;
  return inpaint_upright (inpaint_upright (stored, orientation - 4), orientation);
}
