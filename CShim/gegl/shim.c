/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the operations share: formats, regions, the way of a run, and keys. */
#include "host.h"
#include "inpaint_keys.h"
#include "mask.h"
#include "pixels.h"
#include "queries.h"
#include "request.h"
#include "shim.h"

/* ---- Formats and regions ---- */

static void
prepare (GeglOperation *operation)
{
  /* The output is stored as the input is, so that what is not repainted is a copy of its tiles. */
  const Babl *format = gegl_operation_get_source_format (operation, "input");

  if (! format)
    format = babl_format ("R'G'B'A float");
  else if (babl_format_is_palette (format)) /* a fill needs more colors than the palette has */
    format = babl_format_with_space (babl_format_has_alpha (format) ? "R'G'B'A u8" : "R'G'B' u8", format);
  gegl_operation_set_format (operation, "input", format);
  gegl_operation_set_format (operation, "output", format);
  gegl_operation_set_format (operation, "aux", babl_format ("Y'A float"));
}

GeglRectangle
inpaint_input_box (GeglOperation *operation)
{
  const GeglRectangle *input = gegl_operation_source_get_bounding_box (operation, "input");
  GeglRectangle nothing = { 0, 0, 0, 0 };

  return input ? *input : nothing;
}

gboolean
inpaint_is_finite (const GeglRectangle *rectangle)
{
  return rectangle->width > 0 && rectangle->height > 0 && ! gegl_rectangle_is_infinite_plane (rectangle);
}

static GeglRectangle
get_required_for_output (GeglOperation *operation, const gchar *pad, const GeglRectangle *roi)
{
  GeglRectangle box = inpaint_input_box (operation);

  return inpaint_is_finite (&box) ? box : *roi;
}

static GeglRectangle
get_invalidated_by_change (GeglOperation *operation, const gchar *pad, const GeglRectangle *roi)
{
  return gegl_operation_get_bounding_box (operation);
}

static GeglRectangle
get_cached_region (GeglOperation *operation, const GeglRectangle *roi)
{
  GeglRectangle box = gegl_operation_get_bounding_box (operation);

  return inpaint_is_finite (&box) ? box : *roi;
}

/* ---- A run ---- */

static gboolean
can_grow (GeglOperation *operation)
{
  return GEGL_OPERATION_GET_CLASS (operation)->get_bounding_box != inpaint_input_box;
}

static void
log_nothing (GeglOperation *operation, GeglBuffer *mask, const gchar *text)
{
  if (! mask && can_grow (operation)) /* its dialog opens with no growth */
    inpaint_log_unset (operation, text);
  else
    inpaint_log_nothing (operation, text);
}

/* Repaints `output`, a copy of `input`.  FALSE after a failure, with *error set where there was memory for it. */
static gboolean
fill (GeglOperation *operation, GeglBuffer *input, GeglBuffer *mask, GeglBuffer *output, gboolean grows, char **error)
{
  GeglRectangle box     = inpaint_input_box (operation);
  Request       request = inpaint_request (operation);
  float        *values  = inpaint_read_mask (input, mask, &box);
  InpaintPlan  *plan    = values ? inpaint_plan_new (&request.abi, box.width, box.height, values, error) : NULL;
  gint          passes  = inpaint_plan_passes (plan);
  InpaintStatus status  = plan ? INPAINT_OK : INPAINT_FAILED;
  char         *note    = inpaint_plan_note (plan);

  if (note)
    inpaint_log (operation, note);
  if (passes > 0)
    inpaint_clear_nothing (operation);
  for (gint pass = 0; pass < passes && status == INPAINT_OK; pass++)
    status = inpaint_repaint (plan, pass, output, &box, grows || ! mask, inpaint_report_progress, operation, error);
  if (plan && passes == 0)
    {
      gchar *emptiness = inpaint_mask_emptiness (operation, mask != NULL, values, &box);
      gchar *text      = g_strconcat ("nothing to fill: ", emptiness, NULL);

      log_nothing (operation, mask, text);
      g_free (emptiness);
      g_free (text);
    }
  inpaint_free_string (note);
  inpaint_plan_free (plan);
  inpaint_request_clear (&request);
  g_free (values);
  return status == INPAINT_OK;
}

