/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What becomes of an operation's output in the image. */
#pragma once

#include "layer.h"

/* Puts `area` of the result above the layer, which stays the active one: repeating the filter fills it again.  The new
 * layer is transparent as blend_patch makes it. */
void result_add_layer (const Settings *settings, const Layer *layer, GeglBuffer *result, const GeglRectangle *area);

/* The same for several results: layers of a group, the first one on top, and the only one that is visible.  Their names have
 * their seeds. */
void result_add_proposals (const Settings *settings, const Layer *layer, GPtrArray *results, const GeglRectangle *area);

/* Replaces the layer's pixels in `area`, which lies in the layer: as far as they are selected, or, where the operation's reach
 * is wider, whatever is. */
void result_replace (const Settings *settings, const Layer *layer, GeglBuffer *result, const GeglRectangle *area);
