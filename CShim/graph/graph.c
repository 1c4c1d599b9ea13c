#include <gegl.h>
#include <gegl-plugin.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "inpaint_graph.h"

/* The first warning or message since it was last cleared: GEGL's operations report failures in no other way. */
static gchar *complaint = NULL;

static void
keep_complaint (const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer user)
{
  if ((level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE)) && ! complaint)
    complaint = g_strdup (text);
}

void
inpaint_graph_init (void)
{
  g_set_prgname ("inpaint");
  gegl_init (NULL, NULL);
}

bool
inpaint_graph_has_operation (const char *operation, const char *plug_ins)
{
  if (! gegl_has_operation (operation) && plug_ins && g_file_test (plug_ins, G_FILE_TEST_IS_DIR))
    gegl_load_module_directory (plug_ins);
  return gegl_has_operation (operation);
}

void
inpaint_graph_free (char *string)
{
  g_free (string);
}

/* Text to a value of the property's type; FALSE if it is none. */
static gboolean
value_from_text (GValue *value, GParamSpec *property, const gchar *text)
{
  gchar *end = NULL;

  g_value_init (value, property->value_type);
  switch (G_TYPE_FUNDAMENTAL (property->value_type))
    {
    case G_TYPE_STRING:
      g_value_set_string (value, text);
      return TRUE;
    case G_TYPE_BOOLEAN:
      g_value_set_boolean (value, g_ascii_strcasecmp (text, "true") == 0 || g_strcmp0 (text, "1") == 0);
      return g_value_get_boolean (value) || g_ascii_strcasecmp (text, "false") == 0 || g_strcmp0 (text, "0") == 0;
    case G_TYPE_INT:
      g_value_set_int (value, (gint) g_ascii_strtoll (text, &end, 10));
      break;
    case G_TYPE_UINT:
      g_value_set_uint (value, (guint) g_ascii_strtoull (text, &end, 10));
      break;
    case G_TYPE_DOUBLE:
      g_value_set_double (value, g_ascii_strtod (text, &end));
      break;
    case G_TYPE_ENUM:
      {
        GEnumClass *choices = g_type_class_ref (property->value_type);
        GEnumValue *choice  = g_enum_get_value_by_nick (choices, text);

        if (choice)
          g_value_set_enum (value, choice->value);
        g_type_class_unref (choices);
        return choice != NULL;
      }
    default:
      return FALSE;
    }
  /* A number to its end, and inside the property's range. */
  return end && end != text && *end == '\0' && ! g_param_value_validate (property, value);
}

static gboolean
set_properties (GeglNode *node, const InpaintGraph *graph, char **error)
{
  for (gint32 i = 0; i < graph->count; i++)
    {
      GParamSpec *property = gegl_node_find_property (node, graph->names[i]);
      GValue      value    = G_VALUE_INIT;
      gboolean    fits;

      if (! property)
        {
          *error = g_strdup_printf ("%s has no property \"%s\"", graph->operation, graph->names[i]);
          return FALSE;
        }
      fits = value_from_text (&value, property, graph->values[i]);
      if (fits)
        gegl_node_set_property (node, graph->names[i], &value);
      else
        *error = g_strdup_printf ("\"%s\" is no value for %s", graph->values[i], graph->names[i]);
      g_value_unset (&value);
      if (! fits)
        return FALSE;
    }
  return TRUE;
}

/* A node that loads `path`; NULL, with *error set, where that is no picture. */
static GeglNode *
load (GeglNode *parent, const gchar *path, char **error)
{
  GeglNode     *node;
  GeglRectangle box;

  if (g_access (path, R_OK) != 0)
    {
      *error = g_strdup_printf ("%s: %s", path, g_strerror (errno));
      return NULL;
    }
  node = gegl_node_new_child (parent, "operation", "gegl:load", "path", path, NULL);
  box = gegl_node_get_bounding_box (node);
  if (box.width > 0 && box.height > 0 && ! complaint)
    return node;
  *error = g_strdup_printf ("%s: not a picture that GEGL can read%s%s", path, complaint ? ": " : "",
                            complaint ? complaint : "");
  return NULL;
}

static gboolean
save (GeglBuffer *buffer, const gchar *path, char **error)
{
  GeglNode *parent = gegl_node_new ();
  GeglNode *source = gegl_node_new_child (parent, "operation", "gegl:buffer-source", "buffer", buffer, NULL);
  GeglNode *sink;
  gchar    *lower = g_ascii_strdown (path, -1);
  GStatBuf  status;

  if (g_str_has_suffix (lower, ".png"))
    {
      const Babl *type = babl_format_get_type (gegl_buffer_get_format (buffer), 0);

      /* gegl:save would make 16 bits of 8. */
      sink = gegl_node_new_child (parent, "operation", "gegl:png-save", "path", path, "bitdepth",
                                  type == babl_type ("u8") ? 8 : 16, NULL);
    }
  else
    sink = gegl_node_new_child (parent, "operation", "gegl:save", "path", path, NULL);
  gegl_node_link (source, sink);
  gegl_node_process (sink);
  g_object_unref (parent);
  g_free (lower);
  if (complaint || g_stat (path, &status) != 0 || status.st_size == 0)
    {
      *error = g_strdup_printf ("%s could not be written%s%s", path, complaint ? ": " : "", complaint ? complaint : "");
      return FALSE;
    }
  return TRUE;
}

/* Who wants to know how far the run is; one run goes on at a time. */
static InpaintGraphProgress listener      = NULL;
static void                *listener_user = NULL;

static void
on_progress (gpointer node, gdouble fraction)
{
  if (listener)
    listener (listener_user, fraction);
}

bool
inpaint_graph_run (const InpaintGraph *graph, InpaintGraphProgress progress, void *user, char **error)
{
  GeglNode   *parent = gegl_node_new ();
  GeglBuffer *result = NULL;
  GeglNode   *input, *mask, *node, *sink;
  gboolean    success;

  *error        = NULL;
  listener      = progress;
  listener_user = user;
  g_clear_pointer (&complaint, g_free);
  g_log_set_default_handler (keep_complaint, NULL);
  input   = load (parent, graph->input, error);
  mask    = input && graph->mask ? load (parent, graph->mask, error) : NULL;
  success = input && (mask || ! graph->mask);
  if (success)
    {
      node    = gegl_node_new_child (parent, "operation", graph->operation, NULL);
      success = set_properties (node, graph, error);
    }
  if (success)
    {
      sink = gegl_node_new_child (parent, "operation", "gegl:buffer-sink", "buffer", &result, "format", NULL, NULL);
      gegl_node_link_many (input, node, sink, NULL);
      if (mask)
        gegl_node_connect_to (mask, "output", node, "aux");
      g_signal_connect (node, "progress", G_CALLBACK (on_progress), NULL);
      gegl_node_process (sink);
      success = result && ! complaint;
      if (complaint)
        *error = g_strdup (complaint);
    }
  success = success && save (result, graph->output, error);
  g_log_set_default_handler (g_log_default_handler, NULL);
  g_clear_object (&result);
  g_object_unref (parent);
  return success;
}
