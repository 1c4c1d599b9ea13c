/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The settings of a run as text: a key file of GLib's, whose one group is the operation, "[inpaint:sd-inpaint]". */
#pragma once

#include <gegl-plugin.h>

/* The operation of `node` with the values of its properties but empty texts.  To be freed with g_free. */
gchar *inpaint_record_of (GeglNode *node);

/* The names of the properties in the record of the file `path`, and their values, to be freed with g_strfreev.  FALSE, with
 * *error set, where it has no record, or one of another operation. */
gboolean inpaint_record_read (const gchar *path, const gchar *operation, GStrv *names, GStrv *values, gchar **error);
