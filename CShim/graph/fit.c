/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Masks of another size than the picture. */
#include "fit.h"

/* Rows that are read at a time: a tile's default height. */
#define BAND 64

/* What the mask counts with, Y' times alpha, as linear values: its edges, where that is 0.5, move if light is averaged. */
static GeglBuffer *
coverage_of (GeglBuffer *mask)
{
  const GeglRectangle *box    = gegl_buffer_get_extent (mask);
  GeglBuffer          *coverage = gegl_buffer_new (box, babl_format ("Y float"));
  float               *pair   = g_new (float, (gsize) box->width * BAND * 2);
  float               *share  = g_new (float, (gsize) box->width * BAND);

  for (gint y = 0; y < box->height; y += BAND)
    {
      GeglRectangle part = { box->x, box->y + y, box->width, MIN (BAND, box->height - y) };

      gegl_buffer_get (mask, &part, 1.0, babl_format ("Y'A float"), pair, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      for (gsize i = 0; i < (gsize) part.width * part.height; i++)
        share[i] = CLAMP (pair[2 * i] * pair[2 * i + 1], 0.0f, 1.0f);
      gegl_buffer_set (coverage, &part, 0, babl_format ("Y float"), share, GEGL_AUTO_ROWSTRIDE);
    }
  g_free (pair);
  g_free (share);
  return coverage;
}

/* The sampler lays a mean over what becomes one pixel, and a smooth surface through what becomes several. */
static GeglBuffer *
scaled (GeglBuffer *coverage, const GeglRectangle *box)
{
  const GeglRectangle *from   = gegl_buffer_get_extent (coverage);
  GeglBuffer          *result = gegl_buffer_new (box, babl_format ("Y float"));
  GeglNode            *graph  = gegl_node_new ();
  GeglNode            *source, *move, *scale, *place, *sink;

  source = gegl_node_new_child (graph, "operation", "gegl:buffer-source", "buffer", coverage, NULL);
  move   = gegl_node_new_child (graph, "operation", "gegl:translate", "x", (gdouble) -from->x, "y", (gdouble) -from->y, NULL);
  scale  = gegl_node_new_child (graph, "operation", "gegl:scale-ratio", "x", (gdouble) box->width / from->width, "y",
                                (gdouble) box->height / from->height, "sampler", GEGL_SAMPLER_NOHALO, "abyss-policy",
                                GEGL_ABYSS_CLAMP, NULL);
  place  = gegl_node_new_child (graph, "operation", "gegl:translate", "x", (gdouble) box->x, "y", (gdouble) box->y, NULL);
  sink   = gegl_node_new_child (graph, "operation", "gegl:write-buffer", "buffer", result, NULL);
  gegl_node_link_many (source, move, scale, place, sink, NULL);
  gegl_node_process (sink);
  g_object_unref (graph);
  return result;
}

GeglBuffer *
inpaint_fit_mask (GeglBuffer *mask, const GeglRectangle *box)
{
  GeglBuffer *coverage, *fitted;

  if (gegl_rectangle_equal (gegl_buffer_get_extent (mask), box))
    return mask;
  coverage = coverage_of (mask);
  fitted = scaled (coverage, box);
  gegl_buffer_set_format (fitted, babl_format ("Y' float")); /* the same values, as the operation reads them */
  g_object_unref (coverage);
  g_object_unref (mask);
  return fitted;
}
