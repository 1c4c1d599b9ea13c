/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "property-text.h"
#include "settings.h"

Settings *
settings_new (const Procedure *procedure)
{
  Settings *settings = g_new0 (Settings, 1);

  settings->procedure = procedure;
  settings->graph     = gegl_node_new ();
  settings_reset (settings);
  return settings;
}

void
settings_reset (Settings *settings)
{
  gchar *error = NULL;

  if (settings->operation)
    gegl_node_remove_child (settings->graph, settings->operation);
  settings->operation   = gegl_node_new_child (settings->graph, "operation", settings->procedure->operation, NULL);
  settings->proposals   = 1;
  settings->new_layer   = TRUE;
  settings->random_seed = FALSE;
  settings_randomize (settings);
  if (! settings_parse (settings, settings->procedure->defaults, &error))
    g_printerr ("%s: %s\n", settings->procedure->name, error);
  g_free (error);
}

void
settings_free (Settings *settings)
{
  g_object_unref (settings->graph);
  g_free (settings);
}

GParamSpec *
settings_proposals (void)
{
  static GParamSpec *property = NULL;

  if (! property)
    property = g_param_spec_int (SETTING_PROPOSALS, _("Proposals"),
                                 _("How many results, whose seeds follow each other: layers of a group, of which the first is "
                                   "shown"), 1, 8, 1, G_PARAM_READWRITE);
  return property;
}

/* What takes the value of this program's own setting of that name, and its property; NULL if it is none. */
static gint *
own_setting (Settings *settings, const gchar *name, GParamSpec **property)
{
  static GParamSpec *boolean = NULL;

  if (settings->procedure->proposes && g_strcmp0 (name, SETTING_PROPOSALS) == 0)
    {
      *property = settings_proposals ();
      return &settings->proposals;
    }
  if (! boolean)
    boolean = g_param_spec_boolean ("own", NULL, NULL, FALSE, G_PARAM_READWRITE);
  *property = boolean;
  if (g_strcmp0 (name, "new-layer") == 0)
    return &settings->new_layer;
  if (g_strcmp0 (name, "random-seed") == 0)
    return &settings->random_seed;
  *property = procedure_property (settings->procedure, name);
  return NULL;
}

static gboolean
set (Settings *settings, const gchar *name, const gchar *text, gchar **error)
{
  GParamSpec *property;
  gint       *own   = own_setting (settings, name, &property);
  GValue      value = G_VALUE_INIT;
  gboolean    fits;

  if (! property)
    {
      *error = g_strdup_printf (_("%s has no setting \"%s\""), settings->procedure->operation, name);
      return FALSE;
    }
  fits = inpaint_value_from_text (&value, property, text);
  if (! fits)
    {
      gchar *taken = inpaint_values_taken (property);

      *error = g_strdup_printf (_("\"%s\" is no value for %s, which takes %s"), text, name, taken);
      g_free (taken);
    }
  else if (own)
    *own = G_VALUE_HOLDS_INT (&value) ? g_value_get_int (&value) : g_value_get_boolean (&value);
  else
    gegl_node_set_property (settings->operation, name, &value);
  g_value_unset (&value);
  return fits;
}

gboolean
settings_parse (Settings *settings, const gchar *text, gchar **error)
{
  gchar **pairs     = NULL;
  GError *malformed = NULL;
  gboolean success;

  success = g_shell_parse_argv (text ? text : "", NULL, &pairs, &malformed)
            || g_error_matches (malformed, G_SHELL_ERROR, G_SHELL_ERROR_EMPTY_STRING);
  if (! success)
    *error = g_strdup (malformed->message);
  g_clear_error (&malformed);
  for (gint i = 0; success && pairs && pairs[i]; i++)
    {
      gchar **pair = g_strsplit (pairs[i], "=", 2);

      success = g_strv_length (pair) == 2;
      if (success)
        success = set (settings, pair[0], pair[1], error);
      else
        *error = g_strdup_printf (_("\"%s\" is not name=value"), pairs[i]);
      g_strfreev (pair);
    }
  g_strfreev (pairs);
  return success;
}

static void
append (GString *text, const gchar *name, const gchar *value)
{
  gchar *pair   = g_strconcat (name, "=", value, NULL);
  gchar *quoted = g_shell_quote (pair);

  g_string_append_printf (text, "%s ", quoted);
  g_free (quoted);
  g_free (pair);
}

/* A property as text; NULL where it has none. */
static gchar *
value_text (const Settings *settings, GParamSpec *property)
{
  GValue value = G_VALUE_INIT;
  gchar *text;

  g_value_init (&value, property->value_type);
  gegl_node_get_property (settings->operation, property->name, &value);
  text = inpaint_value_to_text (&value);
  g_value_unset (&value);
  return text;
}

gchar *
settings_text (const Settings *settings)
{
  GString     *text = g_string_new (NULL);
  guint        count;
  GParamSpec **properties = gegl_operation_list_properties (settings->procedure->operation, &count);

  append (text, "new-layer", settings->new_layer ? "true" : "false");
  append (text, "random-seed", settings->random_seed ? "true" : "false");
  if (settings->procedure->proposes)
    {
      gchar *proposals = g_strdup_printf ("%d", settings->proposals);

      append (text, SETTING_PROPOSALS, proposals);
      g_free (proposals);
    }
  for (guint i = 0; i < count; i++)
    {
      gchar *written = value_text (settings, properties[i]);

      if (written)
        append (text, properties[i]->name, written);
      g_free (written);
    }
  g_free (properties);
  return g_string_free (text, FALSE);
}

/* NULL where the operation has none. */
static GParamSpec *
seed_property (const Settings *settings)
{
  GParamSpec *property = procedure_property (settings->procedure, "seed");

  return property && GEGL_IS_PARAM_SPEC_SEED (property) ? property : NULL;
}

void
settings_randomize (Settings *settings)
{
  if (seed_property (settings))
    gegl_node_set (settings->operation, "seed", g_random_int (), NULL);
}

guint
settings_seed (const Settings *settings, gint proposal)
{
  guint seed = 0;

  if (seed_property (settings))
    gegl_node_get (settings->operation, "seed", &seed, NULL);
  return seed + (guint) proposal;
}

GeglNode *
settings_node (const Settings *settings, GeglNode *graph, gint proposal)
{
  GeglNode    *node = gegl_node_new_child (graph, "operation", settings->procedure->operation, NULL);
  guint        count;
  GParamSpec **properties = gegl_operation_list_properties (settings->procedure->operation, &count);

  for (guint i = 0; i < count; i++)
    {
      GValue value = G_VALUE_INIT;

      g_value_init (&value, properties[i]->value_type);
      gegl_node_get_property (settings->operation, properties[i]->name, &value);
      gegl_node_set_property (node, properties[i]->name, &value);
      g_value_unset (&value);
    }
  if (seed_property (settings))
    gegl_node_set (node, "seed", settings_seed (settings, proposal), NULL);
  g_free (properties);
  return node;
}
