/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The image's selection, put aside while pixels change whatever is selected: GIMP blends what plug-ins write by it. */
#pragma once

#include <libgimp/gimp.h>

/* Selects nothing.  Returns what selection_put_back takes, inside the same undo group; NULL where nothing was selected. */
GimpChannel *selection_put_aside (GimpImage *image);

/* `layer` becomes the selected one: the selection has been a channel meanwhile. */
void selection_put_back (GimpImage *image, GimpChannel *kept, GimpLayer *layer);

/* Makes `layer` the only one that is worked on. */
void image_select_layer (GimpImage *image, GimpLayer *layer);
