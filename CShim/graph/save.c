/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Pictures to files. */
#include <stdio.h>
#include <string.h>

#include <gegl-plugin.h>
#include <glib/gstdio.h>
#include <operation/gegl-operation-handlers.h>

#include "complaints.h"
#include "png.h"
#include "save.h"

/* The longest sides, where GEGL's savers would find out only with the result: those of WebP, of libjpeg
 * (JPEG_MAX_DIMENSION) and of libpng (PNG_USER_WIDTH_MAX). */
static const struct {
  const gchar *saver;
  gint         longest;
} limits[] = { { "gegl:jpg-save", 65500 }, { "gegl:png-save", 1000000 }, { "gegl:webp-save", 16383 } };

/* What libtiff writes has offsets of 32 bits; some room for tags and profiles. */
#define LARGEST_TIFF (G_MAXUINT32 - (16 << 20))

/* What is being written.  libjpeg ends the process where it cannot write. */
static Destination *unfinished = NULL;

static void
remove_unfinished (void)
{
  if (! unfinished)
    return;
  fprintf (stderr, "%s could not be written\n", unfinished->path);
  inpaint_destination_unstage (unfinished);
}

static const gchar *
saver_of (const gchar *path)
{
  const gchar *ending = strrchr (path, '.');

  return ending && ! strchr (ending, G_DIR_SEPARATOR) ? gegl_operation_handlers_get_saver (ending) : NULL;
}

gboolean
inpaint_save_knows (const gchar *path, gchar **error)
{
  const gchar *saver = saver_of (path);

  /* GEGL writes PNG where it does not know the ending, and for .icc only the picture's colour profile. */
  if (! saver || inpaint_complaints_warning () || strcmp (saver, "gegl:icc-save") == 0)
    *error = g_strdup_printf ("%s: GEGL writes no files with this ending", path);
  inpaint_complaints_clear ();
  return ! *error;
}

/* GEGL's savers print where they cannot write on, and end as if they had. */
static gboolean
write_by_gegl (GeglBuffer *buffer, const gchar *saver, const gchar *path, gint bits)
{
  GeglNode  *graph  = gegl_node_new ();
  GeglNode  *source = gegl_node_new_child (graph, "operation", "gegl:buffer-source", "buffer", buffer, NULL);
  GeglNode  *sink   = gegl_node_new_child (graph, "operation", saver, "path", path, NULL);
  GPrintFunc printer = g_set_printerr_handler (inpaint_complaints_add);
  GStatBuf   status;

  if (strcmp (saver, "gegl:png-save") == 0)
    gegl_node_set (sink, "bitdepth", bits, NULL); /* it would make 16 bits of 8 */
  gegl_node_link (source, sink);
  gegl_node_process (sink);
  g_object_unref (graph);
  g_set_printerr_handler (printer);
  return ! inpaint_complaints_warning () && g_stat (path, &status) == 0 && status.st_size > 0;
}

/* Writes the staged file. */
static gboolean
write_staged (GeglBuffer *buffer, Destination *destination, gchar **error)
{
  static gboolean at_exit = FALSE;
  const gchar    *saver   = saver_of (destination->path);
  const Babl     *format  = gegl_buffer_get_format (buffer);
  gint            bits    = babl_format_get_type (format, 0) == babl_type ("u8") ? 8 : 16;
  gchar          *cause   = NULL;
  gboolean        success;

  if (! at_exit)
    atexit (remove_unfinished);
  at_exit    = TRUE;
  unfinished = destination;
  inpaint_complaints_clear ();
  if (strcmp (saver, "gegl:png-save") == 0 && inpaint_png_needs_profile (format))
    success = inpaint_png_save (buffer, destination->staged, bits, &cause);
  else
    success = write_by_gegl (buffer, saver, destination->staged, bits);
  unfinished = NULL;
  if (cause)
    inpaint_complaints_add (cause);
  if (! success)
    *error = inpaint_complaints_explain (destination->path, " could not be written");
  inpaint_complaints_clear ();
  g_free (cause);
  return success;
}

/* FALSE, with *error set, where the format of files holds no picture of this size. */
static gboolean
holds (const gchar *path, const Babl *format, const GeglRectangle *box, gchar **error)
{
  const gchar *saver = saver_of (path);
  guint64      bytes = (guint64) box->width * box->height * babl_format_get_bytes_per_pixel (format);

  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    if (strcmp (saver, limits[i].saver) == 0 && MAX (box->width, box->height) > limits[i].longest)
      *error = g_strdup_printf ("%s: %d x %d pixels are too many for this format, whose sides are up to %d; .tif and .exr "
                                "hold more", path, box->width, box->height, limits[i].longest);
  if (strcmp (saver, "gegl:tiff-save") == 0 && bytes > LARGEST_TIFF)
    *error = g_strdup_printf ("%s: %d x %d pixels take %" G_GUINT64_FORMAT " bytes, more than a TIFF file holds; .exr holds "
                              "more", path, box->width, box->height, bytes);
  return ! *error;
}

/* Writes one pixel in the same way: what the saver does not take, and where the folder takes no files, it shows. */
gboolean
inpaint_save_rehearse (Destination *destination, const Babl *format, const GeglRectangle *box, gchar **error)
{
  GeglBuffer *pixel;

  if (! holds (destination->path, format, box, error) || ! inpaint_destination_stage (destination, error))
    return FALSE;
  pixel = gegl_buffer_new (GEGL_RECTANGLE (0, 0, 1, 1), format);
  write_staged (pixel, destination, error);
  g_object_unref (pixel);
  inpaint_destination_unstage (destination);
  return ! *error;
}

gboolean
inpaint_save (GeglBuffer *buffer, Destination *destination, gchar **error)
{
  gboolean success = inpaint_destination_stage (destination, error) && write_staged (buffer, destination, error)
                     && inpaint_destination_commit (destination, error);

  inpaint_destination_unstage (destination);
  return success;
}
