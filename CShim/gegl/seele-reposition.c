/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* inpaint:seele-reposition: moves the masked subject.
 *
 * A composition of other operations: inpaint:seele-remove paints what was behind the subject, GEGL's own cut it out,
 * scale and move it and put it there, inpaint:seele-complete and inpaint:seele-harmonize follow where they are asked for.
 * examples/reposition.xml is the same as a plain graph.
 *
 * Their nodes are made and run one after the other in process(), not once in attach() as GeglOperationMeta does it:
 * - the subject is scaled about the centre of its mask's box, which is known with the pixels only;
 * - where a step fails the output has to be the input, and what would follow is not run;
 * - the output is stored as the input is, and what no step touches is a copy; gegl:over makes floats of everything. */
#include <glib/gi18n-lib.h>

#ifdef GEGL_PROPERTIES

property_int (x, _("X"), 0)
  description (_("Pixels by which the subject moves to the right"))
  value_range (-65536, 65536)
  ui_range (-1024, 1024)
  ui_steps (1, 16)
  ui_meta ("unit", "pixel-distance")
  ui_meta ("axis", "x")

property_int (y, _("Y"), 0)
  description (_("Pixels by which the subject moves down"))
  value_range (-65536, 65536)
  ui_range (-1024, 1024)
  ui_steps (1, 16)
  ui_meta ("unit", "pixel-distance")
  ui_meta ("axis", "y")

property_double (scale, _("Scale"), 1.0)
  description (_("How many times as large the subject becomes, about its center"))
  value_range (0.01, 100.0)
  ui_range (0.25, 4.0)
  ui_steps (0.05, 0.25)

property_boolean (harmonize, _("Harmonize"), FALSE)
  description (_("Make the moved subject fit its new surroundings; takes a model with the LoRA for it"))

#define INPAINT_COMPOSED
#define INPAINT_OWN_STRENGTH /* each step's */
#define INPAINT_DEFAULT_GROW 5 /* as inpaint:seele-remove */
#define INPAINT_REMOVES
#include "mask-properties.inc"
#include "shared-properties.inc"

property_file_path (model, _("Model"), "")
  description (_("A Stable Diffusion inpainting model with SEELE's learned prompts: its model_index.json; empty takes the installed one"))

#include "file-properties.inc"

property_file_path (complete_mask, _("Mask to complete"), "")
  description (_("A picture over the image, white where the moved subject lacks a part; empty completes nothing"))

#else

#include "host.h"
#include "inpaint_abi.h"
#include "inpaint_keys.h"
#include "mask.h"
#include "pixels.h"
#include "shim.h"
#include "subject.h"

#define GEGL_OP_COMPOSER
#define GEGL_OP_NAME     seele_reposition
#define GEGL_OP_C_SOURCE seele-reposition.c

#include "gegl-op.h"

#define NAME      "inpaint:seele-reposition"
#define REMOVE    "inpaint:seele-remove"
#define COMPLETE  "inpaint:seele-complete"
#define HARMONIZE "inpaint:seele-harmonize"

static gboolean
completes (const GeglProperties *o)
{
  return o->complete_mask && *o->complete_mask;
}

/* The models' tasks of one run, on the output. */
typedef struct {
  GeglOperation *operation;
  GeglBuffer    *picture;
  GeglNode      *graph;
  gint           count, done;
} Run;

static void
on_progress (GeglNode *task, gdouble fraction, gpointer user)
{
  const Run   *run     = user;
  GObject     *painter = G_OBJECT (gegl_node_get_gegl_operation (task));
  const gchar *stage   = g_object_get_data (painter, INPAINT_KEY_STAGE);
  gboolean     goes_on = fraction == 1.0 && run->done + 1 < run->count;

  inpaint_report (run->operation, (run->done + fraction) / run->count, stage && ! goes_on ? stage : "",
                  g_object_get_data (painter, INPAINT_KEY_PREVIEW));
}

