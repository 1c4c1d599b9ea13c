/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "growth.h"

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

GeglRectangle
growth_canvas (const Settings *settings, gint width, gint height)
{
  Borders borders;

  gegl_node_get (settings->operation, "left", &borders.left, "right", &borders.right, "top", &borders.top,
                 "bottom", &borders.bottom, NULL);
  return (GeglRectangle) {
    -borders.left, -borders.top, width + borders.left + borders.right, height + borders.top + borders.bottom
  };
}

gboolean
growth_prepare (const Settings *settings, const GeglRectangle *extent, const GeglRectangle *canvas, GeglRectangle *window,
                gchar **error)
{
  Borders borders;

  if (! gegl_rectangle_intersect (window, extent, canvas))
    {
      *error = g_strdup (_("The layer lies outside the canvas. Move it, or choose another layer."));
      return FALSE;
    }
  borders = borders_between (window, canvas);
  if (! borders_fit (&borders, settings->procedure))
    {
      *error = g_strdup (_("Too much is missing between the layer and the border of the new canvas. Take smaller steps, "
                           "or a larger layer."));
      return FALSE;
    }
  gegl_node_set (settings->operation, "left", borders.left, "right", borders.right, "top", borders.top,
                 "bottom", borders.bottom, NULL);
  return TRUE;
}

GeglRectangle
growth_layer (const GeglRectangle *extent, const GeglRectangle *canvas, gboolean *lacks_corners)
{
  GeglRectangle whole;

  gegl_rectangle_bounding_box (&whole, extent, canvas);
  *lacks_corners = ! gegl_rectangle_equal (&whole, canvas) && ! gegl_rectangle_equal (&whole, extent);
  return whole;
}

void
growth_mask (GeglBuffer *mask, const GeglRectangle *before, const GeglRectangle *after, GeglBuffer *grown)
{
  GeglColor    *white = gegl_color_new ("white");
  GeglRectangle old   = { before->x - after->x, before->y - after->y, before->width, before->height };

  gegl_buffer_set_color (grown, NULL, white);
  gegl_buffer_copy (mask, &old, GEGL_ABYSS_NONE, grown, &old);
  g_object_unref (white);
}
