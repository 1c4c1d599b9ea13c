/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* WebP files. */
#include <errno.h>
#include <stdio.h>

#include <glib/gstdio.h>
#include <webp/decode.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include "complaints.h"
#include "rows.h"
#include "webp.h"

/* The quality of gegl:webp-save. */
#define QUALITY 90

/* How thoroughly a lossless picture is compressed, 0 ... 9: libwebp's own default. */
#define LOSSLESS_LEVEL 6

/* Bytes that say whether a file is an animation: those of its first chunks' headers. */
#define HEADER 64

/* What WebPBitstreamFeatures.format says of lossless files. */
#define IS_LOSSLESS 2

/* The profile in a file's bytes; NULL for none. */
static GBytes *
profile_in (const gchar *bytes, gsize count)
{
  WebPData data    = { (const uint8_t *) bytes, count };
  WebPMux *mux     = WebPMuxCreate (&data, 0);
  GBytes  *profile = NULL;
  WebPData icc;

  if (mux && WebPMuxGetChunk (mux, "ICCP", &icc) == WEBP_MUX_OK)
    profile = g_bytes_new (icc.bytes, icc.size);
  WebPMuxDelete (mux);
  return profile;
}

void
inpaint_webp_read (const gchar *path, Origin *origin)
{
  WebPBitstreamFeatures features;
  gchar                *bytes;
  gsize                 count;

  if (! g_file_get_contents (path, &bytes, &count, NULL))
    return;
  origin->profile          = profile_in (bytes, count);
  origin->is_lossless_webp = WebPGetFeatures ((const uint8_t *) bytes, count, &features) == VP8_STATUS_OK
                             && features.format == IS_LOSSLESS;
  g_free (bytes);
}

gchar *
inpaint_webp_flaw (const gchar *path)
{
  WebPBitstreamFeatures features;
  FILE                 *file = g_fopen (path, "rbe");
  uint8_t               start[HEADER];
  gsize                 count = file ? fread (start, 1, sizeof start, file) : 0;
  gboolean              moves = WebPGetFeatures (start, count, &features) == VP8_STATUS_OK && features.has_animation;

  if (file)
    fclose (file);
  return moves ? g_strdup ("it is an animation; save one of its pictures alone") : NULL;
}

void
inpaint_webp_take_profile (const gchar *path, GeglBuffer *buffer)
{
  Origin       origin  = { 0 };
  const Babl  *space   = NULL;
  const gchar *icc, *cause = NULL;
  gsize        length;

  inpaint_webp_read (path, &origin);
  if (! origin.profile)
    return;
  icc   = g_bytes_get_data (origin.profile, &length);
  space = babl_space_from_icc (icc, (gint) length, BABL_ICC_INTENT_RELATIVE_COLORIMETRIC, &cause);
  if (space && ! cause && ! babl_space_is_cmyk (space) && ! babl_space_is_gray (space))
    gegl_buffer_set_format (buffer, babl_format_with_space (babl_format_get_encoding (gegl_buffer_get_format (buffer)), space));
  else
    inpaint_note (path, "its colour profile cannot be used, and its colours are taken for sRGB%s%s", cause ? ": " : "",
                  cause ? cause : "");
  inpaint_origin_clear (&origin);
}

/* All of the picture for the encoder; FALSE where there is no memory for it. */
static gboolean
import (WebPPicture *picture, GeglBuffer *buffer, const Rows *rows)
{
  gsize   stride = (gsize) picture->width * rows->channels;
  guint8 *pixels = g_try_malloc_n (picture->height, stride);
  gboolean done  = pixels != NULL;

  for (gint y = 0; pixels && y < picture->height; y++)
    inpaint_rows_get (rows, buffer, y, pixels + y * stride);
  if (pixels)
    done = rows->has_alpha ? WebPPictureImportRGBA (picture, pixels, (gint) stride)
                           : WebPPictureImportRGB (picture, pixels, (gint) stride);
  g_free (pixels);
  return done;
}

/* The picture in `writer`; FALSE, with *error set, after a failure. */
static gboolean
encode (GeglBuffer *buffer, const Rows *rows, gint quality, WebPMemoryWriter *writer, gchar **error)
{
  WebPConfig  config;
  WebPPicture picture;

  if (! WebPConfigInit (&config) || ! WebPPictureInit (&picture))
    {
      *error = g_strdup ("another version of libwebp is installed");
      return FALSE;
    }
  if (quality)
    config.quality = (gfloat) quality;
  else
    {
      WebPConfigLosslessPreset (&config, LOSSLESS_LEVEL);
      config.exact = TRUE; /* colours under transparency, too */
    }
  picture.use_argb   = config.lossless;
  picture.width      = gegl_buffer_get_width (buffer);
  picture.height     = gegl_buffer_get_height (buffer);
  picture.writer     = WebPMemoryWrite;
  picture.custom_ptr = writer;
  if (! import (&picture, buffer, rows))
    *error = g_strdup ("not enough memory");
  else if (! WebPEncode (&config, &picture))
    *error = g_strdup_printf ("libwebp's error %d", picture.error_code);
  WebPPictureFree (&picture);
  return ! *error;
}

static gboolean
write_bytes (const gchar *path, const WebPData *bytes, gchar **error)
{
  FILE    *file = g_fopen (path, "wbe");
  gboolean done = file && fwrite (bytes->bytes, 1, bytes->size, file) == bytes->size;

  if (! done)
    *error = g_strdup (g_strerror (errno));
  if (file && fclose (file) != 0 && ! *error)
    *error = g_strdup (g_strerror (errno));
  return ! *error;
}

/* The encoded picture with its profile. */
static gboolean
write_with_profile (const gchar *path, const WebPData *encoded, GBytes *profile, gchar **error)
{
  WebPMux *mux   = WebPMuxNew ();
  WebPData whole = { 0 };
  WebPData icc;

  icc.bytes = g_bytes_get_data (profile, &icc.size);
  if (! mux || WebPMuxSetImage (mux, encoded, 0) != WEBP_MUX_OK || WebPMuxSetChunk (mux, "ICCP", &icc, 0) != WEBP_MUX_OK
      || WebPMuxAssemble (mux, &whole) != WEBP_MUX_OK)
    *error = g_strdup ("libwebp takes no such profile");
  else
    write_bytes (path, &whole, error);
  WebPDataClear (&whole);
  WebPMuxDelete (mux);
  return ! *error;
}

gboolean
inpaint_webp_save (GeglBuffer *buffer, const gchar *path, const Origin *origin, gint quality, gchar **error)
{
  WebPMemoryWriter writer;
  Rows             rows;

  WebPMemoryWriterInit (&writer);
  inpaint_rows_init (&rows, gegl_buffer_get_format (buffer), origin, ROWS_ALPHA, 8);
  if (encode (buffer, &rows, quality || origin->is_lossless_webp ? quality : QUALITY, &writer, error))
    {
      WebPData encoded = { writer.mem, writer.size };

      if (rows.profile)
        write_with_profile (path, &encoded, rows.profile, error);
      else
        write_bytes (path, &encoded, error);
    }
  WebPMemoryWriterClear (&writer);
  inpaint_rows_clear (&rows);
  return ! *error;
}
