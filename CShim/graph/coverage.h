/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What a mask's file marks. */
#pragma once

#include <gegl.h>

#include "inpaint_graph.h"

/* The mask as operations read it, Y' times alpha: itself where that is what is wanted, else a buffer "Y' float" in its place;
 * `mask` is freed then.  Notes, with the name `path`, what INPAINT_MASK_FROM_AUTO takes instead of luminance. */
GeglBuffer *inpaint_mask_coverage (GeglBuffer *mask, const gchar *path, InpaintMaskFrom from, gboolean invert);
