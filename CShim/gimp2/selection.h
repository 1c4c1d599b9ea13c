/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The image's selection, put aside while pixels change whatever is selected: GIMP blends what plug-ins write by it. */
#pragma once

#include <libgimp/gimp.h>

/* Selects nothing.  Returns what selection_put_back takes, inside the same undo group. */
gint32 selection_put_aside (gint32 image);

/* The layer becomes the active one: the selection has been a channel meanwhile. */
void selection_put_back (gint32 image, gint32 kept, gint32 layer);
