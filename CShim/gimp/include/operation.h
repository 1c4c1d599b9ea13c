/* One run of an operation over a layer's pixels. */
#pragma once

#include "settings.h"

/* The layer that is worked on.  The origin of all buffers and rectangles is the image's top left. */
typedef struct {
  gint32      image, id;
  GeglBuffer *pixels;
  GeglBuffer *selection;   /* the mask; NULL: the layer's transparency is */
} Layer;

/* The operation's output in the layer's format, for which it sees the layer's pixels in `window` and the colors of the
 * image's profile.  NULL, with *error set, if it failed. */
GeglBuffer *operation_run (const Settings *settings, const Layer *layer, const GeglRectangle *window, gchar **error);
