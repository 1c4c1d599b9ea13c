/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Pictures in CMYK whose files do not say by a profile what their inks look like. */
#pragma once

#include <gegl.h>

gboolean inpaint_has_plain_inks (GeglBuffer *buffer);

/* The picture of `inks`, which is freed, in R'G'B', as other programs show it: each ink takes its share of what the black one
 * leaves of a perceptual value.  GEGL takes them from linear light, which looks washed out. */
GeglBuffer *inpaint_rgb_of_inks (GeglBuffer *inks);
