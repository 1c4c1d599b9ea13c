/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Pictures for files that hold no transparency. */
#pragma once

#include <gegl.h>

/* The picture on white, without alpha; `buffer` itself where it has none.  `buffer` is freed otherwise.  *is_changed says
 * whether anything was transparent. */
GeglBuffer *inpaint_flatten (GeglBuffer *buffer, gboolean *is_changed);
