/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* PNG files, with what the one says that the picture comes from.  gegl:png-save takes no text of other programs, and tells
 * libpng the primaries of any colour space beside its profile, of which libpng takes none outside of all colours, as Display
 * P3's red is once it is adapted to D50. */
#pragma once

#include "origin.h"

/* What the file says beside EXIF and XMP; leaves `origin` as it is where it cannot be read. */
void inpaint_png_read (const gchar *path, Origin *origin);

/* Writes the picture with 8 or 16 bits.  FALSE, with *error set, after a failure: the cause alone, which is to be freed with
 * g_free. */
gboolean inpaint_png_save (GeglBuffer *buffer, const gchar *path, gint bits, const Origin *origin, gchar **error);
