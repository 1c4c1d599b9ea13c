/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One run of an operation over a layer's pixels. */
#pragma once

#include "settings.h"

/* The layer that is worked on.  The origin of all buffers and rectangles is the image's top left. */
typedef struct {
  GeglBuffer *pixels;      /* as they are stored */
  const Babl *space;       /* of the image's profile; NULL for that of the pixels' format */
  GeglBuffer *selection;   /* the mask; NULL: the layer's transparency is */
} LayerPixels;

/* fraction: 0 to 1; stage: what is done now, in the user's language, NULL where it is the same as before. */
typedef void (*OperationProgress) (gdouble fraction, const gchar *stage, gpointer user);

/* The part of a layer over `extent` that the operation has to be given to repaint what is selected, which lies in `area`, so
 * that a small selection in a huge layer takes little time and memory. */
GeglRectangle operation_window (const Settings *settings, const GeglRectangle *extent, const GeglRectangle *area);

/* The operation's output in the layer's format, for which it sees the layer's pixels in `window` and the colors of the
 * image's profile.  proposal: which of settings->proposals, from 0 on.  NULL, with *error set, if it failed. */
GeglBuffer *operation_run (const Settings *settings, const LayerPixels *layer, const GeglRectangle *window, gint proposal,
                           OperationProgress progress, gpointer user, gchar **error);
