/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* EXIF, XMP and IPTC data of picture files. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "metadata.h"

/* Where XMP has the settings of a run. */
#define NAMESPACE "urn:gegl-inpaint:run#"
#define RECORD    "Xmp.inpaint.record"

/* More bytes than metadata take. */
#define ROOM (4 << 20)

/* Tags by which a TIFF file finds and reads its pixels; those of a result are its writer's. */
static const gchar *const structural[] = {
  "NewSubfileType", "SubfileType", "ImageWidth", "ImageLength", "BitsPerSample", "Compression", "PhotometricInterpretation",
  "FillOrder", "StripOffsets", "SamplesPerPixel", "RowsPerStrip", "StripByteCounts", "PlanarConfiguration", "T4Options",
  "T6Options", "TransferFunction", "Predictor", "ColorMap", "HalftoneHints", "TileWidth", "TileLength", "TileOffsets",
  "TileByteCounts", "SubIFDs", "InkSet", "InkNames", "NumberOfInks", "ExtraSamples", "SampleFormat", "SMinSampleValue",
  "SMaxSampleValue", "JPEGTables", "YCbCrCoefficients", "YCbCrSubSampling", "YCbCrPositioning", "ReferenceBlackWhite",
  "InterColorProfile", "XMLPacket", "ImageResources",
};

/* Tags that say a side of the picture, and which. */
static const struct {
  const gchar *tag;
  gboolean     is_width;
} sides[] = {
  { "Exif.Image.ImageWidth", TRUE },      { "Exif.Image.ImageLength", FALSE },
  { "Exif.Photo.PixelXDimension", TRUE }, { "Exif.Photo.PixelYDimension", FALSE },
  { "Xmp.exif.PixelXDimension", TRUE },   { "Xmp.exif.PixelYDimension", FALSE },
  { "Xmp.tiff.ImageWidth", TRUE },        { "Xmp.tiff.ImageLength", FALSE },
};

static const gchar *const orientations[] = { "Exif.Image.Orientation", "Xmp.tiff.Orientation" };

/* Groups of tags that describe previews, which would show what was repainted. */
static const gchar *const previews[] = { "Exif.Thumbnail.", "Exif.SubImage", "Exif.SubThumb", "Exif.Image2.", "Exif.Image3.",
                                         "Xmp.xmp.Thumbnails" };

GExiv2Metadata *
inpaint_metadata_open (const gchar *path, GError **error)
{
  static gboolean is_ready = FALSE;
  GExiv2Metadata *metadata;

  if (! is_ready)
    {
      gexiv2_initialize ();
      gexiv2_log_set_level (GEXIV2_LOG_LEVEL_MUTE); /* it remarks on makers' own tags */
      gexiv2_metadata_try_register_xmp_namespace (NAMESPACE, "inpaint", NULL);
      is_ready = TRUE;
    }
  metadata = gexiv2_metadata_new ();
  if (! gexiv2_metadata_open_path (metadata, path, error))
    g_clear_object (&metadata);
  return metadata;
}

Resolution
inpaint_metadata_resolution (GExiv2Metadata *metadata)
{
  Resolution resolution = { 0 };
  gint       x, y, x_parts, y_parts;
  glong      unit;

  if (! gexiv2_metadata_try_get_exif_tag_rational (metadata, "Exif.Image.XResolution", &x, &x_parts, NULL)
      || ! gexiv2_metadata_try_get_exif_tag_rational (metadata, "Exif.Image.YResolution", &y, &y_parts, NULL)
      || x <= 0 || y <= 0 || x_parts <= 0 || y_parts <= 0)
    return resolution;
  unit          = gexiv2_metadata_try_get_tag_long (metadata, "Exif.Image.ResolutionUnit", NULL);
  resolution.x  = (gdouble) x / x_parts;
  resolution.y  = (gdouble) y / y_parts;
  /* 1: none; 2, which is also what a file means that does not say it: inches; 3: centimetres. */
  resolution.unit = unit == 1 ? RESOLUTION_RATIO : unit == 3 ? RESOLUTION_CM : RESOLUTION_INCH;
  return resolution;
}

/* As closely as four digits behind the point are. */
static void
set_rational (GExiv2Metadata *metadata, const gchar *tag, gdouble value)
{
  gint parts = value == floor (value) ? 1 : 10000;

  if (value * parts < G_MAXINT)
    gexiv2_metadata_try_set_exif_tag_rational (metadata, tag, (gint) lround (value * parts), parts, NULL);
}

