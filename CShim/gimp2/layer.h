/* Runs a procedure over a layer. */
#pragma once

#include "settings.h"

/* NULL if `drawable` can be worked on in its present state, else the reason with a remedy. */
const gchar *layer_obstacle (const Settings *settings, gint32 image, gint32 drawable);

/* Changes the layer, or puts the result above it; one step to undo.  FALSE, with *error set, after a failure: nothing
 * has been changed then. */
gboolean layer_run (const Settings *settings, gint32 image, gint32 layer, gchar **error);
