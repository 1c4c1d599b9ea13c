/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The GIMP 2.10 plug-in: registers the procedures whose operations GEGL finds, and runs them. */
#include <libgimp/gimp.h>
#include <glib/gi18n-lib.h>

#include "dialog.h"
#include "layer.h"
#include "memory.h"
#include "plug-in.h"

/* Every procedure's first arguments, the operation's shown properties behind them, and the last ones. */
static const GimpParamDef first_arguments[] = {
  { GIMP_PDB_INT32,    "run-mode", "The run mode { RUN-INTERACTIVE (0), RUN-NONINTERACTIVE (1) }" },
  { GIMP_PDB_IMAGE,    "image",    "The image; its selection is what is repainted" },
  { GIMP_PDB_DRAWABLE, "drawable", "The layer" },
};
static const GimpParamDef last_arguments[] = {
  { GIMP_PDB_INT32,    "new-layer", "The result as a new layer { TRUE, FALSE }" },
  { GIMP_PDB_STRING,   "settings",  "Other settings as name=value, separated by blanks and quoted as in a shell; "
                                    "\"\" for the defaults" },
};
#define MOST_ARGUMENTS (G_N_ELEMENTS (first_arguments) + G_N_ELEMENTS (procedures->shown)                              \
                        + G_N_ELEMENTS (last_arguments))

/* Before all else. */
static void
initialize (void)
{
  gchar *locales = plug_in_locales ();

  gimp_plugin_domain_register (GETTEXT_PACKAGE, locales);
  g_free (locales);
  plug_in_initialize ();
}

/* ---- Registering ---- */

static GimpPDBArgType
argument_type (GParamSpec *property)
{
  switch (G_TYPE_FUNDAMENTAL (property->value_type))
    {
    case G_TYPE_STRING:
      return GIMP_PDB_STRING;
    case G_TYPE_DOUBLE:
      return GIMP_PDB_FLOAT;
    default:
      return GIMP_PDB_INT32;
    }
}

/* One line for each property that the argument "settings" takes. */
static gchar *
settings_help (const Procedure *procedure)
{
  GString     *text = g_string_new (gegl_operation_get_key (procedure->operation, "description"));
  guint        count;
  GParamSpec **properties = gegl_operation_list_properties (procedure->operation, &count);

  g_string_append (text, ".\n\nNames for \"settings\"");
  if (*procedure->defaults)
    g_string_append_printf (text, " (default: \"%s\")", procedure->defaults);
  g_string_append_c (text, ':');
  for (guint i = 0; i < count; i++)
    if (! g_strv_contains (procedure->shown, properties[i]->name))
      g_string_append_printf (text, "\n%s: %s", properties[i]->name, g_param_spec_get_blurb (properties[i]));
  g_free (properties);
  return g_string_free (text, FALSE);
}

static void
install (const Procedure *procedure)
{
  GimpParamDef arguments[MOST_ARGUMENTS];
  gint         count = 0;
  gchar       *help  = settings_help (procedure);
  const gchar *place = procedure_menu_path (procedure);
  /* GIMP 2.10 would translate it itself, but looks it up, once, before it knows this program's folder. */
  const gchar *label = g_dgettext (GETTEXT_PACKAGE, procedure_menu_label (procedure));

  for (guint i = 0; i < G_N_ELEMENTS (first_arguments); i++)
    arguments[count++] = first_arguments[i];
  if (procedure->reach == REACH_CANVAS)
    arguments[1].description = "The image, whose canvas grows whatever is selected";
  for (guint i = 0; procedure->shown[i]; i++)
    {
      GParamSpec *property = procedure_property (procedure, procedure->shown[i]);

      if (property)
        arguments[count++] = (GimpParamDef) { argument_type (property), (gchar *) procedure->shown[i],
                                              (gchar *) g_param_spec_get_blurb (property) };
    }
  for (guint i = 0; i < G_N_ELEMENTS (last_arguments); i++)
    arguments[count++] = last_arguments[i];

  /* Images of every type: for those that do not work a message says what to do, which a gray entry would not. */
  gimp_install_procedure (procedure->name, gegl_operation_get_key (procedure->operation, "description"), help,
                          "gegl-inpaint", "LGPL-3.0-or-later", "2026", label, "*",
                          GIMP_PLUGIN, count, 0, arguments, NULL);
  if (place)
    gimp_plugin_menu_register (procedure->name, place);
  g_free (help);
}

static void
query (void)
{
  initialize ();
  for (const Procedure *procedure = procedures; procedure->name; procedure++)
    if (procedure_is_available (procedure))
      install (procedure);
}

/* ---- Running ---- */

