/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the file of a picture says beside its pixels, and how it holds them. */
#include <string.h>

#include "jpeg.h"
#include "metadata.h"
#include "origin.h"
#include "png.h"
#include "tiff.h"
#include "webp.h"

/* Where an ICC profile says what it is about. */
#define ICC_COLORS 16

static const struct {
  const gchar *type;
  void       (*read) (const gchar *path, Origin *origin);
} readers[] = { { "image/jpeg", inpaint_jpeg_read },
                { "image/png", inpaint_png_read },
                { "image/tiff", inpaint_tiff_read },
                { "image/webp", inpaint_webp_read } };

gboolean
inpaint_profile_is_about (GBytes *profile, const gchar *colors)
{
  gsize         length;
  const guint8 *icc = g_bytes_get_data (profile, &length);

  return length >= ICC_COLORS + 4 && memcmp (icc + ICC_COLORS, colors, 4) == 0;
}

/* Whether the profile is of such colours as the pixels have: GEGL reads CMYK as RGB where it cannot take its profile. */
static gboolean
is_of (GBytes *profile, const Babl *space)
{
  return g_bytes_get_size (profile) > ICC_COLORS + 4
         && inpaint_profile_is_about (profile, "CMYK") == (babl_space_is_cmyk (space) != 0);
}

void
inpaint_origin_read (Origin *origin, const gchar *path, const gchar *type, const Babl *format, gboolean is_transposed)
{
  *origin = (Origin) { .space = babl_format_get_space (format), .is_transposed = is_transposed };
  for (gsize i = 0; i < G_N_ELEMENTS (readers); i++)
    if (g_strcmp0 (type, readers[i].type) == 0)
      {
        readers[i].read (path, origin);
        origin->metadata = inpaint_metadata_open (path, NULL);
      }
  if (origin->profile && ! is_of (origin->profile, origin->space))
    g_clear_pointer (&origin->profile, g_bytes_unref);
  if (origin->metadata && origin->resolution.x == 0)
    origin->resolution = inpaint_metadata_resolution (origin->metadata);
  if (is_transposed)
    origin->resolution = (Resolution) { origin->resolution.y, origin->resolution.x, origin->resolution.unit };
}

void
inpaint_origin_clear (Origin *origin)
{
  g_clear_object (&origin->metadata);
  g_clear_pointer (&origin->profile, g_bytes_unref);
  g_clear_pointer (&origin->jpeg, g_free);
  g_clear_pointer (&origin->png_text, g_array_unref);
}

gchar *
inpaint_origin_lost (const Origin *origin, gboolean holds_metadata, gboolean is_png)
{
  const gchar *metadata = ! holds_metadata && origin->metadata && inpaint_metadata_has_any (origin->metadata)
                          ? "EXIF, XMP or IPTC data" : NULL;
  const gchar *text     = ! is_png && origin->png_text ? "the text of PNG" : NULL;

  if (! metadata && ! text)
    return NULL;
  return g_strdup_printf ("%s%s%s", metadata ? metadata : "", metadata && text ? " and " : "", text ? text : "");
}
