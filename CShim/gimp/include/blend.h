/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* How an operation's output is blended with the layer. */
#pragma once

#include "operation.h"

/* Copies `area` of `result` to `patch`, the pixels of a layer of its own whose origin is the area's: transparent where nothing
 * is selected, or, where the operation's reach is wider, where nothing changed. */
void blend_patch (const Settings *settings, const LayerPixels *layer, GeglBuffer *result, const GeglRectangle *area,
                  GeglBuffer *patch);
