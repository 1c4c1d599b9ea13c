/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the operations share: everything but their own properties and keys. */
#pragma once

#include <gegl-plugin.h>

#include "enums.h"

/* Formats, regions, caching, pads and process() of every operation: it takes its mask on aux, its canvas is its input's,
 * and it repaints that, by its properties, where the mask or, without one, its transparency says so, and what its canvas
 * has beyond the input. */
void inpaint_class_init (GeglOperationComposerClass *composer_class);

/* What hosts show of an operation, and where. */
void inpaint_set_keys (GeglOperationClass *operation_class, const gchar *name, const gchar *title,
                       const gchar *description, const gchar *menu_label);

/* Bounds of what is on the pad "input"; empty without one. */
GeglRectangle inpaint_input_box (GeglOperation *operation);

/* Neither empty nor without bounds. */
gboolean inpaint_is_finite (const GeglRectangle *rectangle);

/* Copies `input` to `output`.  FALSE where that is all that can be done: there is no input, or it has no bounds, which
 * the user is told. */
gboolean inpaint_begin (GeglOperation *operation, GeglBuffer *input, GeglBuffer *output);
