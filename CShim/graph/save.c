/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Pictures to files. */
#include <string.h>

#include <gegl-plugin.h>
#include <glib/gstdio.h>
#include <operation/gegl-operation-handlers.h>

#include "complaints.h"
#include "flatten.h"
#include "jpeg.h"
#include "metadata.h"
#include "png.h"
#include "save.h"
#include "tiff.h"
#include "webp.h"

#define JPEG "gegl:jpg-save"
#define PNG  "gegl:png-save"
#define TIFF "gegl:tiff-save"
#define WEBP "gegl:webp-save"

/* The longest sides, where the savers would find out only with the result: those of WebP, of libjpeg
 * (JPEG_MAX_DIMENSION) and of libpng (PNG_USER_WIDTH_MAX). */
static const struct {
  const gchar *saver;
  gint         longest;
} limits[] = { { JPEG, 65500 }, { PNG, 1000000 }, { WEBP, 16383 } };

/* What libtiff writes has offsets of 32 bits; some room for tags and profiles. */
#define LARGEST_TIFF (G_MAXUINT32 - (16 << 20))

/* Where metadata.c writes to. */
static const gchar *const with_metadata[] = { JPEG, PNG, TIFF, WEBP, NULL };

static const gchar *const with_quality[]  = { JPEG, WEBP, NULL };
static const gchar *const without_alpha[] = { JPEG, "gegl:ppm-save", "gegl:rgbe-save", NULL };

static const gchar *
saver_of (const gchar *path)
{
  const gchar *ending = strrchr (path, '.');

  return ending && ! strchr (ending, G_DIR_SEPARATOR) ? gegl_operation_handlers_get_saver (ending) : NULL;
}

gboolean
inpaint_save_knows (const gchar *path, gint quality, gboolean has_record, gchar **error)
{
  const gchar *saver = saver_of (path);

  /* GEGL writes PNG where it does not know the ending, and for .icc only the picture's colour profile. */
  if (! saver || inpaint_complaints_warning () || strcmp (saver, "gegl:icc-save") == 0)
    *error = g_strdup_printf ("%s: GEGL writes no files with this ending", path);
  else if (quality && ! g_strv_contains (with_quality, saver))
    *error = g_strdup_printf ("%s: only .jpg and .webp have a quality; leave --quality out", path);
  else if (has_record && ! g_strv_contains (with_metadata, saver))
    *error = g_strdup_printf ("%s: only .jpg, .png, .tif and .webp hold a record; leave --record out", path);
  inpaint_complaints_clear ();
  return ! *error;
}

/* GEGL's savers print where they cannot write on, and end as if they had. */
static gboolean
write_by_gegl (GeglBuffer *buffer, const gchar *saver, const gchar *path)
{
  GeglNode  *graph  = gegl_node_new ();
  GeglNode  *source = gegl_node_new_child (graph, "operation", "gegl:buffer-source", "buffer", buffer, NULL);
  GeglNode  *sink   = gegl_node_new_child (graph, "operation", saver, "path", path, NULL);
  GPrintFunc printer = g_set_printerr_handler (inpaint_complaints_add);
  GStatBuf   status;

  gegl_node_link (source, sink);
  gegl_node_process (sink);
  g_object_unref (graph);
  g_set_printerr_handler (printer);
  return ! inpaint_complaints_warning () && g_stat (path, &status) == 0 && status.st_size > 0;
}

/* Writes the staged file. */
static gboolean
write_staged (GeglBuffer *buffer, Destination *destination, const Writing *writing, gchar **error)
{
  const gchar  *saver   = saver_of (destination->path);
  const gchar  *path    = destination->staged;
  const Babl   *format  = gegl_buffer_get_format (buffer);
  const Origin *origin  = writing->origin;
  gint          bits    = babl_format_get_type (format, 0) == babl_type ("u8") ? 8 : 16;
  gchar        *cause   = NULL;
  gboolean      success;

  inpaint_complaints_clear ();
  if (strcmp (saver, JPEG) == 0)
    success = inpaint_jpeg_save (buffer, path, origin, writing->quality, &cause);
  else if (strcmp (saver, PNG) == 0)
    success = inpaint_png_save (buffer, path, bits, origin, &cause);
  else if (strcmp (saver, WEBP) == 0)
    success = inpaint_webp_save (buffer, path, origin, writing->quality, &cause);
  else
    success = write_by_gegl (buffer, saver, path)
              && (strcmp (saver, TIFF) != 0 || inpaint_tiff_finish (path, babl_format_get_space (format), origin, &cause));
  if (cause)
    inpaint_complaints_add (cause);
  if (! success)
    *error = inpaint_complaints_explain (destination->path, " could not be written");
  inpaint_complaints_clear ();
  g_free (cause);
  return success;
}

/* Adds to the staged file what there is beside its pixels.  FALSE where that cannot be, with a note, and the file may be
 * spoilt. */
static gboolean
write_metadata (const Destination *destination, const Writing *writing, gint width, gint height)
{
  const gchar *saver     = saver_of (destination->path);
  gboolean     has_place = g_strv_contains (with_metadata, saver);
  GError      *cause     = NULL;
  gboolean     success;
  gchar       *lost;

  if (writing->origin->metadata)
    inpaint_metadata_settle (writing->origin->metadata, width, height);
  success = ! has_place || inpaint_metadata_write (destination->staged, writing->origin, strcmp (saver, WEBP) == 0,
                                                   writing->record, &cause);
  if (! success)
    inpaint_note (destination->path, "written without EXIF, XMP, IPTC and record: %s", cause ? cause->message : "no cause given");
  lost = inpaint_origin_lost (writing->origin, has_place, strcmp (saver, PNG) == 0);
  if (lost)
    inpaint_note (destination->path, "its format has no place for %s", lost);
  g_clear_error (&cause);
  g_free (lost);
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
  if (strcmp (saver, TIFF) == 0 && bytes > LARGEST_TIFF)
    *error = g_strdup_printf ("%s: %d x %d pixels take %" G_GUINT64_FORMAT " bytes, more than a TIFF file holds; .exr holds "
                              "more", path, box->width, box->height, bytes);
  return ! *error;
}

/* Writes one pixel in the same way: what the saver does not take, and where the folder takes no files, it shows. */
gboolean
inpaint_save_rehearse (Destination *destination, const Babl *format, const GeglRectangle *box, const Writing *writing,
                       gchar **error)
{
  GeglBuffer *pixel;

  if (! holds (destination->path, format, box, error) || ! inpaint_destination_stage (destination, error))
    return FALSE;
  pixel = gegl_buffer_new (GEGL_RECTANGLE (0, 0, 1, 1), format);
  write_staged (pixel, destination, writing, error);
  g_object_unref (pixel);
  inpaint_destination_unstage (destination);
  return ! *error;
}

gboolean
inpaint_save (GeglBuffer *buffer, Destination *destination, const Writing *writing, gchar **error)
{
  gboolean is_flattened = FALSE;
  gboolean success;

  if (g_strv_contains (without_alpha, saver_of (destination->path)))
    buffer = inpaint_flatten (buffer, &is_flattened);
  success = inpaint_destination_stage (destination, error) && write_staged (buffer, destination, writing, error);
  if (success && ! write_metadata (destination, writing, gegl_buffer_get_width (buffer), gegl_buffer_get_height (buffer)))
    success = write_staged (buffer, destination, writing, error);
  success = success && inpaint_destination_commit (destination, error);
  if (success && is_flattened)
    inpaint_note (destination->path, "its format holds no transparency; what is transparent is laid on white");
  inpaint_destination_unstage (destination);
  g_object_unref (buffer);
  return success;
}
