/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What a mask's file marks. */
#include "complaints.h"
#include "coverage.h"

/* Rows that are read at a time: a tile's default height. */
#define BAND 64

/* What operations repaint. */
#define HOLE 0.5f

/* Between channels of a pixel, what a lossy coder makes of grey. */
#define GREY 0.1f

/* Of all pixels. */
typedef struct {
  gfloat   luminance, any; /* the largest, times alpha */
  gfloat   least_alpha, largest_alpha;
  gboolean is_grey;        /* as far as it is not transparent */
} Values;

static gfloat
largest (const gfloat *color)
{
  return MAX (MAX (color[0], color[1]), color[2]);
}

/* Gives `visit` each pixel as R'G'B'A and as Y', and puts what that returns into `target`, "Y' float", if there is one. */
static void
for_each_pixel (GeglBuffer *mask, GeglBuffer *target, gfloat (*visit) (gpointer user, const gfloat *color, gfloat luminance),
                gpointer user)
{
  const GeglRectangle *box       = gegl_buffer_get_extent (mask);
  gfloat              *color     = g_new (gfloat, (gsize) box->width * BAND * 4);
  gfloat              *luminance = g_new (gfloat, (gsize) box->width * BAND);

  for (gint y = 0; y < box->height; y += BAND)
    {
      GeglRectangle part = { box->x, box->y + y, box->width, MIN (BAND, box->height - y) };

      gegl_buffer_get (mask, &part, 1.0, babl_format ("R'G'B'A float"), color, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      gegl_buffer_get (mask, &part, 1.0, babl_format ("Y' float"), luminance, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      for (gsize i = 0; i < (gsize) part.width * part.height; i++)
        luminance[i] = visit (user, &color[4 * i], luminance[i]);
      if (target)
        gegl_buffer_set (target, &part, 0, babl_format ("Y' float"), luminance, GEGL_AUTO_ROWSTRIDE);
    }
  g_free (color);
  g_free (luminance);
}

static gfloat
look (gpointer user, const gfloat *color, gfloat luminance)
{
  Values *values = user;
  gfloat  least  = MIN (MIN (color[0], color[1]), color[2]);

  values->luminance     = MAX (values->luminance, luminance * color[3]);
  values->any           = MAX (values->any, largest (color) * color[3]);
  values->least_alpha   = MIN (values->least_alpha, color[3]);
  values->largest_alpha = MAX (values->largest_alpha, color[3]);
  values->is_grey       = values->is_grey && (color[3] < HOLE || largest (color) - least < GREY);
  return 0.0f;
}

/* Whether the stored numbers are whole ones, and the largest is 1.  As floats they depend on the file's colour space. */
static gboolean
is_of_0_and_1 (GeglBuffer *mask)
{
  const GeglRectangle *box     = gegl_buffer_get_extent (mask);
  const Babl          *format  = gegl_buffer_get_format (mask);
  const Babl          *type    = babl_format_get_type (format, 0);
  gint                 bytes   = type == babl_type ("u8") ? 1 : type == babl_type ("u16") ? 2 : 0;
  gint                 values  = babl_format_get_n_components (format), colors = values - babl_format_has_alpha (format);
  gboolean             has_one = FALSE, has_more = FALSE;
  guint8              *row     = bytes ? g_new (guint8, (gsize) box->width * babl_format_get_bytes_per_pixel (format)) : NULL;

  for (gint y = 0; row && ! has_more && y < box->height; y++)
    {
      gegl_buffer_get (mask, GEGL_RECTANGLE (box->x, box->y + y, box->width, 1), 1.0, format, row, GEGL_AUTO_ROWSTRIDE,
                       GEGL_ABYSS_NONE);
      for (gsize i = 0; i < (gsize) box->width * values; i++)
        if (i % values < (gsize) colors)
          {
            guint value = bytes == 1 ? row[i] : ((const guint16 *) (const void *) row)[i];

            has_one  = has_one || value == 1;
            has_more = has_more || value > 1;
          }
    }
  g_free (row);
  return has_one && ! has_more;
}

/* How the pixels are read: what of them, and whether all that is not black is white. */
typedef struct {
  InpaintMaskFrom from;
  gboolean        is_of_0_and_1;
  gboolean        invert;
} Reading;

static gfloat
read_pixel (gpointer user, const gfloat *color, gfloat luminance)
{
  const Reading *reading = user;
  gfloat         value   = luminance;

  if (reading->from == INPAINT_MASK_FROM_ALPHA)
    value = 1.0f;
  else if (reading->from == INPAINT_MASK_FROM_RED)
    value = color[0];
  else if (reading->from == INPAINT_MASK_FROM_ANY)
    value = largest (color);
  value = value * color[3];
  if (reading->is_of_0_and_1)
    value = value > 0.0f;
  value = value > 0.0f ? MIN (value, 1.0f) : 0.0f; /* what is not a number is 0 */
  return reading->invert ? 1.0f - value : value;
}

/* Luminance, unless that marks nothing and something else does, or colors lie on what is transparent. */
static Reading
choose (GeglBuffer *mask, const gchar *path)
{
  Values   values   = { 0.0f, 0.0f, 1.0f, 0.0f, TRUE };
  Reading  reading  = { INPAINT_MASK_FROM_LUMINANCE, FALSE, FALSE };
  gboolean is_shape;

  for_each_pixel (mask, NULL, look, &values);
  is_shape = values.least_alpha < HOLE && values.largest_alpha >= HOLE;
  if (values.luminance >= HOLE && (values.is_grey || ! is_shape))
    return reading;
  if (is_shape)
    {
      reading.from = INPAINT_MASK_FROM_ALPHA;
      inpaint_note (path, "what is not transparent counts as white; --mask-from luminance goes by brightness");
    }
  else if (values.any >= HOLE)
    {
      reading.from = INPAINT_MASK_FROM_ANY;
      inpaint_note (path, "colors count as white, since nothing in it is bright; --mask-from luminance goes by brightness");
    }
  else if (is_of_0_and_1 (mask))
    {
      reading.is_of_0_and_1 = TRUE;
      reading.from          = INPAINT_MASK_FROM_ANY;
      inpaint_note (path, "its largest value is 1, which counts as white; --mask-from luminance takes it as it is");
    }
  return reading;
}

/* What was asked for; a note where it says nothing. */
static Reading
read_as_told (GeglBuffer *mask, const gchar *path, InpaintMaskFrom from)
{
  Values values = { 0.0f, 0.0f, 1.0f, 0.0f, TRUE };

  if (from == INPAINT_MASK_FROM_ALPHA)
    {
      for_each_pixel (mask, NULL, look, &values);
      if (values.least_alpha >= HOLE)
        inpaint_note (path, "nothing in it is transparent, so that all of it counts as white");
    }
  return (Reading) { from, FALSE, FALSE };
}

GeglBuffer *
inpaint_mask_coverage (GeglBuffer *mask, const gchar *path, InpaintMaskFrom from, gboolean invert)
{
  Reading     reading = from == INPAINT_MASK_FROM_AUTO ? choose (mask, path) : read_as_told (mask, path, from);
  GeglBuffer *coverage;

  reading.invert = invert;
  if (reading.from == INPAINT_MASK_FROM_LUMINANCE && ! invert)
    return mask;
  coverage = gegl_buffer_new (gegl_buffer_get_extent (mask), babl_format ("Y' float"));
  for_each_pixel (mask, coverage, read_pixel, &reading);
  g_object_unref (mask);
  return coverage;
}
