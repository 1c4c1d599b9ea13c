/* The pixels that a run needs: what is read from GEGL's buffers, and what is written back. */
#pragma once

#include <gegl-plugin.h>

#include "inpaint_abi.h"

/* The mask over `box`, 1 = repaint: Y' x alpha of `aux`, or without one what `input` lacks of its alpha.  To be freed
 * with g_free; NULL where there is no memory for it. */
float *inpaint_read_mask (GeglBuffer *input, GeglBuffer *aux, const GeglRectangle *box);

/* Runs `plan`, which was made for `box` of `input`, and writes what it repaints to `output`, a copy of `input`.  With
 * `fill_alpha` the mask was the input's alpha.  `error` as in inpaint_plan_run, and NULL where there is no memory. */
InpaintStatus inpaint_repaint (InpaintPlan *plan, GeglBuffer *input, GeglBuffer *output, const GeglRectangle *box,
                               gboolean fill_alpha, InpaintProgress progress, void *user, char **error);
