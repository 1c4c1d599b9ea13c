/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Masks of another size than the picture. */
#pragma once

#include <gegl.h>

/* The mask scaled to `box`, smoothly and without a bias of its edges; `mask` itself where it has that size.  `mask` is
 * freed otherwise. */
GeglBuffer *inpaint_fit_mask (GeglBuffer *mask, const GeglRectangle *box);
