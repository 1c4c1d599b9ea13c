#include <gegl.h>
#include <gegl-plugin.h>
#include <operation/gegl-operation-handlers.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "inpaint_graph.h"
#include "property-text.h"

/* The first warning and the first message since they were last cleared: GEGL's operations report failures in no other
 * way.  Messages are mostly harmless, like those of libtiff about tags that it does not know. */
static gchar *warning = NULL;
static gchar *message = NULL;

static void
keep_complaint (const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer user)
{
  /* What an operation has to say of its run, and complains of nothing with. */
  if (g_strcmp0 (domain, "gegl-inpaint") == 0 && (level & G_LOG_LEVEL_MESSAGE))
    g_printerr ("%s\n", text);
  else if ((level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING)) && ! warning)
    warning = g_strdup (text);
  else if ((level & G_LOG_LEVEL_MESSAGE) && ! message)
    message = g_strdup (text);
}

/* GEGL's savers print where they cannot write on, and end as if they had. */
static void
keep_print (const gchar *text)
{
  if (! warning)
    warning = g_strchomp (g_strdup (text));
}

static void
clear_complaints (void)
{
  g_clear_pointer (&warning, g_free);
  g_clear_pointer (&message, g_free);
}

/* `what`, and behind it the reason that was given, if there was one. */
static gchar *
explained (const gchar *path, const gchar *what)
{
  const gchar *reason = warning ? warning : message;

  return g_strdup_printf ("%s%s%s%s", path, what, reason ? ": " : "", reason ? reason : "");
}

/* The file that is being written, and the one that it is to become.  libjpeg ends the process where it cannot write. */
static gchar *unfinished = NULL;
static const gchar *unfinished_for = NULL;

static void
remove_unfinished (void)
{
  if (! unfinished)
    return;
  g_unlink (unfinished);
  fprintf (stderr, "%s could not be written\n", unfinished_for);
}

void
inpaint_graph_init (void)
{
  atexit (remove_unfinished);
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
      fits = inpaint_value_from_text (&value, property, graph->values[i]);
      if (fits)
        gegl_node_set_property (node, graph->names[i], &value);
      else
        {
          gchar *taken = inpaint_values_taken (property);

          *error = g_strdup_printf ("\"%s\" is no value for %s, which takes %s", graph->values[i], graph->names[i], taken);
          g_free (taken);
        }
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
  if (box.width > 0 && box.height > 0 && ! warning)
    return node;
  *error = explained (path, ": not a picture that GEGL can read");
  return NULL;
}

static gboolean
is_png (const gchar *path)
{
  gchar   *lower  = g_ascii_strdown (path, -1);
  gboolean result = g_str_has_suffix (lower, ".png");

  g_free (lower);
  return result;
}

/* What would fail after the run, found before it. */
static gboolean
can_save (const gchar *path, char **error)
{
  gchar       *folder = g_path_get_dirname (path);
  const gchar *ending = strrchr (path, '.');
  const gchar *saver  = ending && ! strchr (ending, G_DIR_SEPARATOR) ? gegl_operation_handlers_get_saver (ending) : NULL;

  /* GEGL writes PNG where it does not know the ending. */
  if (! is_png (path) && (! saver || g_strcmp0 (saver, "gegl:png-save") == 0))
    *error = g_strdup_printf ("%s: GEGL writes no files with this ending", path);
  else if (g_file_test (path, G_FILE_TEST_IS_DIR))
    *error = g_strdup_printf ("%s could not be written: %s", path, g_strerror (EISDIR));
  else if (g_access (folder, W_OK) != 0)
    *error = g_strdup_printf ("%s could not be written: %s: %s", path, folder, g_strerror (errno));
  g_free (folder);
  clear_complaints ();
  return ! *error;
}

/* Writes beside `path` first, so that a file that is there already stays whole if this fails. */
static gboolean
save (GeglBuffer *buffer, const gchar *path, char **error)
{
  gchar     *folder    = g_path_get_dirname (path);
  gchar     *name      = g_path_get_basename (path);
  gchar     *temporary = g_strdup_printf ("%s/.inpaint-%d-%s", folder, (int) getpid (), name);
  GeglNode  *parent    = gegl_node_new ();
  GeglNode  *source    = gegl_node_new_child (parent, "operation", "gegl:buffer-source", "buffer", buffer, NULL);
  GPrintFunc usual     = g_set_printerr_handler (keep_print);
  GeglNode  *sink;
  GStatBuf   status;
  gboolean   success;

  if (is_png (path))
    {
      const Babl *type = babl_format_get_type (gegl_buffer_get_format (buffer), 0);

      /* gegl:save would make 16 bits of 8. */
      sink = gegl_node_new_child (parent, "operation", "gegl:png-save", "path", temporary, "bitdepth",
                                  type == babl_type ("u8") ? 8 : 16, NULL);
    }
  else
    sink = gegl_node_new_child (parent, "operation", "gegl:save", "path", temporary, NULL);
  gegl_node_link (source, sink);
  unfinished     = temporary;
  unfinished_for = path;
  gegl_node_process (sink);
  unfinished = NULL;
  g_object_unref (parent);
  g_set_printerr_handler (usual);

  success = ! warning && g_stat (temporary, &status) == 0 && status.st_size > 0;
  if (success && g_rename (temporary, path) != 0)
    {
      success = FALSE;
      clear_complaints ();
      warning = g_strdup (g_strerror (errno));
    }
  if (! success)
    {
      *error = explained (path, " could not be written");
      /* libpng takes no primaries outside of all colours, as Display P3's red is once it is adapted to D50. */
      if (strstr (*error, "chromaticities"))
        {
          gchar *cause = *error;

          *error = g_strconcat (cause, "; PNG cannot hold this picture's colour space, .tif, .jpg and .webp can", NULL);
          g_free (cause);
        }
      g_unlink (temporary);
    }
  g_free (folder);
  g_free (name);
  g_free (temporary);
  return success;
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
  g_log_set_default_handler (keep_complaint, NULL);
  clear_complaints ();
  input   = can_save (graph->output, error) ? load (parent, graph->input, error) : NULL;
  mask    = input && graph->mask ? load (parent, graph->mask, error) : NULL;
  success = input && (mask || ! graph->mask);
  if (success)
    {
      node    = gegl_node_new_child (parent, "operation", graph->operation, NULL);
      success = set_properties (node, graph, error);
      if (success && mask && ! gegl_node_has_pad (node, "aux"))
        {
          *error  = g_strdup_printf ("%s takes no mask; make what is to be filled transparent", graph->operation);
          success = FALSE;
        }
    }
  if (success)
    {
      sink = gegl_node_new_child (parent, "operation", "gegl:buffer-sink", "buffer", &result, "format", NULL, NULL);
      gegl_node_link_many (input, node, sink, NULL);
      if (mask)
        gegl_node_connect_to (mask, "output", node, "aux");
      g_signal_connect (node, "progress", G_CALLBACK (on_progress), NULL);
      gegl_node_process (sink);
      /* The operation's own message says that there was nothing to do. */
      if (! warning && message && g_str_has_prefix (message, graph->operation))
        warning = g_steal_pointer (&message);
      success = result && ! warning;
      if (! success)
        *error = g_strdup (warning ? warning : "GEGL gave no picture");
    }
  success = success && save (result, graph->output, error);
  g_log_set_default_handler (g_log_default_handler, NULL);
  g_clear_object (&result);
  g_object_unref (parent);
  return success;
}