/* Gives the task what it has in common with this operation. */
static void
pass_properties_on (GeglOperation *operation, GeglNode *task)
{
  const gchar *name = gegl_node_get_operation (task);
  guint        count;
  GParamSpec **properties = gegl_operation_list_properties (name, &count);

  for (guint i = 0; i < count; i++)
    {
      GParamSpec *own   = g_object_class_find_property (G_OBJECT_GET_CLASS (operation), properties[i]->name);
      GValue      value = G_VALUE_INIT;

      if (! own || own->value_type != properties[i]->value_type)
        continue;
      /* For the shadow and the halo that a subject leaves behind. */
      if (g_strcmp0 (own->name, "grow") == 0 && g_strcmp0 (name, REMOVE) != 0)
        continue;
      g_value_init (&value, own->value_type);
      g_object_get_property (G_OBJECT (operation), own->name, &value);
      gegl_node_set_property (task, own->name, &value);
      g_value_unset (&value);
    }
  g_free (properties);
}

/* Lets the operation `name` repaint the picture where `mask` says so.  FALSE after a failure, which the task has
 * reported. */
static gboolean
run_task (Run *run, const gchar *name, GeglNode *mask)
{
  GeglBuffer *before = gegl_buffer_dup (run->picture);
  GeglNode   *task   = gegl_node_new_child (run->graph, "operation", name, NULL);

  pass_properties_on (run->operation, task);
  gegl_node_link (inpaint_source (run->graph, before), task);
  gegl_node_connect (mask, "output", task, "aux");
  g_signal_connect (task, "progress", G_CALLBACK (on_progress), run);
  if (inpaint_wants_previews (run->operation))
    g_object_set_data (G_OBJECT (gegl_node_get_gegl_operation (task)), INPAINT_KEY_PREVIEWS, GINT_TO_POINTER (TRUE));
  gegl_node_blit_buffer (task, run->picture, gegl_buffer_get_extent (before), 0, GEGL_ABYSS_NONE);
  g_object_unref (before);
  run->done++;
  return ! inpaint_has_failed (gegl_node_get_gegl_operation (task));
}

/* The subject's coverage of its pixels as a mask: white of its transparency. */
static GeglNode *
shape_of (Run *run, GeglBuffer *subject)
{
  GeglColor *white  = gegl_color_new ("white");
  GeglNode  *shape  = gegl_node_new_child (run->graph, "operation", "gegl:color-overlay", "value", white, NULL);
  GeglNode  *placed = gegl_node_new_child (run->graph, "operation", "gegl:translate", NULL); /* as a mask has to be */

  gegl_node_link_many (inpaint_source (run->graph, subject), shape, placed, NULL);
  g_object_unref (white);
  return placed;
}

/* The steps on the picture; `subject` is NULL where it has left that.  FALSE after a failure. */
static gboolean
run_steps (Run *run, const GeglProperties *o, GeglBuffer *mask, GeglBuffer *subject)
{
  if (! run_task (run, REMOVE, inpaint_source (run->graph, mask)))
    return FALSE;
  if (subject)
    inpaint_subject_put (subject, run->picture);
  if (completes (o))
    {
      const GeglRectangle *canvas = gegl_buffer_get_extent (run->picture);
      GeglNode            *drawn  = gegl_node_new_child (run->graph, "operation", "gegl:load", "path", o->complete_mask,
                                                         NULL);
      GeglNode            *placed = gegl_node_new_child (run->graph, "operation", "gegl:translate",
                                                         "x", (gdouble) canvas->x, "y", (gdouble) canvas->y, NULL);

      gegl_node_link (drawn, placed);
      if (! run_task (run, COMPLETE, placed))
        return FALSE;
    }
  return ! (o->harmonize && subject) || run_task (run, HARMONIZE, shape_of (run, subject));
}

/* What harmonizing finds missing of the model, which is the last step; NULL if nothing. */
static gchar *
missing_part (const GeglProperties *o)
{
  const InpaintProperty properties[] = { { "model", o->model }, { "lora", o->lora } };
  const InpaintRequest  request      = {
    .abi_version = INPAINT_ABI_VERSION, .operation = HARMONIZE, .properties = properties, .count = G_N_ELEMENTS (properties),
  };
  const float           mask         = 1.0f;
  char                 *error        = NULL;
  gchar                *text;

  inpaint_plan_free (inpaint_plan_new (&request, 1, 1, &mask, &error));
  text = g_strdup (error);
  inpaint_free_string (error);
  return text;
}

