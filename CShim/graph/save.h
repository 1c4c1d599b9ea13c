/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Pictures to files. */
#pragma once

#include <gegl.h>

#include "destination.h"

/* FALSE, with *error set, where GEGL writes no pictures with this ending. */
gboolean inpaint_save_knows (const gchar *path, gchar **error);

/* What would fail after the run, found before it: whether a picture of this format and size can be written.
 * FALSE, with *error set, if not. */
gboolean inpaint_save_rehearse (Destination *destination, const Babl *format, const GeglRectangle *box, gchar **error);

/* FALSE, with *error set, after a failure; what was there before is there still then. */
gboolean inpaint_save (GeglBuffer *buffer, Destination *destination, gchar **error);
