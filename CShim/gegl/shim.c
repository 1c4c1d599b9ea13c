/* What the operations share: formats, regions, the course of a run, and how a host is told. */
#include <unistd.h>

#include "pixels.h"
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
}

static void
prepare_composer (GeglOperation *operation)
{
  prepare (operation);
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

void
inpaint_class_init (GeglOperationClass *operation_class)
{
  operation_class->prepare                   = prepare;
  operation_class->get_bounding_box          = inpaint_input_box;
  operation_class->get_required_for_output   = get_required_for_output;
  operation_class->get_invalidated_by_change = get_invalidated_by_change;
  operation_class->get_cached_region         = get_cached_region;
  operation_class->threaded                  = FALSE;
  operation_class->opencl_support            = FALSE;
  operation_class->cache_policy              = GEGL_CACHE_POLICY_ALWAYS;
}

void
inpaint_composer_class_init (GeglOperationComposerClass *composer_class)
{
  inpaint_class_init (GEGL_OPERATION_CLASS (composer_class));
  composer_class->aux_label                              = "Mask";
  composer_class->aux_description                        = "White where to repaint; without a mask, the transparent part is";
  GEGL_OPERATION_CLASS (composer_class)->prepare         = prepare_composer;
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
    "gimp:menu-path",  "<Image>/Filters/Inpaint",
    "gimp:menu-label", menu_label,
    NULL);
}

/* ---- Host ---- */

static gboolean
host_is_gimp (void)
{
  const gchar *program = g_get_prgname ();

  return program && g_str_has_prefix (program, "gimp"); /* gimp-2.10, gimp-console-2.10, ... */
}

/* GIMP would open a dialog at every change of a preview.  The tool `inpaint` shows what comes from this domain. */
void
inpaint_tell (GeglOperation *operation, const gchar *text)
{
  if (! host_is_gimp ())
    g_log ("gegl-inpaint", G_LOG_LEVEL_MESSAGE, "%s: %s", gegl_operation_get_name (operation), text);
}

/* GEGL ignores a process() that fails, and `gegl` would write a picture that was not repainted and return 0.  This is
 * the one place that ends a process, and only that program's, before it has written anything. */
void
inpaint_fail (const gchar *text)
{
  if (host_is_gimp ())
    g_message ("%s", text);
  else
    g_warning ("%s", text);
  if (g_strcmp0 (g_get_prgname (), "gegl") == 0)
    _exit (1);
}

bool
inpaint_report_progress (void *user, double fraction, const char *stage)
{
  /* The node's signal "progress" of GEGL 0.4 carries no text: while it is sent, hosts find it here. */
  g_object_set_data (user, "inpaint-stage", (gpointer) stage);
  gegl_operation_progress (user, fraction, (gchar *) stage);
  g_object_set_data (user, "inpaint-stage", NULL);
  return true;
}

/* ---- The course of a run ---- */

static void
tell (GeglOperation *operation, const InpaintPlan *plan)
{
  char *note = inpaint_plan_note (plan);

  if (note)
    inpaint_tell (operation, note);
  inpaint_free_string (note);
}

GeglBuffer *
inpaint_mask (GeglOperation *operation, GeglBuffer *aux)
{
  if (aux)
    return g_object_ref (aux);
  if (gegl_operation_source_get_bounding_box (operation, "aux"))
    return gegl_buffer_new (GEGL_RECTANGLE (0, 0, 0, 0), babl_format ("Y'A float"));
  return NULL;
}

static gboolean
fill (GeglOperation *operation, const InpaintRequest *request, GeglBuffer *input, GeglBuffer *aux, GeglBuffer *output,
      const GeglRectangle *box, char **error)
{
  float        *mask   = inpaint_read_mask (input, aux, box);
  InpaintPlan  *plan   = mask ? inpaint_plan_new (request, box->width, box->height, mask, error) : NULL;
  gint          passes = inpaint_plan_passes (plan);
  InpaintStatus status = plan ? INPAINT_OK : INPAINT_FAILED;

  g_free (mask);
  tell (operation, plan);
  for (gint pass = 0; pass < passes && status == INPAINT_OK; pass++)
    status = inpaint_repaint (plan, pass, output, box, ! aux, inpaint_report_progress, operation, error);
  if (plan && passes == 0)
    inpaint_tell (operation,
                  aux ? "nothing to fill: " INPAINT_EMPTY_MASK
                      : "nothing to fill: no pixel of the input is half transparent or more");
  inpaint_plan_free (plan);
  return status != INPAINT_FAILED;
}

gboolean
inpaint_begin (GeglOperation *operation, GeglBuffer *input, GeglBuffer *output)
{
  GeglRectangle box    = inpaint_input_box (operation);
  gboolean      finite = inpaint_is_finite (&box);

  if (! input)
    return FALSE;
  if (gegl_rectangle_is_infinite_plane (&box))
    g_message ("%s: the input has no bounds and is left as it is; crop it first", gegl_operation_get_name (operation));
  gegl_buffer_copy (input, finite ? &box : NULL, GEGL_ABYSS_NONE, output, finite ? &box : NULL);
  return finite;
}

gboolean
inpaint_has_failed (GeglOperation *operation)
{
  return g_object_get_data (G_OBJECT (operation), "inpaint-failed") != NULL;
}

gboolean
inpaint_process (GeglOperation *operation, InpaintRequest *request, GeglBuffer *input, GeglBuffer *aux,
                 GeglBuffer *output)
{
  GeglRectangle box    = inpaint_input_box (operation);
  GeglRectangle canvas = gegl_operation_get_bounding_box (operation);
  char         *error  = NULL;
  GeglBuffer   *mask;
  gboolean      success;

  if (! inpaint_begin (operation, input, output))
    return TRUE;
  request->operation = gegl_operation_get_name (operation);
  mask = inpaint_mask (operation, aux);
  if (! mask && gegl_rectangle_equal (&box, &canvas) && ! babl_format_has_alpha (gegl_buffer_get_format (input)))
    {
      g_message (GEGL_IS_OPERATION_COMPOSER (operation)
                   ? "%s: nothing to fill: the input has neither a mask on aux nor transparency"
                   : "%s: nothing to fill: the canvas does not grow, and the input has no transparency", request->operation);
      return TRUE;
    }

  gegl_operation_progress (operation, 0.0, (gchar *) "");
  success = fill (operation, request, input, mask, output, &box, &error);
  g_clear_object (&mask);
  gegl_operation_progress (operation, 1.0, (gchar *) "");
  g_object_set_data (G_OBJECT (operation), "inpaint-failed", GINT_TO_POINTER (! success));
  if (! success)
    {
      gchar *text = error ? g_strdup (error)
                          : g_strdup_printf ("%s: out of memory for the image's pixels", request->operation);

      /* What earlier passes have painted. */
      gegl_buffer_clear (output, &canvas);
      gegl_buffer_copy (input, &box, GEGL_ABYSS_NONE, output, &box);
      inpaint_fail (text);
      g_free (text);
    }
  inpaint_free_string (error);
  return success;
}
