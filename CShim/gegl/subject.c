/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Cuts, moves and puts a subject, with GEGL's own operations. */
#include <string.h>

#include "pixels.h"
#include "subject.h"

/* The box of the mask's pixels of `least` and more; empty without any. */
static GeglRectangle
box_of (const float *mask, const GeglRectangle *canvas, float least)
{
  gint left = canvas->width, right = -1, top = canvas->height, bottom = -1;

  for (gint y = 0; y < canvas->height; y++)
    for (gint x = 0; x < canvas->width; x++)
      if (mask[(gsize) y * canvas->width + x] >= least)
        {
          left   = MIN (left, x);
          right  = MAX (right, x);
          top    = MIN (top, y);
          bottom = y;
        }
  return (GeglRectangle) { canvas->x + left, canvas->y + top, MAX (right - left + 1, 0), MAX (bottom - top + 1, 0) };
}

gboolean
inpaint_subject_box (const float *mask, const GeglRectangle *canvas, GeglRectangle *box)
{
  *box = box_of (mask, canvas, 0.5f);
  return box->width > 0;
}

/* The part of the mask in `box`.  gegl:opacity takes its values as linear light; they are handed on as they are. */
static GeglBuffer *
coverage_in (const float *mask, const GeglRectangle *canvas, const GeglRectangle *box)
{
  const Babl  *format = babl_format ("Y float");
  GeglBuffer  *coverage = gegl_buffer_new (box, format);
  const float *first  = mask + (gsize) (box->y - canvas->y) * canvas->width + (box->x - canvas->x);

  gegl_buffer_set (coverage, box, 0, format, first, canvas->width * (gint) sizeof (float));
  return coverage;
}

GeglBuffer *
inpaint_subject_new (GeglBuffer *picture, const float *mask, const GeglRectangle *canvas, const GeglRectangle *box,
                     gdouble scale, gint x, gint y)
{
  const Babl   *format = babl_format_with_space ("R'G'B'A float", inpaint_rgb_space (gegl_buffer_get_format (picture)));
  GeglRectangle whole  = box_of (mask, canvas, G_MINFLOAT); /* with its soft edge */
  GeglBuffer   *coverage = coverage_in (mask, canvas, &whole);
  GeglBuffer   *pixels = gegl_buffer_new (&whole, format);
  GeglBuffer   *result = NULL;
  GeglNode     *graph  = gegl_node_new ();
  GeglNode     *cut    = gegl_node_new_child (graph, "operation", "gegl:opacity", NULL);
  GeglNode     *scaled = gegl_node_new_child (graph, "operation", "gegl:scale-ratio", "x", scale, "y", scale,
                                              "origin-x", box->x + box->width / 2.0,
                                              "origin-y", box->y + box->height / 2.0,
                                              "sampler", GEGL_SAMPLER_NOHALO, NULL);
  GeglNode     *moved  = gegl_node_new_child (graph, "operation", "gegl:translate", "x", (gdouble) x, "y", (gdouble) y,
                                              "sampler", GEGL_SAMPLER_NOHALO, NULL);
  GeglRectangle place;

  gegl_buffer_copy (picture, &whole, GEGL_ABYSS_NONE, pixels, &whole);
  gegl_node_link_many (inpaint_source (graph, pixels), cut, scaled, moved, NULL);
  gegl_node_connect (inpaint_source (graph, coverage), "output", cut, "aux");
  place = gegl_node_get_bounding_box (moved);
  if (gegl_rectangle_intersect (&place, &place, canvas))
    {
      result = gegl_buffer_new (&place, format);
      gegl_node_blit_buffer (moved, result, &place, 0, GEGL_ABYSS_NONE);
    }
  g_object_unref (graph);
  g_object_unref (pixels);
  g_object_unref (coverage);
  return result;
}

/* Gives `picture` the pixels of `placed`, itself under the subject, where that has any share of them. */
static void
take_over (GeglBuffer *placed, GeglBuffer *subject, GeglBuffer *picture)
{
  const GeglRectangle *area   = gegl_buffer_get_extent (subject);
  const Babl          *stored = gegl_buffer_get_format (picture);
  gsize                size   = babl_format_get_bytes_per_pixel (stored);
  GeglBufferIterator  *tiles  = gegl_buffer_iterator_new (picture, area, 0, stored, GEGL_ACCESS_READWRITE,
                                                          GEGL_ABYSS_NONE, 3);

  gegl_buffer_iterator_add (tiles, placed, area, 0, stored, GEGL_ACCESS_READ, GEGL_ABYSS_NONE);
  gegl_buffer_iterator_add (tiles, subject, area, 0, gegl_buffer_get_format (subject), GEGL_ACCESS_READ,
                            GEGL_ABYSS_NONE);
  while (gegl_buffer_iterator_next (tiles))
    {
      guint8       *pixels = tiles->items[0].data;
      const guint8 *after  = tiles->items[1].data;
      const gfloat *above  = tiles->items[2].data; /* straight R'G'B'A */

      for (gsize i = 0; i < (gsize) tiles->length; i++)
        if (above[4 * i + 3] > 0.0f)
          memcpy (pixels + i * size, after + i * size, size);
    }
}

void
inpaint_subject_put (GeglBuffer *subject, GeglBuffer *picture)
{
  const GeglRectangle *area   = gegl_buffer_get_extent (subject);
  GeglBuffer          *below  = gegl_buffer_new (area, gegl_buffer_get_format (subject));
  GeglBuffer          *placed = gegl_buffer_new (area, gegl_buffer_get_format (picture));
  GeglNode            *graph  = gegl_node_new ();
  /* In R'G'B', as the operations blend their fills: pixels of 8 and 16 bits come through it exactly. */
  GeglNode            *over   = gegl_node_new_child (graph, "operation", "gegl:over", "srgb", TRUE, NULL);

  gegl_buffer_copy (picture, area, GEGL_ABYSS_NONE, below, area);
  gegl_node_link (inpaint_source (graph, below), over);
  gegl_node_connect (inpaint_source (graph, subject), "output", over, "aux");
  gegl_node_blit_buffer (over, placed, area, 0, GEGL_ABYSS_NONE);
  take_over (placed, subject, picture);
  g_object_unref (graph);
  g_object_unref (placed);
  g_object_unref (below);
}
