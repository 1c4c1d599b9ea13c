/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Masks: whether there is one, whether it fits, and what an empty one holds. */
#pragma once

#include <gegl-plugin.h>

/* The mask, to be unreferenced; GEGL leaves it out where it lies beside the input, and then it is an empty one.  NULL
 * where nothing is on the pad, or nothing that has a picture: GIMP's dialogs connect a gegl:buffer-source to it before
 * they have a buffer for that. */
GeglBuffer *inpaint_mask (GeglOperation *operation, GeglBuffer *aux);

/* Why the mask does not fit the input, to be freed with g_free; NULL if it does.  A mask that operations have placed (moved,
 * scaled, cut, joined with another) fits wherever it lies; one that comes from a file or a host's buffer without that has
 * to cover what the input covers, or covered before operations grew it or it was cut out of more. */
gchar *inpaint_mask_misfit (GeglOperation *operation);

/* What `mask` over `box`, of the pad aux or of the input's transparency, holds where it leaves nothing to do; to be freed
 * with g_free. */
gchar *inpaint_mask_emptiness (GeglOperation *operation, gboolean has_aux, const float *mask, const GeglRectangle *box);

/* Why the file of a mask over `canvas` cannot be used, to be freed with g_free; NULL if it can. */
gchar *inpaint_mask_file_misfit (const gchar *path, const GeglRectangle *canvas);

/* The values of a mask over `canvas` as a buffer of that extent, to be unreferenced. */
GeglBuffer *inpaint_mask_buffer (const float *mask, const GeglRectangle *canvas);
