/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* TIFF files, compressed as the one that the picture comes from. */
#include <errno.h>

#include <glib/gstdio.h>
#include <tiffio.h>

#include "complaints.h"
#include "tiff.h"

/* Tags of gegl:tiff-save's files that say what their rows are; each is a number of 16 bits. */
static const ttag_t of_rows[] = { TIFFTAG_BITSPERSAMPLE, TIFFTAG_SAMPLESPERPIXEL, TIFFTAG_SAMPLEFORMAT, TIFFTAG_PHOTOMETRIC,
                                  TIFFTAG_PLANARCONFIG, TIFFTAG_ORIENTATION };

/* Keeps the first error, and no warnings. */
static int
keep_error (TIFF *tiff, void *error, const char *module, const char *format, va_list arguments)
{
  gchar **text = error;

  if (text && ! *text)
    *text = g_strdup_vprintf (format, arguments);
  return 1;
}

static int
ignore (TIFF *tiff, void *user, const char *module, const char *format, va_list arguments)
{
  return 1;
}

static TIFF *
open_tiff (const gchar *path, const gchar *mode, gchar **error)
{
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc ();
  TIFF            *tiff;

  TIFFOpenOptionsSetErrorHandlerExtR (options, keep_error, error);
  TIFFOpenOptionsSetWarningHandlerExtR (options, ignore, NULL);
  tiff = TIFFOpenExt (path, mode, options);
  TIFFOpenOptionsFree (options);
  return tiff;
}

void
inpaint_tiff_read (const gchar *path, Origin *origin)
{
  TIFF   *tiff        = open_tiff (path, "r", NULL);
  guint16 compression = COMPRESSION_NONE, predictor = PREDICTOR_NONE;
  guint32 length      = 0;
  void   *icc         = NULL;

  if (! tiff)
    return;
  TIFFGetFieldDefaulted (tiff, TIFFTAG_COMPRESSION, &compression);
  TIFFGetField (tiff, TIFFTAG_PREDICTOR, &predictor); /* a tag of some compressions alone */
  if (TIFFGetField (tiff, TIFFTAG_ICCPROFILE, &length, &icc) && length > 0)
    origin->profile = g_bytes_new (icc, length);
  if (TIFFNumberOfDirectories (tiff) > 1)
    inpaint_note (path, "only the first of its %u pages is read", (guint) TIFFNumberOfDirectories (tiff));
  origin->tiff_compression = compression;
  origin->tiff_predictor   = predictor;
  TIFFClose (tiff);
}

static void
set_compression (TIFF *to, const Origin *origin, guint16 sample_format)
{
  guint16 compression = origin->tiff_compression ? (guint16) origin->tiff_compression : COMPRESSION_NONE;
  guint16 predictor   = (guint16) origin->tiff_predictor;

  switch (compression)
    {
    case COMPRESSION_NONE:
    case COMPRESSION_PACKBITS:
      TIFFSetField (to, TIFFTAG_COMPRESSION, compression);
      return;
    case COMPRESSION_LZW:
    case COMPRESSION_ADOBE_DEFLATE:
    case COMPRESSION_DEFLATE:
    case COMPRESSION_LZMA:
    case COMPRESSION_ZSTD:
      if (TIFFIsCODECConfigured (compression))
        break;
      /* fall through */
    default:
      compression = COMPRESSION_ADOBE_DEFLATE;
      predictor   = PREDICTOR_HORIZONTAL;
    }
  if ((predictor == PREDICTOR_FLOATINGPOINT) != (sample_format == SAMPLEFORMAT_IEEEFP) && predictor != PREDICTOR_NONE)
    predictor = sample_format == SAMPLEFORMAT_IEEEFP ? PREDICTOR_FLOATINGPOINT : PREDICTOR_HORIZONTAL;
  TIFFSetField (to, TIFFTAG_COMPRESSION, compression);
  TIFFSetField (to, TIFFTAG_PREDICTOR, predictor);
}

