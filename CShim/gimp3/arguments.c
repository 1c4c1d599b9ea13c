/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "arguments.h"

/* ---- Adding ---- */

static void
add_choice (GimpProcedure *procedure, GParamSpec *property, gint value)
{
  GEnumClass *enumeration = G_ENUM_CLASS (g_type_class_ref (property->value_type));
  GimpChoice *choice      = gimp_choice_new ();

  for (guint i = 0; i < enumeration->n_values; i++)
    gimp_choice_add (choice, enumeration->values[i].value_nick, enumeration->values[i].value,
                     g_dgettext (GETTEXT_PACKAGE, enumeration->values[i].value_name), NULL);
  gimp_procedure_add_choice_argument (procedure, property->name, g_param_spec_get_nick (property),
                                      g_param_spec_get_blurb (property), choice,
                                      g_enum_get_value (enumeration, value)->value_nick, G_PARAM_READWRITE);
  g_type_class_unref (enumeration);
}

/* GIMP refuses what is no existing file before the procedure runs, but for a model, which may be a folder too. */
static void
add_file (GimpProcedure *procedure, GParamSpec *property)
{
  GimpFileChooserAction action = g_strcmp0 (property->name, "model") == 0 ? GIMP_FILE_CHOOSER_ACTION_ANY
                                                                          : GIMP_FILE_CHOOSER_ACTION_OPEN;

  gimp_procedure_add_file_argument (procedure, property->name, g_param_spec_get_nick (property),
                                    g_param_spec_get_blurb (property), action, TRUE, NULL, G_PARAM_READWRITE);
}

/* `defaults` has the argument's default. */
static void
add_argument (GimpProcedure *procedure, const Settings *defaults, GParamSpec *property)
{
  const gchar *name  = property->name;
  const gchar *nick  = g_param_spec_get_nick (property);
  const gchar *blurb = g_param_spec_get_blurb (property);
  GValue       value = G_VALUE_INIT;

  g_value_init (&value, property->value_type);
  gegl_node_get_property (defaults->operation, name, &value);
  if (GEGL_IS_PARAM_SPEC_SEED (property)) /* GIMP has no widget for unsigned numbers */
    gimp_procedure_add_int_argument (procedure, name, nick, blurb, 0, G_MAXINT, 0, G_PARAM_READWRITE);
  else if (GEGL_IS_PARAM_SPEC_FILE_PATH (property))
    add_file (procedure, property);
  else if (G_IS_PARAM_SPEC_ENUM (property))
    add_choice (procedure, property, g_value_get_enum (&value));
  else if (G_IS_PARAM_SPEC_INT (property))
    gimp_procedure_add_int_argument (procedure, name, nick, blurb, G_PARAM_SPEC_INT (property)->minimum,
                                     G_PARAM_SPEC_INT (property)->maximum, g_value_get_int (&value), G_PARAM_READWRITE);
  else if (G_IS_PARAM_SPEC_DOUBLE (property))
    gimp_procedure_add_double_argument (procedure, name, nick, blurb, G_PARAM_SPEC_DOUBLE (property)->minimum,
                                        G_PARAM_SPEC_DOUBLE (property)->maximum, g_value_get_double (&value),
                                        G_PARAM_READWRITE);
  else if (G_IS_PARAM_SPEC_BOOLEAN (property))
    gimp_procedure_add_boolean_argument (procedure, name, nick, blurb, g_value_get_boolean (&value), G_PARAM_READWRITE);
  else
    gimp_procedure_add_string_argument (procedure, name, nick, blurb, g_value_get_string (&value), G_PARAM_READWRITE);
  g_value_unset (&value);
}

static void
add_arguments (GimpProcedure *procedure, const Settings *defaults, const gchar *const *names)
{
  for (; *names; names++)
    {
      GParamSpec *property = procedure_property (defaults->procedure, *names);

      if (property)
        add_argument (procedure, defaults, property);
    }
}

static gboolean
is_in_dialog (const Procedure *row, const gchar *name)
{
  return g_strv_contains (row->shown, name) || g_strv_contains (row->advanced, name);
}

void
arguments_add (GimpProcedure *procedure, const Procedure *row)
{
  Settings    *defaults = settings_new (row);
  guint        count;
  GParamSpec **properties = gegl_operation_list_properties (row->operation, &count);

  add_arguments (procedure, defaults, row->shown);
  if (row->proposes)
    {
      GParamSpec *proposals = settings_proposals ();

      gimp_procedure_add_int_argument (procedure, SETTING_PROPOSALS, g_param_spec_get_nick (proposals),
                                       g_param_spec_get_blurb (proposals), G_PARAM_SPEC_INT (proposals)->minimum,
                                       G_PARAM_SPEC_INT (proposals)->maximum, defaults->proposals, G_PARAM_READWRITE);
    }
  gimp_procedure_add_boolean_argument (procedure, ARGUMENT_NEW_LAYER, _("Result as a new layer"),
                                       _("Leave the layer as it is, and put the result above it"),
                                       defaults->new_layer, G_PARAM_READWRITE);
  add_arguments (procedure, defaults, row->advanced);
  for (guint i = 0; i < count; i++)
    if (! is_in_dialog (row, properties[i]->name))
      add_argument (procedure, defaults, properties[i]);
  gimp_procedure_add_boolean_aux_argument (procedure, ARGUMENT_RANDOM_SEED, ARGUMENT_RANDOM_SEED, NULL,
                                           defaults->random_seed, G_PARAM_READWRITE);
  g_free (properties);
  settings_free (defaults);
}

/* ---- Taking ---- */

/* The property's value, which has another type in GIMP where it is a file, an enumeration or a seed. */
static void
take_argument (const Settings *settings, GParamSpec *property, GimpProcedureConfig *config)
{
  GObject     *from  = G_OBJECT (config);
  const gchar *name  = property->name;
  GValue       value = G_VALUE_INIT;

  g_value_init (&value, property->value_type);
  if (GEGL_IS_PARAM_SPEC_FILE_PATH (property))
    {
      GFile *file = NULL;
      gchar *path;

      g_object_get (from, name, &file, NULL);
      path = file ? g_file_get_path (file) : NULL;
      g_value_take_string (&value, path ? path : g_strdup (""));
      g_clear_object (&file);
    }
  else if (G_IS_PARAM_SPEC_ENUM (property))
    g_value_set_enum (&value, gimp_procedure_config_get_choice_id (config, name));
  else
    g_object_get_property (from, name, &value); /* a seed's int becomes unsigned */
  gegl_node_set_property (settings->operation, name, &value);
  g_value_unset (&value);
}

void
arguments_take (Settings *settings, GimpProcedureConfig *config)
{
  guint        count;
  GParamSpec **properties = gegl_operation_list_properties (settings->procedure->operation, &count);

  for (guint i = 0; i < count; i++)
    take_argument (settings, properties[i], config);
  if (settings->procedure->proposes)
    g_object_get (config, SETTING_PROPOSALS, &settings->proposals, NULL);
  g_object_get (config, ARGUMENT_NEW_LAYER, &settings->new_layer, ARGUMENT_RANDOM_SEED, &settings->random_seed, NULL);
  g_free (properties);
}