gboolean
inpaint_begin (GeglOperation *operation, GeglBuffer *input, GeglBuffer *output)
{
  GeglRectangle box    = inpaint_input_box (operation);
  gboolean      finite = inpaint_is_finite (&box);

  if (! input)
    return FALSE;
  if (gegl_rectangle_is_infinite_plane (&box))
    inpaint_log_nothing (operation, "the input has no bounds and is left as it is; crop it first");
  gegl_buffer_copy (input, finite ? &box : NULL, GEGL_ABYSS_NONE, output, finite ? &box : NULL);
  return finite;
}

/* FALSE after a failure, which has been reported to the host; the output is the input then. */
static gboolean
process (GeglOperation *operation, GeglBuffer *input, GeglBuffer *aux, GeglBuffer *output, const GeglRectangle *result,
         gint level)
{
  GeglRectangle box    = inpaint_input_box (operation);
  GeglRectangle canvas = gegl_operation_get_bounding_box (operation);
  gboolean      grows  = ! gegl_rectangle_equal (&box, &canvas);
  char         *error  = NULL;
  GeglBuffer   *mask;
  gchar        *misfit;
  gboolean      success;

  if (! inpaint_begin (operation, input, output))
    return TRUE;
  misfit = inpaint_mask_misfit (operation);
  if (misfit)
    {
      inpaint_fail (operation, misfit);
      return FALSE;
    }
  mask = inpaint_mask (operation, aux);
  if (! mask && ! grows && ! babl_format_has_alpha (gegl_buffer_get_format (input)))
    {
      log_nothing (operation, mask, can_grow (operation)
                      ? "nothing to fill: the canvas does not grow, and the input has neither a mask on aux nor transparency"
                      : "nothing to fill: the input has neither a mask on aux nor transparency");
      return TRUE;
    }

  gegl_operation_progress (operation, 0.0, (gchar *) "");
  success = fill (operation, input, mask, output, grows, &error);
  g_clear_object (&mask);
  gegl_operation_progress (operation, 1.0, (gchar *) "");
  if (! success)
    {
      /* What earlier passes have painted. */
      gegl_buffer_clear (output, &canvas);
      gegl_buffer_copy (input, &box, GEGL_ABYSS_NONE, output, &box);
      inpaint_fail (operation, error ? g_strdup (error) : NULL);
    }
  inpaint_free_string (error);
  return success;
}

/* ---- The class ---- */

void
inpaint_class_init (GeglOperationComposerClass *composer_class)
{
  GeglOperationClass *operation_class = GEGL_OPERATION_CLASS (composer_class);

  operation_class->prepare                   = prepare;
  operation_class->get_bounding_box          = inpaint_input_box;
  operation_class->get_required_for_output   = get_required_for_output;
  operation_class->get_invalidated_by_change = get_invalidated_by_change;
  operation_class->get_cached_region         = get_cached_region;
  operation_class->threaded                  = FALSE;
  operation_class->opencl_support            = FALSE;
  operation_class->cache_policy              = GEGL_CACHE_POLICY_ALWAYS;
  composer_class->process                    = process;
  composer_class->aux_label                  = "Mask";
  composer_class->aux_description            = "White where to repaint; without a mask, the transparent part is";
  inpaint_queries_class_init (operation_class);
}

void
inpaint_set_keys (GeglOperationClass *operation_class, const gchar *name, const gchar *title,
                  const gchar *description, const gchar *menu_label)
{
  /* No key "license": hosts know only the GPL's versions and hide an operation under any other, the LGPL included. */
  gegl_operation_class_set_keys (operation_class,
    "name",            name,
    "title",           title,
    "categories",      "enhance:inpaint",
    "reference-hash",  "unstable",
    "description",     description,
    INPAINT_KEY_MENU,  "<Image>/Filters/Inpaint",
    "gimp:menu-label", menu_label,
    NULL);
}
