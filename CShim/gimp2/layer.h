/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Runs a procedure over a layer. */
#pragma once

#include "operation.h"

typedef struct {
  gint32      image, id;
  LayerPixels seen;
} Layer;

/* NULL if `drawable` can be worked on in its present state, else the reason with a remedy. */
const gchar *layer_refusal (const Settings *settings, gint32 image, gint32 drawable);

/* operation_run, with GIMP's progress bar. */
GeglBuffer *layer_process (const Settings *settings, const Layer *layer, const GeglRectangle *window, gchar **error);

/* Changes the layer, or puts the result above it; one step to undo.  FALSE, with *error set, after a failure: nothing
 * has been changed then. */
gboolean layer_run (const Settings *settings, gint32 image, gint32 layer, gchar **error);
