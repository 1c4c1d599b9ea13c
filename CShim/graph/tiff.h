/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* TIFF files, compressed as the one that the picture comes from: gegl:tiff-save does not compress. */
#pragma once

#include "origin.h"

/* What the file says beside EXIF; leaves `origin` as it is where it cannot be read. */
void inpaint_tiff_read (const gchar *path, Origin *origin);

/* Gives the file `path` of gegl:tiff-save, of a picture in the colour space `space`, the origin's compression, profile
 * and resolution.  What loses pixels, or is for black and white alone, becomes Deflate.  FALSE, with *error set, after a failure: the cause
 * alone, which is to be freed with g_free. */
gboolean inpaint_tiff_finish (const gchar *path, const Babl *space, const Origin *origin, gchar **error);
