/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* JPEG files, coded as the one that the picture comes from: gegl:jpg-save knows a quality alone. */
#pragma once

#include "origin.h"

/* What the file says beside EXIF; leaves `origin` as it is where it cannot be read. */
void inpaint_jpeg_read (const gchar *path, Origin *origin);

/* Why libjpeg cannot decode the file, to be freed with g_free; NULL if it can.  GEGL's loader would end the process. */
gchar *inpaint_jpeg_flaw (const gchar *path);

/* Writes the picture, which has no alpha.  `quality`: 1 ... 100 by libjpeg's tables; 0: by those of the origin, and 90 where
 * that is no JPEG.  The origin's subsampling stays, too; there is none where it is no JPEG.  FALSE, with *error set, after a
 * failure: the cause alone, which is to be freed with g_free. */
gboolean inpaint_jpeg_save (GeglBuffer *buffer, const gchar *path, const Origin *origin, gint quality, gchar **error);
