#include <libgimp/gimp.h>
#include <glib/gi18n-lib.h>

#include "canvas.h"
#include "result.h"
#include "selection.h"

/* Pixels at the four sides. */
typedef struct {
  gint left, right, top, bottom;
} Borders;

static Borders
borders_between (const GeglRectangle *inner, const GeglRectangle *outer)
{
  return (Borders) {
    .left   = inner->x - outer->x,
    .right  = outer->x + outer->width - inner->x - inner->width,
    .top    = inner->y - outer->y,
    .bottom = outer->y + outer->height - inner->y - inner->height,
  };
}

/* FALSE if a border is wider than the operation's properties allow. */
static gboolean
borders_fit (const Borders *borders, const Procedure *procedure)
{
  gint most = G_PARAM_SPEC_INT (procedure_property (procedure, "left"))->maximum;

  return MAX (MAX (borders->left, borders->right), MAX (borders->top, borders->bottom)) <= most;
}

/* The image's canvas with the borders that are asked for; its origin is that of the present one. */
static GeglRectangle
grown_canvas (const Settings *settings, gint32 image)
{
  Borders borders;

  gegl_node_get (settings->operation, "left", &borders.left, "right", &borders.right, "top", &borders.top,
                 "bottom", &borders.bottom, NULL);
  return (GeglRectangle) {
    -borders.left, -borders.top,
    gimp_image_width (image) + borders.left + borders.right, gimp_image_height (image) + borders.top + borders.bottom
  };
}

/* What the layer's mask gets at its sides as the layer grows is black: it would hide what is painted there. */
static void
show_through_mask (gint32 mask, const GeglRectangle *before, const GeglRectangle *after)
{
  GeglBuffer   *shadow  = gimp_drawable_get_shadow_buffer (mask);
  GeglBuffer   *present = gimp_drawable_get_buffer (mask);
  GeglColor    *white   = gegl_color_new ("white");
  GeglRectangle old     = { before->x - after->x, before->y - after->y, before->width, before->height };

  gegl_buffer_set_color (shadow, NULL, white);
  gegl_buffer_copy (present, &old, GEGL_ABYSS_NONE, shadow, &old);
  g_object_unref (white);
  g_object_unref (present);
  g_object_unref (shadow);
  gimp_drawable_merge_shadow (mask, TRUE);
  gimp_drawable_update (mask, 0, 0, after->width, after->height);
}

/* Lets the layer, which covers `extent`, cover the canvas too. */
static void
enlarge_layer (gint32 layer, const GeglRectangle *extent, const GeglRectangle *canvas)
{
  GeglRectangle whole;

  gegl_rectangle_bounding_box (&whole, extent, canvas);
  if (! gegl_rectangle_equal (&whole, canvas) && ! gegl_rectangle_equal (&whole, extent))
    gimp_layer_add_alpha (layer);
  gimp_layer_resize (layer, whole.width, whole.height, extent->x - whole.x, extent->y - whole.y);
  if (gimp_layer_get_mask (layer) >= 0)
    show_through_mask (gimp_layer_get_mask (layer), extent, &whole);
}

gboolean
canvas_run (const Settings *settings, const Layer *layer, gchar **error)
{
  GeglRectangle canvas = grown_canvas (settings, layer->image);
  GeglRectangle extent = *gegl_buffer_get_extent (layer->pixels);
  GeglRectangle window;
  GeglBuffer   *result;
  Borders       borders;
  gint32        kept;

  if (! gegl_rectangle_intersect (&window, &extent, &canvas))
    {
      *error = g_strdup (_("The layer lies outside the canvas. Move it, or choose another layer."));
      return FALSE;
    }
  borders = borders_between (&window, &canvas);
  if (! borders_fit (&borders, settings->procedure))
    {
      *error = g_strdup (_("Too much is missing between the layer and the border of the new canvas. Take smaller steps, "
                           "or a larger layer."));
      return FALSE;
    }
  gegl_node_set (settings->operation, "left", borders.left, "right", borders.right, "top", borders.top,
                 "bottom", borders.bottom, NULL);
  result = operation_run (settings, layer, &window, error);
  if (! result)
    return FALSE;

  gimp_image_undo_group_start (layer->image);
  kept = selection_put_aside (layer->image);
  if (settings->new_layer)
    result_add_layer (settings, layer, result, &canvas, BLEND_BY_CHANGES);
  else
    {
      enlarge_layer (layer->id, &extent, &canvas);
      result_replace (layer, result, &canvas, BLEND_BY_CHANGES);
    }
  gimp_image_resize (layer->image, canvas.width, canvas.height, -canvas.x, -canvas.y);
  selection_put_back (layer->image, kept, layer->id);
  gimp_image_undo_group_end (layer->image);
  g_object_unref (result);
  return TRUE;
}
