/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <libgimp/gimp.h>
#include <glib/gi18n-lib.h>

#include "blend.h"
#include "result.h"
#include "selection.h"

/* `area` of the result as a layer that is not in the image yet. */
static GimpLayer *
layer_of (const Settings *settings, const Layer *layer, GeglBuffer *result, const GeglRectangle *area, const gchar *name)
{
  GimpImageType type  = gimp_drawable_is_gray (GIMP_DRAWABLE (layer->layer)) ? GIMP_GRAYA_IMAGE : GIMP_RGBA_IMAGE;
  GimpLayer    *added = gimp_layer_new (layer->image, name, area->width, area->height, type, 100.0,
                                        gimp_image_get_default_new_layer_mode (layer->image));
  GeglBuffer   *patch;

  gimp_layer_set_offsets (added, area->x, area->y);
  patch = gimp_drawable_get_buffer (GIMP_DRAWABLE (added));
  blend_patch (settings, &layer->seen, result, area, patch);
  g_object_unref (patch);
  return added;
}

/* Above the layer, which stays the active one: repeating the filter fills it again. */
static void
insert (const Layer *layer, GimpLayer *added)
{
  GimpItem *parent = gimp_item_get_parent (GIMP_ITEM (layer->layer));

  gimp_image_insert_layer (layer->image, added, parent ? GIMP_LAYER (parent) : NULL,
                           gimp_image_get_item_position (layer->image, GIMP_ITEM (layer->layer)));
  image_select_layer (layer->image, layer->layer);
}

void
result_add_layer (const Settings *settings, const Layer *layer, GeglBuffer *result, const GeglRectangle *area)
{
  gchar     *title = procedure_title (settings->procedure);
  GimpLayer *added = layer_of (settings, layer, result, area, title);

  gimp_image_undo_group_start (layer->image);
  insert (layer, added);
  gimp_image_undo_group_end (layer->image);
  g_free (title);
}

void
result_add_proposals (const Settings *settings, const Layer *layer, GPtrArray *results, const GeglRectangle *area)
{
  gchar     *title = procedure_title (settings->procedure);
  GimpLayer *group = GIMP_LAYER (gimp_group_layer_new (layer->image, title));

  gimp_image_undo_group_start (layer->image);
  insert (layer, group);
  for (guint i = 0; i < results->len; i++)
    {
      gchar     *name  = g_strdup_printf (_("%s, seed %u"), title, settings_seed (settings, i));
      GimpLayer *added = layer_of (settings, layer, results->pdata[i], area, name);

      gimp_item_set_visible (GIMP_ITEM (added), i == 0);
      gimp_image_insert_layer (layer->image, added, group, i);
      g_free (name);
    }
  image_select_layer (layer->image, layer->layer);
  gimp_image_undo_group_end (layer->image);
  g_free (title);
}

void
result_replace (const Settings *settings, const Layer *layer, GeglBuffer *result, const GeglRectangle *area)
{
  GimpDrawable *drawable = GIMP_DRAWABLE (layer->layer);
  GeglBuffer   *shadow   = gimp_drawable_get_shadow_buffer (drawable);
  GeglRectangle target   = *area;
  GimpChannel  *kept     = NULL;
  gint          x, y;

  gimp_drawable_get_offsets (drawable, &x, &y);
  target.x -= x;
  target.y -= y;
  gimp_image_undo_group_start (layer->image);
  if (settings->procedure->reach != REACH_SELECTION)
    {
      GeglBuffer *present = gimp_drawable_get_buffer (drawable);

      kept = selection_put_aside (layer->image);
      gegl_buffer_copy (present, NULL, GEGL_ABYSS_NONE, shadow, NULL); /* without a selection all is taken */
      g_object_unref (present);
    }
  gegl_buffer_copy (result, area, GEGL_ABYSS_NONE, shadow, &target);
  g_object_unref (shadow); /* sends the pixels to GIMP */
  gimp_drawable_merge_shadow (drawable, TRUE);
  gimp_drawable_update (drawable, target.x, target.y, target.width, target.height);
  selection_put_back (layer->image, kept, layer->layer);
  gimp_image_undo_group_end (layer->image);
}
