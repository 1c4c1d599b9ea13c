/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Runs one operation over picture files. */
#include <gegl.h>
#include <gegl-plugin.h>

#include "complaints.h"
#include "coverage.h"
#include "fit.h"
#include "gegl-versions.h"
#include "inpaint_graph.h"
#include "inpaint_keys.h"
#include "load.h"
#include "preview.h"
#include "property-text.h"
#include "record.h"
#include "save.h"

void
inpaint_graph_init (void)
{
  g_set_prgname ("inpaint");
  gegl_init (NULL, NULL);
}

bool
inpaint_graph_has_operation (const char *operation, const char *plug_ins)
{
  /* A module that GEGL has already would be registered twice. */
  if (! gegl_has_operation ("inpaint:sd-inpaint") && plug_ins && g_file_test (plug_ins, G_FILE_TEST_IS_DIR))
    gegl_load_module_directory (plug_ins);
  return gegl_has_operation (operation);
}

void
inpaint_graph_free (char *string)
{
  g_free (string);
}

static gboolean
set_property (GeglNode *node, GParamSpec *property, const gchar *text, char **error)
{
  GValue value = G_VALUE_INIT;

  if (inpaint_value_from_text (&value, property, text))
    gegl_node_set_property (node, property->name, &value);
  else
    {
      gchar *taken = inpaint_values_taken (property);

      *error = g_strdup_printf ("\"%s\" is no value for %s, which takes %s", text, property->name, taken);
      g_free (taken);
    }
  g_value_unset (&value);
  if (! *error && g_str_equal (property->name, "complete-mask") && *text)
    inpaint_load_is_plain (text, error); /* the one picture that an operation reads by itself */
  return ! *error;
}

/* How the property is set by the first `count` arguments; NULL if it is not. */
static const gchar *
value_among (GeglNode *node, const InpaintGraph *graph, gint32 count, const GParamSpec *property)
{
  for (gint32 i = 0; i < count; i++)
    if (gegl_node_find_property (node, graph->names[i]) == property)
      return graph->values[i];
  return NULL;
}

static gboolean
set_properties (GeglNode *node, const InpaintGraph *graph, char **error)
{
  for (gint32 i = 0; i < graph->count && ! *error; i++)
    {
      GParamSpec  *property = gegl_node_find_property (node, graph->names[i]);
      const gchar *text     = graph->values[i];
      const gchar *before   = property ? value_among (node, graph, i, property) : NULL;

      if (! property)
        *error = g_strdup_printf ("%s has no property \"%s\"; inpaint run %s --help lists what it has",
                                  graph->operation, graph->names[i], graph->operation);
      else if (before)
        *error = g_strdup_printf ("%s is given twice, as \"%s\" and as \"%s\"; give it once", property->name, before, text);
      else
        set_property (node, property, text, error);
    }
  return ! *error;
}

/* Sets what the record of graph->from has, but for what the arguments set. */
static gboolean
set_recorded (GeglNode *node, const InpaintGraph *graph, char **error)
{
  GStrv names = NULL, values = NULL;

  if (! inpaint_record_read (graph->from, graph->operation, &names, &values, error))
    return FALSE;
  for (gchar **name = names, **value = values; *name && ! *error; name++, value++)
    {
      GParamSpec *property = gegl_node_find_property (node, *name);

      if (! property)
        inpaint_note (graph->from, "its record has %s, which %s does not have here", *name, graph->operation);
      else if (! value_among (node, graph, graph->count, property))
        set_property (node, property, *value, error);
    }
  g_strfreev (names);
  g_strfreev (values);
  return ! *error;
}

/* Who wants to know how far it is, which result of how many is made; one goes on at a time. */
static InpaintGraphProgress listener      = NULL;
static void                *listener_user = NULL;
static gint32               run_index     = 0;
static gint32               run_count     = 1;

static void
on_progress (gpointer node, gdouble fraction)
{
  if (listener)
    listener (listener_user, (run_index + fraction) / run_count);
}

static GeglNode *
source (GeglNode *parent, GeglBuffer *buffer)
{
  return gegl_node_new_child (parent, "operation", "gegl:buffer-source", "buffer", buffer, NULL);
}

/* The operation over what is in the buffers; NULL, with *error set, where it cannot be. */
static GeglNode *
operation_over (GeglNode *parent, const InpaintGraph *graph, GeglBuffer *picture, GeglBuffer *mask, char **error)
{
  GeglNode *node = gegl_node_new_child (parent, "operation", graph->operation, NULL);

  if ((graph->from && ! set_recorded (node, graph, error)) || ! set_properties (node, graph, error))
    return NULL;
  if (mask && ! gegl_node_has_pad (node, "aux"))
    {
      *error = g_strdup_printf ("%s takes no mask; make what is to be filled transparent", graph->operation);
      return NULL;
    }
  g_signal_connect (node, "progress", G_CALLBACK (on_progress), NULL);
  if (graph->preview)
    inpaint_preview (node, graph->preview);
  gegl_node_link (source (parent, picture), node);
  if (mask)
    gegl_node_connect (source (parent, mask), "output", node, "aux");
  return node;
}

