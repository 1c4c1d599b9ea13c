/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <libgimp/gimp.h>

#include "canvas.h"
#include "growth.h"
#include "result.h"
#include "selection.h"

/* Lets the mask of a layer that has grown show what is painted at its sides. */
static void
show_through_mask (gint32 mask, const GeglRectangle *before, const GeglRectangle *after)
{
  GeglBuffer *shadow  = gimp_drawable_get_shadow_buffer (mask);
  GeglBuffer *present = gimp_drawable_get_buffer (mask);

  growth_mask (present, before, after, shadow);
  g_object_unref (present);
  g_object_unref (shadow);
  gimp_drawable_merge_shadow (mask, TRUE);
  gimp_drawable_update (mask, 0, 0, after->width, after->height);
}

/* Lets the layer, which covers `extent`, cover the canvas too. */
static void
enlarge_layer (gint32 layer, const GeglRectangle *extent, const GeglRectangle *canvas)
{
  gboolean      lacks_corners;
  GeglRectangle whole = growth_layer (extent, canvas, &lacks_corners);

  if (lacks_corners)
    gimp_layer_add_alpha (layer);
  gimp_layer_resize (layer, whole.width, whole.height, extent->x - whole.x, extent->y - whole.y);
  if (gimp_layer_get_mask (layer) >= 0)
    show_through_mask (gimp_layer_get_mask (layer), extent, &whole);
}

gboolean
canvas_run (const Settings *settings, const Layer *layer, gchar **error)
{
  GeglRectangle canvas = growth_canvas (settings, gimp_image_width (layer->image), gimp_image_height (layer->image));
  GeglRectangle extent = *gegl_buffer_get_extent (layer->seen.pixels);
  GeglRectangle window;
  GeglBuffer   *result;
  gint32        kept;

  if (! growth_prepare (settings, &extent, &canvas, &window, error))
    return FALSE;
  result = layer_process (settings, layer, &window, error);
  if (! result)
    return FALSE;

  gimp_image_undo_group_start (layer->image);
  kept = selection_put_aside (layer->image);
  if (settings->new_layer)
    result_add_layer (settings, layer, result, &canvas);
  else
    {
      enlarge_layer (layer->id, &extent, &canvas);
      result_replace (settings, layer, result, &canvas);
    }
  gimp_image_resize (layer->image, canvas.width, canvas.height, -canvas.x, -canvas.y);
  selection_put_back (layer->image, kept, layer->id);
  gimp_image_undo_group_end (layer->image);
  g_object_unref (result);
  return TRUE;
}
