/* From GEGL's buffers to the planes of the ABI, and back.  No arithmetic beyond copying. */
#include <string.h>

#include "pixels.h"

/* Rows that are converted at a time: a tile's usual height, so that each tile is unpacked once. */
#define BAND 64

float *
inpaint_read_mask (GeglBuffer *input, GeglBuffer *aux, const GeglRectangle *box)
{
  const Babl *format = babl_format ("Y'A float");
  float      *mask   = g_try_malloc0_n ((gsize) box->width * box->height, sizeof (float));
  float      *band   = g_try_malloc_n ((gsize) box->width * BAND, 2 * sizeof (float));

  for (gint y = 0; mask && band && y < box->height; y += BAND)
    {
      GeglRectangle part  = { box->x, box->y + y, box->width, MIN (BAND, box->height - y) };
      gsize         count = (gsize) part.width * part.height;
      float        *line  = mask + (gsize) y * box->width;

      if (aux && ! gegl_rectangle_intersect (NULL, &part, gegl_buffer_get_extent (aux)))
        continue;
      gegl_buffer_get (aux ? aux : input, &part, 1.0, format, band, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      for (gsize i = 0; i < count; i++)
        {
          float value = aux ? band[2 * i] * band[2 * i + 1] : 1.0f - band[2 * i + 1];

          line[i] = value > 0.0f ? MIN (value, 1.0f) : 0.0f; /* not a number: 0 */
        }
    }
  if (! band)
    g_clear_pointer (&mask, g_free);
  g_free (band);
  return mask;
}

const Babl *
inpaint_rgb_space (const Babl *stored)
{
  const Babl *space = babl_format_get_space (stored);

  return babl_space_is_cmyk (space) || babl_space_is_gray (space) ? NULL : space;
}

static void
convert_colors (void *user, const float *srgb, float *converted, int64_t count)
{
  babl_process (user, srgb, converted, count);
}

/* A band's pixels while they are written: as they were in the run's format and in the stored one, and as they become
 * in the stored one. */
typedef struct {
  float  *before;
  guint8 *kept;
  guint8 *changed;
} Band;

static void
free_band (Band *band)
{
  g_free (band->before);
  g_free (band->kept);
  g_free (band->changed);
}

static gboolean
allocate_band (Band *band, gint width, const Babl *format, const Babl *stored)
{
  gsize count = (gsize) width * BAND;

  band->before  = g_try_malloc_n (count, babl_format_get_bytes_per_pixel (format));
  band->kept    = g_try_malloc_n (count, babl_format_get_bytes_per_pixel (stored));
  band->changed = g_try_malloc_n (count, babl_format_get_bytes_per_pixel (stored));
  return band->before && band->kept && band->changed;
}

/* Writes `pixels`, which were read from `buffer` and repainted, back.  Those that did not change are not converted
 * there and back, so that they stay exact in any format. */
static void
write_changes (const float *pixels, const GeglRectangle *area, const Babl *format, GeglBuffer *buffer, Band *band)
{
  const Babl *stored      = gegl_buffer_get_format (buffer);
  const Babl *fish        = babl_fish (format, stored);
  gsize       pixel_size  = babl_format_get_bytes_per_pixel (format);
  gsize       stored_size = babl_format_get_bytes_per_pixel (stored);

  for (gint y = 0; y < area->height; y += BAND)
    {
      GeglRectangle part   = { area->x, area->y + y, area->width, MIN (BAND, area->height - y) };
      gsize         count  = (gsize) part.width * part.height;
      const guint8 *after  = (const guint8 *) pixels + (gsize) y * area->width * pixel_size;
      const guint8 *before = (const guint8 *) band->before;

      gegl_buffer_get (buffer, &part, 1.0, format, band->before, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      gegl_buffer_get (buffer, &part, 1.0, stored, band->kept, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      babl_process (fish, after, band->changed, count);
      for (gsize i = 0; i < count; i++)
        if (memcmp (before + i * pixel_size, after + i * pixel_size, pixel_size) == 0)
          memcpy (band->changed + i * stored_size, band->kept + i * stored_size, stored_size);
      gegl_buffer_set (buffer, &part, 0, stored, band->changed, GEGL_AUTO_ROWSTRIDE);
    }
}

InpaintStatus
inpaint_repaint (InpaintPlan *plan, gint pass, GeglBuffer *buffer, const GeglRectangle *box, gboolean fill_alpha,
                 InpaintProgress progress, void *user, char **error)
{
  InpaintRectangle seen    = inpaint_plan_region (plan, pass);
  InpaintRectangle changed = inpaint_plan_paint (plan, pass);
  GeglRectangle    region  = { box->x + seen.x, box->y + seen.y, seen.width, seen.height };
  GeglRectangle    paint   = { box->x + changed.x, box->y + changed.y, changed.width, changed.height };
  const Babl      *stored  = gegl_buffer_get_format (buffer);
  const Babl      *space   = inpaint_rgb_space (stored);
  gboolean         alpha   = babl_format_has_alpha (stored);
  InpaintStatus    status  = INPAINT_FAILED;
  Band             band    = { NULL, NULL, NULL };
  const Babl      *srgb, *opaque, *format;
  float           *colors, *pixels;

  srgb   = babl_format ("R'G'B' float");
  opaque = babl_format_with_space ("R'G'B' float", space);
  format = alpha ? babl_format_with_space ("R'G'B'A float", space) : opaque;
  colors = g_try_malloc_n ((gsize) region.width * region.height, babl_format_get_bytes_per_pixel (srgb));
  pixels = g_try_malloc_n ((gsize) paint.width * paint.height, babl_format_get_bytes_per_pixel (format));

  if (colors && pixels && allocate_band (&band, paint.width, format, stored))
    {
      InpaintPicture picture = {
        .region = colors, .pixels = pixels, .channels = alpha ? 4 : 3, .fill_alpha = fill_alpha,
        .convert = convert_colors, .convert_user = (void *) babl_fish (srgb, opaque),
      };

      gegl_buffer_get (buffer, &region, 1.0, srgb, colors, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      gegl_buffer_get (buffer, &paint, 1.0, format, pixels, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      status = inpaint_plan_run (plan, pass, &picture, progress, user, error);
      if (status == INPAINT_OK)
        write_changes (pixels, &paint, format, buffer, &band);
    }
  free_band (&band);
  g_free (colors);
  g_free (pixels);
  return status;
}
