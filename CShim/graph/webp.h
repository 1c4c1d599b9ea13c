/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* WebP files: GEGL's loader and saver know no profile, and no lossless ones. */
#pragma once

#include "origin.h"

/* What the file says beside EXIF; leaves `origin` as it is where it cannot be read. */
void inpaint_webp_read (const gchar *path, Origin *origin);

/* Why gegl:webp-load cannot read the file, to be freed with g_free; NULL where nothing is known of that. */
gchar *inpaint_webp_flaw (const gchar *path);

/* Lets the values that gegl:webp-load gave of the file be of the colour space that its profile says; a note on stderr says
 * why not, where GEGL cannot take it. */
void inpaint_webp_take_profile (const gchar *path, GeglBuffer *buffer);

/* Writes the picture with 8 bits.  `quality`: 1 ... 100; 0: lossless where the origin is, and 90 otherwise.  FALSE, with
 * *error set, after a failure: the cause alone, which is to be freed with g_free. */
gboolean inpaint_webp_save (GeglBuffer *buffer, const gchar *path, const Origin *origin, gint quality, gchar **error);
