/* What becomes of an operation's output in the image. */
#pragma once

#include "operation.h"

typedef enum {
  BLEND_BY_SELECTION,
  BLEND_BY_CHANGES,    /* whatever is selected */
} Blend;

/* Puts `area` of the result above the layer, which stays the active one: repeating the filter fills it again.  The new
 * layer is transparent where nothing is selected, or nothing changed. */
void result_add_layer (const Settings *settings, const Layer *layer, GeglBuffer *result, const GeglRectangle *area,
                       Blend blend);

/* Replaces the layer's pixels in `area`, which lies in the layer. */
void result_replace (const Layer *layer, GeglBuffer *result, const GeglRectangle *area, Blend blend);
