/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The geometry of a canvas that grows, for an operation with the properties left, right, top and bottom.  The origin is
 * the top left of the image as it is. */
#pragma once

#include "settings.h"

/* The canvas of an image of `width` x `height` with the borders that are asked for. */
GeglRectangle growth_canvas (const Settings *settings, gint width, gint height);

/* Sets the operation's borders so that it paints what a layer over `extent` lacks of the canvas, however large the layer is,
 * if it is given `window` of it.  FALSE, with *error set, where the layer lies beside the canvas or lacks too much. */
gboolean growth_prepare (const Settings *settings, const GeglRectangle *extent, const GeglRectangle *canvas,
                         GeglRectangle *window, gchar **error);

/* What a layer over `extent` covers when it covers the canvas too.  *lacks_corners: some of that is in neither, and has to be
 * transparent. */
GeglRectangle growth_layer (const GeglRectangle *extent, const GeglRectangle *canvas, gboolean *lacks_corners);

/* Copies the pixels of a layer's mask, which has grown with its layer from `before` to `after`, to `grown`, white at the new
 * sides: what it gets there is black, and would hide what is painted. */
void growth_mask (GeglBuffer *mask, const GeglRectangle *before, const GeglRectangle *after, GeglBuffer *grown);
