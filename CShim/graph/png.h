/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* PNG files with a colour profile, without GEGL's saver. */
#pragma once

#include <gegl.h>

/* Whether a picture of this format is for inpaint_png_save.  gegl:png-save tells libpng the primaries of any colour space
 * beside its profile, and libpng takes none outside of all colours, as Display P3's red is once it is adapted to D50. */
gboolean inpaint_png_needs_profile (const Babl *format);

/* Writes colours of 8 or 16 bits with their profile, and nothing else about them.  FALSE, with *error set, after a
 * failure: the cause alone, which is to be freed with g_free. */
gboolean inpaint_png_save (GeglBuffer *buffer, const gchar *path, gint bits, gchar **error);