/* Why the steps that are asked for cannot be taken, found before a model is loaded; NULL if they can. */
static gchar *
refusal (const GeglProperties *o, const GeglRectangle *canvas)
{
  gchar *misfit = completes (o) ? inpaint_mask_file_misfit (o->complete_mask, canvas) : NULL;
  gchar *text   = misfit ? g_strconcat (NAME ": property complete-mask: ", misfit, NULL) : NULL;

  g_free (misfit);
  return text || ! o->harmonize ? text : missing_part (o);
}

/* What `mask` covers of `input` moves in `output`, a copy of it.  FALSE after a failure, which has been reported; the
 * output is the input then. */
static gboolean
reposition (GeglOperation *operation, const float *mask, GeglBuffer *input, GeglBuffer *output)
{
  const GeglProperties *o      = GEGL_PROPERTIES (operation);
  GeglRectangle         canvas = inpaint_input_box (operation);
  Run                   run    = { .operation = operation, .picture = output };
  GeglRectangle         box;
  GeglBuffer           *subject, *coverage;
  gboolean              success;

  if (! inpaint_subject_box (mask, &canvas, &box))
    {
      gchar *emptiness = inpaint_mask_emptiness (operation, TRUE, mask, &canvas);
      gchar *text      = g_strconcat ("nothing to move: ", emptiness, NULL);

      inpaint_log_nothing (operation, text);
      g_free (emptiness);
      g_free (text);
      return TRUE;
    }
  inpaint_clear_nothing (operation);
  subject      = inpaint_subject_new (input, mask, &canvas, &box, o->scale, o->x, o->y);
  coverage     = inpaint_mask_buffer (mask, &canvas);
  run.graph    = gegl_node_new ();
  run.count    = 1 + (completes (o) ? 1 : 0) + (o->harmonize && subject ? 1 : 0);
  success      = run_steps (&run, o, coverage, subject);
  g_object_unref (run.graph);
  g_object_unref (coverage);
  g_clear_object (&subject);
  if (! success)
    {
      gegl_buffer_copy (input, &canvas, GEGL_ABYSS_NONE, output, &canvas);
      inpaint_set_failed (operation);
    }
  return success;
}

static gboolean
process (GeglOperation *operation, GeglBuffer *input, GeglBuffer *aux, GeglBuffer *output,
         const GeglRectangle *result, gint level)
{
  const GeglProperties *o      = GEGL_PROPERTIES (operation);
  GeglRectangle         canvas = inpaint_input_box (operation);
  gboolean              success;
  gchar                *error;
  float                *mask;

  if (! inpaint_begin (operation, input, output))
    return TRUE;
  if (o->x == 0 && o->y == 0 && o->scale == 1.0)
    {
      inpaint_log_unset (operation, "nothing to move: x and y are 0, and scale is 1");
      return TRUE;
    }
  aux = inpaint_mask (operation, aux);
  if (! aux)
    {
      inpaint_log_nothing (operation, "nothing to move: the input has no mask on aux");
      return TRUE;
    }
  error = inpaint_mask_misfit (operation);
  if (! error)
    error = refusal (o, &canvas);
  mask    = error ? NULL : inpaint_read_mask (input, aux, &canvas);
  success = mask && reposition (operation, mask, input, output);
  if (! mask)
    inpaint_fail (operation, error);
  g_free (mask);
  g_object_unref (aux);
  return success;
}

static void
gegl_op_class_init (GeglOpClass *klass)
{
  GeglOperationComposerClass *composer_class = GEGL_OPERATION_COMPOSER_CLASS (klass);

  inpaint_class_init (composer_class);
  composer_class->process         = process;
  composer_class->aux_description = "White where the subject is";

  inpaint_set_keys (GEGL_OPERATION_CLASS (klass), NAME, _("Reposition subject (SEELE)"),
                    _("Move what the mask covers, and paint the background that was behind it"), N_("_Move Subject..."));
}

#endif