/* What the operation gives; NULL, with *error set, after a failure. */
static GeglBuffer *
result_of (GeglNode *node, char **error)
{
  GeglBuffer *result = NULL;
  GeglNode   *sink   = gegl_node_new_child (gegl_node_get_parent (node), "operation", "gegl:buffer-sink", "buffer", &result,
                                            "format", NULL, NULL);

  gegl_node_link (node, sink);
  inpaint_complaints_clear ();
  gegl_node_process (sink);
  if (inpaint_complaints_warning () || ! result)
    {
      *error = g_strdup (inpaint_complaints_warning () ? inpaint_complaints_warning () : "GEGL gave no picture");
      g_clear_object (&result);
    }
  return result;
}

/* Runs the operation once, and writes what it gives. */
static InpaintGraphOutcome
write_result (const InpaintGraph *graph, GeglNode *node, const Babl *stored, const Origin *origin, Destination *destination,
              char **error)
{
  gchar              *record    = graph->record ? inpaint_record_of (node) : NULL;
  Writing             writing   = { origin, graph->quality, record };
  GeglRectangle       box       = gegl_node_get_bounding_box (node); /* which lets the operation settle its format */
  GeglOperation      *operation = gegl_node_get_gegl_operation (node);
  const Babl         *format    = gegl_operation_get_format (operation, "output");
  GeglBuffer         *result    = NULL;
  InpaintGraphOutcome outcome   = INPAINT_GRAPH_FAILED;

  /* Operations that are graphs have none. */
  if (inpaint_save_rehearse (destination, format ? format : stored, &box, &writing, error))
    result = result_of (node, error);
  if (result && g_object_get_data (G_OBJECT (operation), INPAINT_KEY_NOTHING) && ! graph->allow_empty)
    {
      outcome = INPAINT_GRAPH_NOTHING;
      g_object_unref (result);
    }
  else if (result && inpaint_save (result, destination, &writing, error))
    outcome = INPAINT_GRAPH_DONE;
  g_free (record);
  return outcome;
}

static InpaintGraphOutcome
run (const InpaintGraph *graph, Destination *destinations, GeglBuffer *picture, const Origin *origin, GeglBuffer *mask,
     char **error)
{
  GeglNode           *parent  = gegl_node_new ();
  GeglNode           *node    = operation_over (parent, graph, picture, mask, error);
  InpaintGraphOutcome outcome = node ? INPAINT_GRAPH_DONE : INPAINT_GRAPH_FAILED;
  guint               seed    = 0;

  if (node && graph->output_count > 1)
    gegl_node_get (node, "seed", &seed, NULL);
  for (run_index = 0; run_index < graph->output_count && outcome == INPAINT_GRAPH_DONE; run_index++)
    {
      if (run_index > 0)
        gegl_node_set (node, "seed", seed + (guint) run_index, NULL);
      outcome = write_result (graph, node, gegl_buffer_get_format (picture), origin, &destinations[run_index], error);
    }
  g_object_unref (parent);
  return outcome;
}

/* Before anything is read or run: whether all outputs can be written, as far as that shows. */
static void
open_destinations (const InpaintGraph *graph, Destination *destinations, char **error)
{
  if (graph->output_count > 1 && ! gegl_operation_find_property (graph->operation, "seed"))
    *error = g_strdup_printf ("%s has no seed; it gives one result, not %d", graph->operation, graph->output_count);
  for (gint32 i = 0; i < graph->output_count && ! *error; i++)
    if (inpaint_destination_init (&destinations[i], graph->outputs[i], error))
      inpaint_save_knows (graph->outputs[i], graph->quality, graph->record, error);
}

InpaintGraphOutcome
inpaint_graph_run (const InpaintGraph *graph, InpaintGraphProgress progress, void *user, char **error)
{
  InpaintGraphOutcome outcome      = INPAINT_GRAPH_FAILED;
  GeglBuffer         *picture      = NULL;
  GeglBuffer         *mask         = NULL;
  Origin              origin       = { 0 };
  Destination        *destinations = g_new0 (Destination, graph->output_count);

  *error        = NULL;
  listener      = progress;
  listener_user = user;
  run_count     = graph->output_count;
  inpaint_complaints_begin ();
  open_destinations (graph, destinations, error);
  if (! *error)
    picture = inpaint_load (graph->input, &origin, error);
  if (picture && graph->mask)
    mask = inpaint_load (graph->mask, NULL, error);
  if (mask)
    mask = inpaint_mask_coverage (mask, graph->mask, graph->mask_from, graph->invert_mask);
  if (mask && graph->fit_mask)
    mask = inpaint_fit_mask (mask, gegl_buffer_get_extent (picture));
  if (! *error)
    outcome = run (graph, destinations, picture, &origin, mask, error);
  inpaint_complaints_end ();
  listener      = NULL;
  listener_user = NULL;
  g_clear_object (&picture);
  g_clear_object (&mask);
  inpaint_origin_clear (&origin);
  for (gint32 i = 0; i < graph->output_count; i++)
    inpaint_destination_clear (&destinations[i]);
  g_free (destinations);
  return outcome;
}