static void
set_resolution (GExiv2Metadata *metadata, const Resolution *resolution)
{
  glong unit = resolution->unit == RESOLUTION_RATIO ? 1 : resolution->unit == RESOLUTION_CM ? 3 : 2;

  if (resolution->x <= 0)
    return;
  set_rational (metadata, "Exif.Image.XResolution", resolution->x);
  set_rational (metadata, "Exif.Image.YResolution", resolution->y);
  gexiv2_metadata_try_set_tag_long (metadata, "Exif.Image.ResolutionUnit", unit, NULL);
}

static void
clear_previews (GExiv2Metadata *metadata)
{
  gchar **lists[] = { gexiv2_metadata_get_exif_tags (metadata), gexiv2_metadata_get_xmp_tags (metadata) };

  gexiv2_metadata_try_erase_exif_thumbnail (metadata, NULL);
  for (gsize list = 0; list < G_N_ELEMENTS (lists); list++)
    {
      for (gchar **tag = lists[list]; tag && *tag; tag++)
        for (gsize i = 0; i < G_N_ELEMENTS (previews); i++)
          if (g_str_has_prefix (*tag, previews[i]))
            gexiv2_metadata_try_clear_tag (metadata, *tag, NULL);
      g_strfreev (lists[list]);
    }
}

void
inpaint_metadata_settle (GExiv2Metadata *metadata, gint width, gint height)
{
  for (gsize i = 0; i < G_N_ELEMENTS (structural); i++)
    if (g_strcmp0 (gexiv2_metadata_get_mime_type (metadata), "image/tiff") == 0)
      {
        gchar *tag = g_strconcat ("Exif.Image.", structural[i], NULL);

        gexiv2_metadata_try_clear_tag (metadata, tag, NULL);
        g_free (tag);
      }
  clear_previews (metadata);
  for (gsize i = 0; i < G_N_ELEMENTS (sides); i++)
    if (gexiv2_metadata_try_has_tag (metadata, sides[i].tag, NULL))
      gexiv2_metadata_try_set_tag_long (metadata, sides[i].tag, sides[i].is_width ? width : height, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (orientations); i++)
    if (gexiv2_metadata_try_has_tag (metadata, orientations[i], NULL))
      gexiv2_metadata_try_set_tag_long (metadata, orientations[i], 1, NULL);
  gexiv2_metadata_try_clear_tag (metadata, RECORD, NULL);
}

gboolean
inpaint_metadata_has_any (GExiv2Metadata *metadata)
{
  gchar   *comment = gexiv2_metadata_try_get_comment (metadata, NULL);
  gboolean has_any = comment || gexiv2_metadata_has_exif (metadata) || gexiv2_metadata_has_xmp (metadata)
                     || gexiv2_metadata_has_iptc (metadata);

  g_free (comment);
  return has_any;
}

/* Whether the file can become larger.  exiv2 writes it anew, and does not say where the disk was too full for that. */
static gboolean
has_room (const gchar *path, GError **error)
{
  gint  file   = g_open (path, O_RDWR | O_CLOEXEC);
  off_t size   = file >= 0 ? lseek (file, 0, SEEK_END) : -1;
  gint  number = size >= 0 ? posix_fallocate (file, size, ROOM) : errno;

  if (size >= 0 && ftruncate (file, size) != 0)
    number = errno;
  if (file >= 0)
    close (file);
  if (number != 0)
    g_set_error_literal (error, G_FILE_ERROR, g_file_error_from_errno (number), g_strerror (number));
  return number == 0;
}

gboolean
inpaint_metadata_write (const gchar *path, const Origin *origin, gboolean says_resolution, const gchar *record,
                        GError **error)
{
  gboolean        has_resolution = says_resolution && origin->resolution.x > 0;
  gboolean        has_any        = origin->metadata && inpaint_metadata_has_any (origin->metadata);
  GExiv2Metadata *metadata;
  gboolean        written;

  if (! has_any && ! has_resolution && ! record)
    return TRUE;
  if (! has_room (path, error))
    return FALSE;
  metadata = origin->metadata ? g_object_ref (origin->metadata) : inpaint_metadata_open (path, error);
  if (metadata && has_resolution)
    set_resolution (metadata, &origin->resolution);
  written = metadata && (! record || gexiv2_metadata_try_set_tag_string (metadata, RECORD, record, error))
            && gexiv2_metadata_save_file (metadata, path, error);
  g_clear_object (&metadata);
  return written;
}

gchar *
inpaint_metadata_record (const gchar *path, gchar **error)
{
  GError         *cause    = NULL;
  GExiv2Metadata *metadata = inpaint_metadata_open (path, &cause);
  gchar          *record   = metadata ? gexiv2_metadata_try_get_tag_string (metadata, RECORD, NULL) : NULL;

  if (! record)
    *error = g_strdup_printf ("%s: %s", path, cause ? cause->message : "it has no record of a run; --record writes one");
  g_clear_error (&cause);
  g_clear_object (&metadata);
  return record;
}
