/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "selection.h"

gint32
selection_put_aside (gint32 image)
{
  gint32 kept = -1;

  if (! gimp_selection_is_empty (image))
    {
      kept = gimp_selection_save (image);
      gimp_selection_none (image);
    }
  return kept;
}

void
selection_put_back (gint32 image, gint32 kept, gint32 layer)
{
  if (kept < 0)
    return;
  gimp_image_select_item (image, GIMP_CHANNEL_OP_REPLACE, kept);
  gimp_image_remove_channel (image, kept);
  gimp_image_set_active_layer (image, layer);
}