/* FALSE, with *error set, if an argument is out of range. */
static gboolean
take_arguments (Settings *settings, const GimpParam *arguments, gint count, gchar **error)
{
  const Procedure *procedure = settings->procedure;
  gint             next      = G_N_ELEMENTS (first_arguments);

  for (guint i = 0; procedure->shown[i]; i++)
    {
      GParamSpec *property = procedure_property (procedure, procedure->shown[i]);
      GValue      value    = G_VALUE_INIT;
      gboolean    changed;

      if (! property)
        continue;
      if (next >= count || arguments[next].type != argument_type (property))
        break;
      if (arguments[next].type == GIMP_PDB_STRING)
        {
          g_value_init (&value, G_TYPE_STRING);
          g_value_set_string (&value, arguments[next].data.d_string);
        }
      else
        {
          GValue number = G_VALUE_INIT;

          g_value_init (&number, arguments[next].type == GIMP_PDB_FLOAT ? G_TYPE_DOUBLE : G_TYPE_INT);
          if (arguments[next].type == GIMP_PDB_FLOAT)
            g_value_set_double (&number, arguments[next].data.d_float);
          else
            g_value_set_int (&number, arguments[next].data.d_int32);
          g_value_init (&value, property->value_type);
          g_value_transform (&number, &value);
        }
      changed = g_param_value_validate (property, &value);
      if (! changed)
        gegl_node_set_property (settings->operation, property->name, &value);
      g_value_unset (&value);
      if (changed)
        {
          *error = g_strdup_printf (_("The argument %s is out of range"), property->name);
          return FALSE;
        }
      next++;
    }
  if (next + (gint) G_N_ELEMENTS (last_arguments) != count)
    {
      *error = g_strdup (_("The plug-in and the operation are of different versions. Install both anew and start GIMP "
                           "again."));
      return FALSE;
    }
  settings->new_layer = arguments[next].data.d_int32 != 0;
  return settings_parse (settings, arguments[next + 1].data.d_string, error);
}

static GimpPDBStatusType
run_procedure (const Procedure *procedure, const GimpParam *arguments, gint count, gchar **error)
{
  GimpRunMode       mode     = arguments[0].data.d_int32;
  gint32            image    = arguments[1].data.d_image;
  gint32            drawable = arguments[2].data.d_drawable;
  GimpPDBStatusType status   = GIMP_PDB_EXECUTION_ERROR;
  Settings         *settings = settings_new (procedure);
  const gchar      *refused;

  if (mode == GIMP_RUN_NONINTERACTIVE)
    {
      if (! take_arguments (settings, arguments, count, error))
        {
          settings_free (settings);
          return GIMP_PDB_CALLING_ERROR;
        }
    }
  else
    memory_recall (settings);

  refused = layer_refusal (settings, image, drawable);
  if (! refused && mode == GIMP_RUN_INTERACTIVE)
    {
      if (! dialog_run (settings))
        {
          settings_free (settings);
          return GIMP_PDB_CANCEL;
        }
      memory_remember (settings);
      refused = layer_refusal (settings, image, drawable);
    }
  else if (settings->random_seed)
    settings_randomize (settings);
  if (mode != GIMP_RUN_INTERACTIVE)
    settings->previews = FALSE;

  if (refused)
    *error = g_strdup (refused);
  else if (layer_run (settings, image, drawable, error))
    status = GIMP_PDB_SUCCESS;
  if (mode != GIMP_RUN_NONINTERACTIVE)
    gimp_displays_flush ();
  settings_free (settings);
  return status;
}

static void
run (const gchar *name, gint count, const GimpParam *arguments, gint *value_count, GimpParam **values)
{
  static GimpParam returned[2];
  static gchar    *error     = NULL;   /* GIMP reads it after this function */
  const Procedure *procedure = procedure_by_name (name);

  initialize ();
  returned[0].type = GIMP_PDB_STATUS;
  if (! procedure || count < (gint) G_N_ELEMENTS (first_arguments))
    returned[0].data.d_status = GIMP_PDB_CALLING_ERROR;
  else if (! procedure_is_available (procedure))
    {
      returned[0].data.d_status = GIMP_PDB_EXECUTION_ERROR;
      error = g_strdup_printf (_("GEGL does not find the operation %s. Install the plug-in anew, and see what the "
                                 "command \"inpaint doctor\" says."), procedure->operation);
    }
  else
    returned[0].data.d_status = run_procedure (procedure, arguments, count, &error);

  if (error)
    {
      returned[1].type          = GIMP_PDB_STRING;
      returned[1].data.d_string = error;
    }
  *value_count = error ? 2 : 1;
  *values      = returned;
}

const GimpPlugInInfo PLUG_IN_INFO = { NULL, NULL, query, run };

MAIN ()
