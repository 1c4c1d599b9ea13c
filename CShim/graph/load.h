/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Pictures from files. */
#pragma once

#include "origin.h"

/* The picture of the file `path`, read by its content and turned upright; NULL, with *error set, where it is none.  What else
 * the file says is in *origin then, unless that is NULL. */
GeglBuffer *inpaint_load (const gchar *path, Origin *origin, gchar **error);

/* Whether GEGL's own gegl:load gives the same as inpaint_load; FALSE, with *error set, if not.  For files that operations
 * read by themselves. */
gboolean inpaint_load_is_plain (const gchar *path, gchar **error);
