/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The pixels that a run needs: what is read from GEGL's buffers, and what is written back. */
#pragma once

#include <gegl-plugin.h>

#include "gegl-versions.h"
#include "inpaint_abi.h"

/* A node of `graph` that gives the buffer. */
GeglNode *inpaint_source (GeglNode *graph, GeglBuffer *buffer);

/* The mask over `box`, 1 = repaint: Y' x alpha of `aux`, or without one what `input` lacks of its alpha.  To be freed
 * with g_free; NULL where there is no memory for it. */
float *inpaint_read_mask (GeglBuffer *input, GeglBuffer *aux, const GeglRectangle *box);

/* The space of the R'G'B' in which pixels of the format `stored` are worked on: that of ink or of grey has none, and NULL,
 * sRGB, takes its place. */
const Babl *inpaint_rgb_space (const Babl *stored);

/* Runs a pass of `plan`, which was made for `box` of an image, on `buffer`, a copy of the image that earlier passes
 * have painted on.  With `fill_alpha` the mask was the image's alpha.  `error` as in inpaint_plan_run, and NULL where
 * there is no memory. */
InpaintStatus inpaint_repaint (InpaintPlan *plan, gint pass, GeglBuffer *buffer, const GeglRectangle *box,
                               gboolean fill_alpha, InpaintProgress progress, void *user, char **error);
