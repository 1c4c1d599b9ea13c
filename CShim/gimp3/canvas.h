/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Lets the image's canvas grow, and a layer with it. */
#pragma once

#include "layer.h"

/* Runs an operation with the properties left, right, top and bottom, by which the canvas grows: it paints what the layer
 * lacks of the new canvas, however large the layer is.  The other layers keep their places in the picture.  FALSE, with
 * *error set, after a failure: nothing has been changed then. */
gboolean canvas_run (const Settings *settings, const Layer *layer, gchar **error);
