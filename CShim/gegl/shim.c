/* From GEGL's buffers to the plain-C interface of the Swift runtime, and back.  No arithmetic beyond copying. */
#include <string.h>
#include <unistd.h>

#include "shim.h"

/* ---- Enumerations ---- */

#define DEFINE_ENUM(type_name, TypeName, ...)                                                                         \
  GType                                                                                                               \
  type_name##_get_type (void)                                                                                         \
  {                                                                                                                   \
    static gsize once = 0;                                                                                            \
    static const GEnumValue values[] = { __VA_ARGS__, { 0, NULL, NULL } };                                            \
    if (g_once_init_enter (&once))                                                                                    \
      g_once_init_leave (&once, g_enum_register_static (TypeName, values));                                           \
    return once;                                                                                                      \
  }

DEFINE_ENUM (inpaint_sampler, "InpaintSampler",
             { INPAINT_SAMPLER_DDIM, "DDIM", "ddim" },
             { INPAINT_SAMPLER_PNDM, "PNDM", "pndm" },
             { INPAINT_SAMPLER_DPMPP_2M, "DPM-Solver++ 2M", "dpmpp-2m" },
             { INPAINT_SAMPLER_UNIPC, "UniPC", "unipc" },
             { INPAINT_SAMPLER_EULER, "Euler", "euler" })

DEFINE_ENUM (inpaint_crop, "InpaintCrop",
             { INPAINT_CROP_AUTO, "Mask and surroundings", "auto" },
             { INPAINT_CROP_WHOLE, "Whole image", "whole" })

DEFINE_ENUM (inpaint_precision, "InpaintPrecision",
             { INPAINT_PRECISION_AUTO, "Automatic", "auto" },
             { INPAINT_PRECISION_FLOAT32, "32-bit float", "float32" })

/* ---- Formats and regions ---- */

static void
prepare (GeglOperation *operation)
{
  /* The output is stored as the input is, so that what is not repainted is a copy of its tiles. */
  const Babl *format = gegl_operation_get_source_format (operation, "input");

  if (! format || babl_format_is_palette (format))
    format = babl_format ("R'G'B'A u8");
  gegl_operation_set_format (operation, "input", format);
  gegl_operation_set_format (operation, "output", format);
  gegl_operation_set_format (operation, "aux", babl_format ("Y'A float"));
}

static GeglRectangle
get_bounding_box (GeglOperation *operation)
{
  const GeglRectangle *input = gegl_operation_source_get_bounding_box (operation, "input");
  GeglRectangle nothing = { 0, 0, 0, 0 };

  return input ? *input : nothing;
}

static gboolean
is_finite (const GeglRectangle *rectangle)
{
  return rectangle->width > 0 && rectangle->height > 0 && ! gegl_rectangle_is_infinite_plane (rectangle);
}

static GeglRectangle
get_required_for_output (GeglOperation *operation, const gchar *pad, const GeglRectangle *roi)
{
  GeglRectangle box = get_bounding_box (operation);

  return is_finite (&box) ? box : *roi;
}

static GeglRectangle
get_invalidated_by_change (GeglOperation *operation, const gchar *pad, const GeglRectangle *roi)
{
  return get_bounding_box (operation);
}

static GeglRectangle
get_cached_region (GeglOperation *operation, const GeglRectangle *roi)
{
  GeglRectangle box = get_bounding_box (operation);

  return is_finite (&box) ? box : *roi;
}

void
inpaint_composer_class_init (GeglOperationComposerClass *composer_class)
{
  GeglOperationClass *operation_class = GEGL_OPERATION_CLASS (composer_class);

  composer_class->aux_label                  = "Mask";
  composer_class->aux_description            = "White where to repaint; without a mask, the transparent part is";
  operation_class->prepare                   = prepare;
  operation_class->get_bounding_box          = get_bounding_box;
  operation_class->get_required_for_output   = get_required_for_output;
  operation_class->get_invalidated_by_change = get_invalidated_by_change;
  operation_class->get_cached_region         = get_cached_region;
  operation_class->threaded                  = FALSE;
  operation_class->opencl_support            = FALSE;
  operation_class->cache_policy              = GEGL_CACHE_POLICY_ALWAYS;
}

/* ---- Host ---- */

static gboolean
host_is (const gchar *name)
{
  const gchar *program = g_get_prgname ();

  return program && g_str_has_prefix (program, name);
}

/* GEGL ignores a process() that fails, and `gegl` would write a picture that was not repainted and return 0.  This is
 * the one place that ends a process, and only that program's, before it has written anything. */
static gboolean
fail (const gchar *text)
{
  if (host_is ("gimp"))
    g_message ("%s", text);
  else
    g_warning ("%s", text);
  if (g_strcmp0 (g_get_prgname (), "gegl") == 0)
    _exit (1);
  return FALSE;
}

static bool
report_progress (void *user, double fraction, const char *stage)
{
  gegl_operation_progress (user, fraction, (gchar *) stage);
  return true;
}

/* ---- Pixels ---- */

