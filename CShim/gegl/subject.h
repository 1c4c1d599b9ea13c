/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A subject that moves: cut out by its mask, put elsewhere. */
#pragma once

#include <gegl-plugin.h>

/* The box of the subject in a mask over `canvas`: of its pixels of 0.5 and more, as in the operations' holes.  FALSE
 * without any. */
gboolean inpaint_subject_box (const float *mask, const GeglRectangle *canvas, GeglRectangle *box);

/* The subject that `mask`, over `canvas`, cuts out of `picture`, scaled about the centre of its `box` and then moved by
 * `x` to the right and `y` down: what of it lies on the canvas, in R'G'B'A float.  NULL where nothing does.  Whole
 * pixels that keep their size are not resampled. */
GeglBuffer *inpaint_subject_new (GeglBuffer *picture, const float *mask, const GeglRectangle *canvas,
                                 const GeglRectangle *box, gdouble scale, gint x, gint y);

/* Puts the subject over `picture`, whose pixels stay as they are stored where nothing is put. */
void inpaint_subject_put (GeglBuffer *subject, GeglBuffer *picture);
