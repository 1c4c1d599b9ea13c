/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Pictures whose files say by EXIF how they are to be turned: GEGL's loaders leave them as they are stored. */
#pragma once

#include <gegl.h>

/* The orientation by EXIF of the file `path` (TIFF 6.0's tag 274): 1 (upright) ... 8; 1 where it says none, with a note
 * where it cannot be read. */
gint inpaint_orientation (const gchar *path);

/* The picture of `stored`, which is freed, as viewers show it at this orientation; pixel by pixel, in its own format. */
GeglBuffer *inpaint_upright (GeglBuffer *stored, gint orientation);

/* For what gegl:tiff-load gave of the file `path`: it has turned some kinds of pictures partly.  Frees `stored` as above. */
GeglBuffer *inpaint_upright_tiff (GeglBuffer *stored, gint orientation, const gchar *path);
