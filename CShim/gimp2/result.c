#include <string.h>

#include <libgimp/gimp.h>

#include "result.h"
#include "selection.h"

/* Rows that are copied at a time. */
#define BAND 64

/* Copies `area` of `result` to `patch`, whose origin is the area's, and gives it an alpha. */
static void
copy_patch (const Layer *layer, GeglBuffer *result, const GeglRectangle *area, Blend blend, GeglBuffer *patch)
{
  const Babl *format = babl_format_with_space ("R'G'B'A float", gegl_buffer_get_format (patch));
  gboolean    shares = blend == BLEND_BY_SELECTION && layer->selection;
  gsize       count  = (gsize) area->width * BAND;
  gfloat     *before = g_new (gfloat, 4 * count);
  gfloat     *after  = g_new (gfloat, 4 * count);
  gfloat     *share  = g_new (gfloat, count);

  for (gint y = 0; y < area->height; y += BAND)
    {
      GeglRectangle band   = { area->x, area->y + y, area->width, MIN (BAND, area->height - y) };
      GeglRectangle target = { 0, y, band.width, band.height };

      gegl_buffer_get (result, &band, 1.0, format, after, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      if (shares) /* stored as if its shares were linear light */
        gegl_buffer_get (layer->selection, &band, 1.0, babl_format ("Y float"), share, GEGL_AUTO_ROWSTRIDE,
                         GEGL_ABYSS_NONE);
      else /* beyond the layer it is transparent */
        gegl_buffer_get (layer->pixels, &band, 1.0, format, before, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      for (gsize i = 0; i < (gsize) band.width * band.height; i++)
        if (shares)
          after[4 * i + 3] = share[i];
        else if (memcmp (before + 4 * i, after + 4 * i, 4 * sizeof (gfloat)) == 0)
          after[4 * i + 3] = 0;
      gegl_buffer_set (patch, &target, 0, format, after, GEGL_AUTO_ROWSTRIDE);
    }
  g_free (before);
  g_free (after);
  g_free (share);
}

void
result_add_layer (const Settings *settings, const Layer *layer, GeglBuffer *result, const GeglRectangle *area,
                  Blend blend)
{
  gchar        *title = procedure_title (settings->procedure);
  GimpImageType type  = gimp_drawable_is_gray (layer->id) ? GIMP_GRAYA_IMAGE : GIMP_RGBA_IMAGE;
  gint32        added = gimp_layer_new (layer->image, title, area->width, area->height, type, 100.0,
                                        gimp_image_get_default_new_layer_mode (layer->image));
  GeglBuffer   *patch;

  gimp_layer_set_offsets (added, area->x, area->y);
  patch = gimp_drawable_get_buffer (added);
  copy_patch (layer, result, area, blend, patch);
  g_object_unref (patch);
  gimp_image_undo_group_start (layer->image);
  gimp_image_insert_layer (layer->image, added, gimp_item_get_parent (layer->id),
                           gimp_image_get_item_position (layer->image, layer->id));
  gimp_image_set_active_layer (layer->image, layer->id);
  gimp_image_undo_group_end (layer->image);
  g_free (title);
}

void
result_replace (const Layer *layer, GeglBuffer *result, const GeglRectangle *area, Blend blend)
{
  GeglBuffer   *shadow = gimp_drawable_get_shadow_buffer (layer->id);
  GeglRectangle target = *area;
  gint32        kept   = -1;
  gint          x, y;

  gimp_drawable_offsets (layer->id, &x, &y);
  target.x -= x;
  target.y -= y;
  gimp_image_undo_group_start (layer->image);
  if (blend == BLEND_BY_CHANGES)
    {
      GeglBuffer *present = gimp_drawable_get_buffer (layer->id);

      kept = selection_put_aside (layer->image);
      gegl_buffer_copy (present, NULL, GEGL_ABYSS_NONE, shadow, NULL); /* without a selection all is taken */
      g_object_unref (present);
    }
  gegl_buffer_copy (result, area, GEGL_ABYSS_NONE, shadow, &target);
  g_object_unref (shadow); /* sends the pixels to GIMP */
  gimp_drawable_merge_shadow (layer->id, TRUE);
  gimp_drawable_update (layer->id, target.x, target.y, target.width, target.height);
  selection_put_back (layer->image, kept, layer->id);
  gimp_image_undo_group_end (layer->image);
}
