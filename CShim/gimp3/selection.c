/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "selection.h"

GimpChannel *
selection_put_aside (GimpImage *image)
{
  GimpChannel *kept = NULL;

  if (! gimp_selection_is_empty (image))
    {
      kept = gimp_selection_save (image);
      gimp_selection_none (image);
    }
  return kept;
}

void
selection_put_back (GimpImage *image, GimpChannel *kept, GimpLayer *layer)
{
  if (! kept)
    return;
  gimp_image_select_item (image, GIMP_CHANNEL_OP_REPLACE, GIMP_ITEM (kept));
  gimp_image_remove_channel (image, kept);
  image_select_layer (image, layer);
}

void
image_select_layer (GimpImage *image, GimpLayer *layer)
{
  const GimpLayer *layers[] = { layer, NULL };

  gimp_image_set_selected_layers (image, layers);
}