static void
copy_tags (TIFF *from, TIFF *to, const Origin *origin, GBytes *profile)
{
  guint32  width = 0, height = 0, length = 0;
  guint16  value, extras = 0, sample_format = SAMPLEFORMAT_UINT;
  guint16 *kinds;
  void    *icc;

  TIFFGetField (from, TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField (from, TIFFTAG_IMAGELENGTH, &height);
  TIFFSetField (to, TIFFTAG_IMAGEWIDTH, width);
  TIFFSetField (to, TIFFTAG_IMAGELENGTH, height);
  for (gsize i = 0; i < G_N_ELEMENTS (of_rows); i++)
    if (TIFFGetField (from, of_rows[i], &value))
      TIFFSetField (to, of_rows[i], value);
  if (TIFFGetField (from, TIFFTAG_EXTRASAMPLES, &extras, &kinds))
    TIFFSetField (to, TIFFTAG_EXTRASAMPLES, extras, kinds);
  TIFFGetField (from, TIFFTAG_SAMPLEFORMAT, &sample_format);
  set_compression (to, origin, sample_format);
  TIFFSetField (to, TIFFTAG_ROWSPERSTRIP, TIFFDefaultStripSize (to, 0));
  if (profile)
    {
      gsize size;

      icc    = (void *) g_bytes_get_data (profile, &size);
      length = (guint32) size;
    }
  else if (! TIFFGetField (from, TIFFTAG_ICCPROFILE, &length, &icc))
    length = 0;
  if (length > 0)
    TIFFSetField (to, TIFFTAG_ICCPROFILE, length, icc);
}

static void
set_resolution (TIFF *to, const Resolution *resolution)
{
  if (resolution->x <= 0)
    return;
  TIFFSetField (to, TIFFTAG_XRESOLUTION, resolution->x);
  TIFFSetField (to, TIFFTAG_YRESOLUTION, resolution->y);
  TIFFSetField (to, TIFFTAG_RESOLUTIONUNIT, resolution->unit == RESOLUTION_RATIO ? RESUNIT_NONE
                                            : resolution->unit == RESOLUTION_CM ? RESUNIT_CENTIMETER : RESUNIT_INCH);
}

static gboolean
copy_rows (TIFF *from, TIFF *to)
{
  guint32  height = 0;
  guint8  *row    = g_malloc (TIFFScanlineSize (from));
  gboolean copied = TRUE;

  TIFFGetField (from, TIFFTAG_IMAGELENGTH, &height);
  for (guint32 y = 0; copied && y < height; y++)
    copied = TIFFReadScanline (from, row, y, 0) >= 0 && TIFFWriteScanline (to, row, y, 0) >= 0;
  g_free (row);
  return copied && TIFFFlush (to);
}

gboolean
inpaint_tiff_finish (const gchar *path, const Babl *space, const Origin *origin, gchar **error)
{
  GBytes  *profile = space == origin->space ? origin->profile : NULL;
  gchar   *plain, *cause = NULL;
  TIFF    *from, *to;
  gboolean done;

  if (origin->tiff_compression <= COMPRESSION_NONE && ! profile && origin->resolution.x <= 0)
    return TRUE;
  plain = g_strconcat (path, ".plain", NULL);
  done  = g_rename (path, plain) == 0;
  from  = done ? open_tiff (plain, "r", &cause) : NULL;
  to    = from ? open_tiff (path, "w", &cause) : NULL;
  if (to)
    {
      copy_tags (from, to, origin, profile);
      set_resolution (to, &origin->resolution);
    }
  done = to && copy_rows (from, to);
  if (! done)
    *error = cause ? g_strdup (cause) : g_strdup (g_strerror (errno));
  if (to)
    TIFFClose (to);
  if (from)
    TIFFClose (from);
  g_unlink (plain);
  g_free (plain);
  g_free (cause);
  return done;
}
