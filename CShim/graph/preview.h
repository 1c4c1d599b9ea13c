/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The picture of a run that goes on. */
#pragma once

#include <gegl-plugin.h>

/* Lets the operation `node` make previews, and writes each to the PNG file `path`, in one step, so that who reads it finds a
 * whole picture.  Where that fails a note on stderr says why, once. */
void inpaint_preview (GeglNode *node, const gchar *path);
