#include <math.h>

#include <libgimp/gimp.h>
#include <glib/gi18n-lib.h>

#include "canvas.h"
#include "layer.h"
#include "result.h"

/* Longer side of the largest pictures that a Stable Diffusion inpainting model was trained on. */
#define LARGEST_NATIVE_SIZE 1024

/* Whether a run may change the transparency of the layer's own pixels. */
static gboolean
changes_alpha (const Settings *settings, gint32 image)
{
  return settings->procedure->reach == REACH_CANVAS || gimp_selection_is_empty (image);
}

/* What the layer's locks say to a result in place. */
static const gchar *
lock_obstacle (const Settings *settings, gint32 image, gint32 layer)
{
  if (gimp_item_get_lock_content (layer))
    return _("The layer's pixels are locked. Unlock them, or let the result be a new layer.");
  if (gimp_layer_get_lock_alpha (layer) && changes_alpha (settings, image))
    return _("The layer's alpha channel is locked. Unlock it, or let the result be a new layer.");
  if (gimp_item_get_lock_position (layer) && settings->procedure->reach == REACH_CANVAS)
    return _("The layer's position and size are locked. Unlock them, or let the result be a new layer.");
  return NULL;
}

static const gchar *
selection_obstacle (const Settings *settings, gint32 image, gint32 layer)
{
  gint x, y, width, height;

  if (settings->procedure->reach == REACH_CANVAS)
    return NULL;
  if (gimp_selection_is_empty (image))
    return settings->procedure->reach == REACH_SELECTION && gimp_drawable_has_alpha (layer)
           ? NULL : _("Nothing is selected. Select what is to be repainted.");
  if (! gimp_drawable_mask_intersect (layer, &x, &y, &width, &height))
    return _("The selection lies outside the layer. Select a part of the layer, or choose the layer below the selection.");
  return NULL;
}

const gchar *
layer_obstacle (const Settings *settings, gint32 image, gint32 drawable)
{
  const gchar *obstacle = NULL;

  if (! gimp_item_is_layer (drawable))
    return _("This works on layers. Click on a layer's own picture in the Layers dialog, not on its mask or a channel.");
  if (gimp_item_is_group (drawable))
    return _("This is a layer group. Choose a layer in it.");
  if (gimp_image_get_floating_sel (image) >= 0)
    return _("There is a floating selection. Anchor it first (Layer > Anchor Layer).");
  if (gimp_drawable_is_indexed (drawable))
    return _("An indexed image has not the colors for this. Convert it first (Image > Mode > RGB).");
  if (! settings->new_layer)
    obstacle = lock_obstacle (settings, image, drawable);
  return obstacle ? obstacle : selection_obstacle (settings, image, drawable);
}

/* The layer's pixels, with the image's origin. */
static GeglBuffer *
pixels_in_image (gint32 layer)
{
  GeglBuffer *own = gimp_drawable_get_buffer (layer);
  GeglBuffer *placed;
  gint        x, y;

  gimp_drawable_offsets (layer, &x, &y);
  placed = g_object_new (GEGL_TYPE_BUFFER, "source", own, "shift-x", -x, "shift-y", -y, NULL);
  g_object_unref (own);
  return placed;
}

/* The part of the layer that the operation has to be given, so that a small selection in a huge layer takes little time
 * and memory: all that it might look at around the selected `area`. */
static GeglRectangle
window_around (const Settings *settings, const Layer *layer, const GeglRectangle *area)
{
  GeglRectangle extent = *gegl_buffer_get_extent (layer->pixels);
  GeglRectangle window;
  gchar        *crop   = settings_value (settings, "crop");
  gdouble       context, feather;
  gint          grow, margin;

  if (g_strcmp0 (crop, "auto") == 0 && layer->selection && settings->procedure->reach == REACH_SELECTION)
    {
      gegl_node_get (settings->operation, "context", &context, "grow", &grow, "feather", &feather, NULL);
      margin = grow + (gint) ceil (feather) + (gint) ceil (context * (MAX (area->width, area->height) + 2 * grow))
               + LARGEST_NATIVE_SIZE;
      window = (GeglRectangle) { area->x - margin, area->y - margin, area->width + 2 * margin, area->height + 2 * margin };
      gegl_rectangle_intersect (&window, &window, &extent);
    }
  else
    window = extent;
  g_free (crop);
  return window;
}

/* Runs an operation that leaves the canvas as it is. */
static gboolean
repaint (const Settings *settings, const Layer *layer, gchar **error)
{
  Blend         blend = settings->procedure->reach == REACH_SELECTION ? BLEND_BY_SELECTION : BLEND_BY_CHANGES;
  GeglRectangle area  = *gegl_buffer_get_extent (layer->pixels);
  GeglRectangle window;
  GeglBuffer   *result;

  if (blend == BLEND_BY_SELECTION)
    {
      gint x, y;

      gimp_drawable_mask_intersect (layer->id, &area.x, &area.y, &area.width, &area.height);
      gimp_drawable_offsets (layer->id, &x, &y);
      area.x += x;
      area.y += y;
    }
  window = window_around (settings, layer, &area);
  result = operation_run (settings, layer, &window, error);
  if (! result)
    return FALSE;
  if (settings->new_layer)
    result_add_layer (settings, layer, result, &area, blend);
  else
    result_replace (layer, result, &area, blend);
  g_object_unref (result);
  return TRUE;
}

gboolean
layer_run (const Settings *settings, gint32 image, gint32 drawable, gchar **error)
{
  Layer    layer   = { .image = image, .id = drawable, .pixels = pixels_in_image (drawable) };
  gboolean success;

  if (settings->procedure->reach != REACH_CANVAS && ! gimp_selection_is_empty (image))
    layer.selection = gimp_drawable_get_buffer (gimp_image_get_selection (image));
  if (settings->procedure->reach == REACH_CANVAS)
    success = canvas_run (settings, &layer, error);
  else
    success = repaint (settings, &layer, error);
  g_clear_object (&layer.selection);
  g_object_unref (layer.pixels);
  return success;
}
