/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "inpaint_keys.h"
#include "operation.h"

/* Less than any share that a selection of 16 bits has. */
#define LEAST_SHARE 1e-5

/* What the operations of this project say while one runs: why it failed, which the operation itself only tells by
 * INPAINT_KEY_FAILED, or what the user may want to know. */
static gchar *said = NULL;

static void
keep (const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer user)
{
  if (! g_str_has_prefix (text, "inpaint:"))
    g_log_default_handler (domain, level, text, NULL);
  else if (! said || (level & (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING))) /* a failure is the last that is said */
    {
      g_free (said);
      said = g_strdup (text);
    }
}

/* Who is told how far a run is, and of which stage last. */
typedef struct {
  OperationProgress tell;
  gpointer          user;
  gchar            *stage;
} Listener;

static void
on_progress (GeglNode *operation, gdouble fraction, Listener *listener)
{
  const gchar *stage  = g_object_get_data (G_OBJECT (gegl_node_get_gegl_operation (operation)), INPAINT_KEY_STAGE);
  gboolean     is_new = stage && *stage && g_strcmp0 (stage, listener->stage) != 0;

  if (is_new)
    {
      g_free (listener->stage);
      listener->stage = g_strdup (stage);
    }
  listener->tell (fraction, is_new ? g_dgettext (GETTEXT_PACKAGE, stage) : NULL, listener->user);
}

/* In `window`: 1 where the image is selected, however little, if what is painted there is blended by the selection once, at
 * the end.  Else the selection's shares, which are stored as if they were linear light. */
static GeglNode *
mask_node (GeglNode *graph, GeglBuffer *selection, const GeglRectangle *window, Reach reach)
{
  GeglNode *source = gegl_node_new_child (graph, "operation", "gegl:buffer-source", "buffer", selection, NULL);
  GeglNode *part   = gegl_node_new_child (graph, "operation", "gegl:crop", "x", (gdouble) window->x,
                                          "y", (gdouble) window->y, "width", (gdouble) window->width,
                                          "height", (gdouble) window->height, NULL);
  GeglNode *mask;

  if (reach == REACH_SELECTION)
    mask = gegl_node_new_child (graph, "operation", "gegl:threshold", "value", LEAST_SHARE, NULL);
  else
    mask = gegl_node_new_child (graph, "operation", "gegl:cast-format", "input-format", babl_format ("Y float"),
                                "output-format", babl_format ("Y' float"), NULL);
  gegl_node_link_many (source, part, mask, NULL);
  return mask;
}

/* Why no model was asked. */
static const gchar *
nothing_to_do (Reach reach)
{
  switch (reach)
    {
    case REACH_CANVAS:
      return _("There is nothing to paint. Set by how many pixels the canvas is to grow.");
    case REACH_LAYER:
      return _("Nothing moves. Select the subject, and set by how many pixels it moves, or another scale.");
    default:
      return _("Nothing is selected, and the layer has no transparent part. Select what is to be repainted.");
    }
}

/* What the operation sees: `window` of the layer's pixels, as they are stored, in the image's space. */
static GeglBuffer *
managed_pixels (const LayerPixels *layer, const GeglRectangle *window)
{
  const Babl *stored  = gegl_buffer_get_format (layer->pixels);
  const Babl *managed = layer->space ? babl_format_with_space (babl_format_get_encoding (stored), layer->space) : stored;
  GeglBuffer *seen    = gegl_buffer_new (window, managed);

  gegl_buffer_set_format (seen, stored); /* nothing is converted */
  gegl_buffer_copy (layer->pixels, window, GEGL_ABYSS_NONE, seen, window);
  gegl_buffer_set_format (seen, NULL);
  return seen;
}

GeglRectangle
operation_window (const Settings *settings, const GeglRectangle *extent, const GeglRectangle *area)
{
  GeglOperation *operation = gegl_node_get_gegl_operation (settings->operation);
  GeglRectangle *answer    = NULL;
  GeglRectangle  window    = *extent;

  g_signal_emit_by_name (operation, INPAINT_SIGNAL_WINDOW, extent, area, &answer);
  if (answer)
    window = *answer;
  g_free (answer);
  return window;
}

GeglBuffer *
operation_run (const Settings *settings, const LayerPixels *layer, const GeglRectangle *window, gint proposal,
               OperationProgress progress, gpointer user, gchar **error)
{
  GLogLevelFlags levels    = G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE;
  GeglBuffer    *result    = NULL;
  Listener       listener  = { progress, user, NULL };
  GeglBuffer    *seen      = managed_pixels (layer, window);
  GeglNode      *graph     = gegl_node_new ();
  GeglNode      *source    = gegl_node_new_child (graph, "operation", "gegl:buffer-source", "buffer", seen, NULL);
  GeglNode      *node      = settings_node (settings, graph, proposal);
  GeglNode      *sink      = gegl_node_new_child (graph, "operation", "gegl:buffer-sink", "buffer", &result, "format", NULL, NULL);
  GObject       *operation = G_OBJECT (gegl_node_get_gegl_operation (node));
  guint          handler, notes;

  gegl_node_link_many (source, node, sink, NULL);
  if (layer->selection)
    gegl_node_connect_to (mask_node (graph, layer->selection, window, settings->procedure->reach), "output", node, "aux");
  g_signal_connect (node, "progress", G_CALLBACK (on_progress), &listener);
  handler = g_log_set_handler (NULL, levels, keep, NULL);
  notes   = g_log_set_handler ("gegl-inpaint", levels, keep, NULL);
  gegl_node_process (sink);
  g_log_remove_handler (NULL, handler);
  g_log_remove_handler ("gegl-inpaint", notes);
  if (g_object_get_data (operation, INPAINT_KEY_NOTHING))
    *error = g_strdup (nothing_to_do (settings->procedure->reach)); /* its own words are in English */
  else if (g_object_get_data (operation, INPAINT_KEY_FAILED) && said)
    *error = g_steal_pointer (&said);
  else if (! result)
    *error = g_strdup_printf (_("%s gave no picture"), settings->procedure->operation);
  if (*error)
    g_clear_object (&result);
  else
    {
      gegl_buffer_set_format (result, gegl_buffer_get_format (layer->pixels));
      if (said)
        g_message ("%s", said);
    }
  g_object_unref (graph);
  g_object_unref (seen);
  g_clear_pointer (&said, g_free);
  g_free (listener.stage);
  return result;
}
