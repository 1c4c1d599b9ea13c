/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the file of a picture says beside its pixels, and how it holds them: what a result keeps of it. */
#pragma once

#include <gegl.h>
#include <gexiv2/gexiv2.h>

typedef enum {
  RESOLUTION_RATIO,  /* only how x and y compare */
  RESOLUTION_INCH,
  RESOLUTION_CM
} ResolutionUnit;

/* Pixels for each unit of length; 0 where nothing is said. */
typedef struct {
  gdouble        x, y;
  ResolutionUnit unit;
} Resolution;

typedef struct _JpegCoding JpegCoding;

/* All zero where there is no file. */
typedef struct {
  GExiv2Metadata *metadata;         /* EXIF, XMP, IPTC, comment; NULL where they cannot be read */
  GBytes         *profile;          /* ICC; NULL for none */
  const Babl     *space;            /* that of its colours */
  Resolution      resolution;       /* of the upright picture */
  gboolean        is_transposed;    /* the upright picture's rows are stored as columns */
  JpegCoding     *jpeg;             /* NULL where the file is no JPEG */
  GArray         *png_text;         /* of png_text; NULL where there is none */
  gint            tiff_compression; /* libtiff's number; 0 where the file is no TIFF */
  gint            tiff_predictor;
  gboolean        is_lossless_webp;
} Origin;

/* Reads what the file `path` of the type `type` ("image/jpeg") says, of whose pixels `format` is.  What cannot be read is
 * left out: the pixels could. */
void inpaint_origin_read (Origin *origin, const gchar *path, const gchar *type, const Babl *format, gboolean is_transposed);

void inpaint_origin_clear (Origin *origin);

/* Whether an ICC profile is one of these colours: "GRAY", "RGB " or "CMYK". */
gboolean inpaint_profile_is_about (GBytes *profile, const gchar *colors);

/* What a result holds no place for, "a and b"; NULL for nothing.  `holds_metadata`, `is_png`: of the result's file.  To be
 * freed with g_free. */
gchar *inpaint_origin_lost (const Origin *origin, gboolean holds_metadata, gboolean is_png);
