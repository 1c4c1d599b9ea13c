/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>

#include "canvas.h"
#include "layer.h"
#include "process.inc"
#include "refusal.h"
#include "result.h"

const gchar *
layer_refusal (const Settings *settings, GimpImage *image, GimpDrawable *drawable)
{
  LayerState state = { .is_layer = GIMP_IS_LAYER (drawable) };
  GimpItem  *item  = GIMP_ITEM (drawable);
  gint       x, y, width, height;

  if (state.is_layer)
    {
      state.is_group               = gimp_item_is_group (item);
      state.is_indexed             = gimp_drawable_is_indexed (drawable);
      state.has_alpha              = gimp_drawable_has_alpha (drawable);
      state.locks_pixels           = gimp_item_get_lock_content (item);
      state.locks_alpha            = gimp_layer_get_lock_alpha (GIMP_LAYER (drawable));
      state.locks_position         = gimp_item_get_lock_position (item);
      state.has_floating_selection = gimp_image_get_floating_sel (image) != NULL;
      state.is_selected            = ! gimp_selection_is_empty (image);
      state.selection_meets_it     = gimp_drawable_mask_intersect (drawable, &x, &y, &width, &height);
    }
  return refusal (settings, &state);
}

/* The layer's pixels, with the image's origin. */
static GeglBuffer *
pixels_in_image (GimpLayer *layer)
{
  GeglBuffer *own = gimp_drawable_get_buffer (GIMP_DRAWABLE (layer));
  GeglBuffer *placed;
  gint        x, y;

  gimp_drawable_get_offsets (GIMP_DRAWABLE (layer), &x, &y);
  placed = g_object_new (GEGL_TYPE_BUFFER, "source", own, "shift-x", -x, "shift-y", -y, NULL);
  g_object_unref (own);
  return placed;
}

/* The same as GIMP shows them: its filters lie over them. */
static GeglBuffer *
filtered_pixels_in_image (GimpLayer *layer)
{
  GimpLayer  *copy = gimp_layer_copy (layer);
  GeglBuffer *shown, *kept;

  gimp_drawable_merge_filters (GIMP_DRAWABLE (copy));
  shown = pixels_in_image (copy);
  kept  = gegl_buffer_dup (shown); /* GIMP keeps the copy's own no longer than the copy */
  g_object_unref (shown);
  gimp_item_delete (GIMP_ITEM (copy));
  return kept;
}

static gboolean
has_filters (GimpLayer *layer)
{
  GimpDrawableFilter **filters = gimp_drawable_get_filters (GIMP_DRAWABLE (layer));
  gboolean             result  = filters && *filters;

  g_free (filters);
  return result;
}

/* The space of the image's profile, which libgimp's buffers do not have; NULL for sRGB, and for a profile of grey. */
static const Babl *
image_space (GimpImage *image)
{
  GimpColorProfile *profile = gimp_image_get_color_profile (image);
  const Babl       *space   = NULL;

  if (profile && gimp_color_profile_is_rgb (profile))
    space = gimp_color_profile_get_space (profile, GIMP_COLOR_RENDERING_INTENT_RELATIVE_COLORIMETRIC, NULL);
  g_clear_object (&profile);
  return space;
}

/* What is selected of the layer; all of it where nothing is. */
static GeglRectangle
selected_area (GimpLayer *layer)
{
  GeglRectangle area;
  gint          x, y;

  gimp_drawable_mask_intersect (GIMP_DRAWABLE (layer), &area.x, &area.y, &area.width, &area.height);
  gimp_drawable_get_offsets (GIMP_DRAWABLE (layer), &x, &y);
  area.x += x;
  area.y += y;
  return area;
}

GeglBuffer *
layer_process (const Settings *settings, const Layer *layer, const GeglRectangle *window, gchar **error)
{
  return process (settings, &layer->seen, window, 0, error);
}

/* Runs an operation that leaves the canvas as it is. */
static gboolean
repaint (const Settings *settings, const Layer *layer, gchar **error)
{
  GeglRectangle extent   = *gegl_buffer_get_extent (layer->seen.pixels);
  GeglRectangle selected = selected_area (layer->layer);
  GeglRectangle window   = operation_window (settings, &extent, &selected);
  GeglRectangle changed  = settings->procedure->reach == REACH_SELECTION ? selected : extent;
  GPtrArray    *results  = process_proposals (settings, &layer->seen, &window, error);

  if (! results)
    return FALSE;
  if (settings->proposals > 1)
    result_add_proposals (settings, layer, results, &changed);
  else if (settings->new_layer)
    result_add_layer (settings, layer, results->pdata[0], &changed);
  else
    result_replace (settings, layer, results->pdata[0], &changed);
  g_ptr_array_unref (results);
  return TRUE;
}

gboolean
layer_run (const Settings *settings, GimpImage *image, GimpLayer *chosen, gchar **error)
{
  Layer    layer = { image, chosen, { .space = image_space (image) } };
  gboolean success;

  layer.seen.pixels = settings->new_layer && has_filters (chosen) ? filtered_pixels_in_image (chosen)
                                                                  : pixels_in_image (chosen);
  if (settings->procedure->reach != REACH_CANVAS && ! gimp_selection_is_empty (image))
    layer.seen.selection = gimp_drawable_get_buffer (GIMP_DRAWABLE (gimp_image_get_selection (image)));
  if (settings->procedure->reach == REACH_CANVAS)
    success = canvas_run (settings, &layer, error);
  else
    success = repaint (settings, &layer, error);
  g_clear_object (&layer.seen.selection);
  g_object_unref (layer.seen.pixels);
  return success;
}
