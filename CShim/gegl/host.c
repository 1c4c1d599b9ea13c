/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* How an operation tells its host, and through it the user. */
#include <unistd.h>

#include "host.h"
#include "inpaint_keys.h"

/* gimp-2.10, gimp-console-2.10, ...; not this project's plug-in, gimp-inpaint, which shows no previews. */
static gboolean
host_is_gimp (void)
{
  const gchar *program = g_get_prgname ();

  return program && g_str_has_prefix (program, "gimp") && ! g_str_has_prefix (program, "gimp-inpaint");
}

/* GIMP would open a dialog at every change of a preview.  The tool and the plug-in for GIMP show what comes from this
 * domain. */
void
inpaint_log (GeglOperation *operation, const gchar *text)
{
  if (! host_is_gimp ())
    g_log ("gegl-inpaint", G_LOG_LEVEL_MESSAGE, "%s: %s", gegl_operation_get_name (operation), text);
}

/* GIMP's user hears a thing once, not at every change of a preview: a dialog keeps its operation. */
static void
say_once (GeglOperation *operation, const gchar *text)
{
  GQuark   said   = g_quark_from_static_string ("inpaint-said");
  gboolean is_new = g_strcmp0 (text, g_object_get_qdata (G_OBJECT (operation), said)) != 0;

  g_object_set_qdata_full (G_OBJECT (operation), said, g_strdup (text), g_free);
  if (is_new)
    g_message ("%s", text);
}

/* Keeps for the host how a run ends: `nothing`, which is taken over, says why there was nothing to do. */
static void
set_outcome (GeglOperation *operation, gboolean failed, gchar *nothing)
{
  g_object_set_data (G_OBJECT (operation), INPAINT_KEY_FAILED, GINT_TO_POINTER (failed));
  g_object_set_data_full (G_OBJECT (operation), INPAINT_KEY_NOTHING, nothing, g_free);
}

void
inpaint_log_unset (GeglOperation *operation, const gchar *text)
{
  inpaint_log (operation, text);
  set_outcome (operation, FALSE, g_strdup_printf ("%s: %s", gegl_operation_get_name (operation), text));
}

void
inpaint_log_nothing (GeglOperation *operation, const gchar *text)
{
  inpaint_log_unset (operation, text);
  if (host_is_gimp ())
    say_once (operation, g_object_get_data (G_OBJECT (operation), INPAINT_KEY_NOTHING));
}

void
inpaint_clear_nothing (GeglOperation *operation)
{
  set_outcome (operation, FALSE, NULL);
}

/* GEGL ignores a process() that fails, and `gegl` would write a picture that was not repainted and return 0.  This is
 * the one place that ends a process, and only that program's, before it has written anything. */
void
inpaint_fail (GeglOperation *operation, gchar *error)
{
  gchar *text = error ? error : g_strdup_printf ("%s: out of memory for the image's pixels",
                                                 gegl_operation_get_name (operation));

  set_outcome (operation, TRUE, NULL);
  if (host_is_gimp ())
    say_once (operation, text);
  else
    g_warning ("%s", text);
  g_free (text);
  if (g_strcmp0 (g_get_prgname (), "gegl") == 0)
    _exit (1);
}

void
inpaint_set_failed (GeglOperation *operation)
{
  set_outcome (operation, TRUE, NULL);
}

gboolean
inpaint_has_failed (GeglOperation *operation)
{
  return g_object_get_data (G_OBJECT (operation), INPAINT_KEY_FAILED) != NULL;
}

bool
inpaint_report_progress (void *user, double fraction, const char *stage)
{
  /* While the node's signal "progress" is sent, hosts find the text here. */
  g_object_set_data (user, INPAINT_KEY_STAGE, (gpointer) stage);
  gegl_operation_progress (user, fraction, (gchar *) stage);
  g_object_set_data (user, INPAINT_KEY_STAGE, NULL);
  return true;
}