/* The mask over `box`, 1 = repaint: Y' x alpha of `aux`, or what `input` lacks of its alpha. */
static float *
read_mask (GeglBuffer *input, GeglBuffer *aux, const GeglRectangle *box)
{
  const Babl *format = babl_format ("Y'A float");
  const gint  rows   = 64;
  float      *mask   = g_try_malloc0_n ((gsize) box->width * box->height, sizeof (float));
  float      *band   = g_try_malloc_n ((gsize) box->width * rows, 2 * sizeof (float));

  for (gint y = 0; mask && band && y < box->height; y += rows)
    {
      GeglRectangle part = { box->x, box->y + y, box->width, MIN (rows, box->height - y) };
      gsize count = (gsize) part.width * part.height;
      float *line = mask + (gsize) y * box->width;

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

static void
convert_colors (void *user, const float *srgb, float *converted, int64_t count)
{
  babl_process (user, srgb, converted, count);
}

/* Writes the pixels that changed, run by run: the others are not converted there and back, so that they stay exact in
 * any format. */
static void
write_changes (GeglBuffer *output, const GeglRectangle *area, const Babl *format, const float *before,
               const float *after, gint channels)
{
  gsize pixel = channels * sizeof (float);

  for (gint y = 0; y < area->height; y++)
    for (gint x = 0; x < area->width;)
      {
        gsize first = (gsize) y * area->width + x;
        gint  count = 0;

        while (x + count < area->width
               && memcmp (before + (first + count) * channels, after + (first + count) * channels, pixel) != 0)
          count++;
        if (count > 0)
          gegl_buffer_set (output, GEGL_RECTANGLE (area->x + x, area->y + y, count, 1), 0, format,
                           after + first * channels, GEGL_AUTO_ROWSTRIDE);
        x += count + 1;
      }
}

static gboolean
repaint (GeglOperation *operation, InpaintPlan *plan, GeglBuffer *input, GeglBuffer *output,
         const GeglRectangle *box, gboolean fill_alpha, char **error)
{
  InpaintRectangle seen     = inpaint_plan_region (plan);
  InpaintRectangle changed  = inpaint_plan_paint (plan);
  GeglRectangle    region   = { box->x + seen.x, box->y + seen.y, seen.width, seen.height };
  GeglRectangle    paint    = { box->x + changed.x, box->y + changed.y, changed.width, changed.height };
  const Babl      *stored   = gegl_buffer_get_format (input);
  const Babl      *space    = babl_format_get_space (stored);
  gint             channels = babl_format_has_alpha (stored) ? 4 : 3;
  gsize            count    = (gsize) paint.width * paint.height * channels;
  float           *colors   = g_try_malloc_n ((gsize) region.width * region.height, 3 * sizeof (float));
  float           *before   = g_try_malloc_n (count, sizeof (float));
  float           *after    = g_try_malloc_n (count, sizeof (float));
  InpaintStatus    status   = INPAINT_FAILED;

  /* R'G'B' in the space of ink or of grey does not exist. */
  if (babl_space_is_cmyk (space) || babl_space_is_gray (space))
    space = NULL;
  if (colors && before && after)
    {
      const Babl    *rgb     = babl_format ("R'G'B' float");
      const Babl    *format  = babl_format_with_space (channels == 4 ? "R'G'B'A float" : "R'G'B' float", space);
      InpaintPicture picture = {
        .region = colors, .pixels = after, .channels = channels, .fill_alpha = fill_alpha, .convert = convert_colors,
        .convert_user = (void *) babl_fish (rgb, babl_format_with_space ("R'G'B' float", space)),
      };

      gegl_buffer_get (input, &region, 1.0, rgb, colors, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      gegl_buffer_get (input, &paint, 1.0, format, before, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      memcpy (after, before, count * sizeof (float));
      status = inpaint_plan_run (plan, &picture, report_progress, operation, error);
      if (status == INPAINT_OK)
        write_changes (output, &paint, format, before, after, channels);
    }
  g_free (colors);
  g_free (before);
  g_free (after);
  return status != INPAINT_FAILED;
}

gboolean
inpaint_composer_process (GeglOperation *operation, InpaintRequest *request, GeglBuffer *input, GeglBuffer *aux,
                          GeglBuffer *output)
{
  const gchar  *name    = gegl_operation_get_name (operation);
  GeglRectangle box     = get_bounding_box (operation);
  gboolean      success = TRUE;
  char         *error   = NULL;
  InpaintPlan  *plan    = NULL;
  float        *mask;

  if (! input)
    return TRUE;
  if (! is_finite (&box))
    {
      if (gegl_rectangle_is_infinite_plane (&box))
        g_message ("%s: the input has no bounds and is left as it is; crop it first", name);
      gegl_buffer_copy (input, NULL, GEGL_ABYSS_NONE, output, NULL);
      return TRUE;
    }
  gegl_buffer_copy (input, &box, GEGL_ABYSS_NONE, output, &box);
  if (! aux && ! babl_format_has_alpha (gegl_buffer_get_format (input)))
    {
      g_message ("%s: nothing to fill: the input has neither a mask on aux nor transparency", name);
      return TRUE;
    }

  request->operation = name;
  gegl_operation_progress (operation, 0.0, (gchar *) "");
  mask = read_mask (input, aux, &box);
  if (mask)
    {
      plan = inpaint_plan_new (request, box.width, box.height, mask, &error);
      g_free (mask);
      success = plan && (inpaint_plan_paint (plan).width == 0
                         || repaint (operation, plan, input, output, &box, ! aux, &error));
    }
  else
    success = FALSE;
  inpaint_plan_free (plan);
  gegl_operation_progress (operation, 1.0, (gchar *) "");

  if (! success)
    {
      gchar *text = error ? g_strdup (error) : g_strdup_printf ("%s: out of memory for the image's pixels", name);

      fail (text);
      g_free (text);
    }
  inpaint_free_string (error);
  return success;
}
