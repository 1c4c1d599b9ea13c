/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The plug-in for GIMP 3: offers the procedures whose operations GEGL finds, and runs them. */
#include <libgimp/gimp.h>
#include <glib/gi18n-lib.h>

#include "arguments.h"
#include "dialog.h"
#include "layer.h"
#include "plug-in.h"

G_DECLARE_FINAL_TYPE (InpaintPlugIn, inpaint_plug_in, INPAINT, PLUG_IN, GimpPlugIn)

struct _InpaintPlugIn {
  GimpPlugIn parent;
};

G_DEFINE_TYPE (InpaintPlugIn, inpaint_plug_in, GIMP_TYPE_PLUG_IN)

/* Before all else; GIMP calls back in no fixed order. */
static void
initialize (void)
{
  static gboolean is_done = FALSE;

  if (! is_done)
    plug_in_initialize ();
  is_done = TRUE;
}

/* ---- Running ---- */

static GimpPDBStatusType
run_settings (Settings *settings, GimpProcedure *procedure, GimpRunMode mode, GimpImage *image, GimpDrawable *drawable,
              GimpProcedureConfig *config, gchar **error)
{
  const gchar *refused;

  arguments_take (settings, config);
  refused = layer_refusal (settings, image, drawable);
  if (! refused && mode == GIMP_RUN_INTERACTIVE)
    {
      if (! dialog_run (settings, procedure, config))
        return GIMP_PDB_CANCEL;
      arguments_take (settings, config);
      refused = layer_refusal (settings, image, drawable);
    }
  else if (settings->random_seed)
    settings_randomize (settings);
  if (mode != GIMP_RUN_INTERACTIVE)
    settings->previews = FALSE;

  if (refused)
    *error = g_strdup (refused);
  else if (layer_run (settings, image, GIMP_LAYER (drawable), error))
    return GIMP_PDB_SUCCESS;
  return GIMP_PDB_EXECUTION_ERROR;
}

static GimpValueArray *
run (GimpProcedure *procedure, GimpRunMode mode, GimpImage *image, GimpDrawable **drawables, GimpProcedureConfig *config,
     gpointer row)
{
  GimpPDBStatusType status = GIMP_PDB_CALLING_ERROR;
  gchar            *text   = NULL;
  GError           *error  = NULL;

  if (gimp_core_object_array_get_length ((GObject **) drawables) != 1)
    text = g_strdup (_("This works on one layer. Choose one in the Layers dialog."));
  else
    {
      Settings *settings = settings_new (row);

      status = run_settings (settings, procedure, mode, image, drawables[0], config, &text);
      settings_free (settings);
    }
  if (mode != GIMP_RUN_NONINTERACTIVE)
    gimp_displays_flush ();
  if (text)
    error = g_error_new_literal (GIMP_PLUG_IN_ERROR, 0, text);
  g_free (text);
  return gimp_procedure_new_return_values (procedure, status, error); /* takes the error */
}

/* ---- Registering ---- */

static GList *
query_procedures (GimpPlugIn *plug_in)
{
  GList *names = NULL;

  initialize ();
  for (const Procedure *row = procedures; row->name; row++)
    if (procedure_is_available (row))
      names = g_list_append (names, g_strdup (row->name));
  return names;
}

static GimpProcedure *
create_procedure (GimpPlugIn *plug_in, const gchar *name)
{
  const Procedure *row = procedure_by_name (name);
  GimpProcedure   *procedure;
  const gchar     *description, *place;

  initialize ();
  if (! row || ! procedure_is_available (row))
    return NULL;
  description = gegl_operation_get_key (row->operation, "description");
  place       = procedure_menu_path (row);
  procedure   = gimp_image_procedure_new (plug_in, name, GIMP_PDB_PROC_TYPE_PLUGIN, run, (gpointer) row, NULL);
  /* Images of every type: for those that do not work a message says what to do, which a gray entry would not. */
  gimp_procedure_set_image_types (procedure, "*");
  gimp_procedure_set_sensitivity_mask (procedure, GIMP_PROCEDURE_SENSITIVE_DRAWABLE);
  gimp_procedure_set_menu_label (procedure, g_dgettext (GETTEXT_PACKAGE, procedure_menu_label (row)));
  if (place)
    gimp_procedure_add_menu_path (procedure, place);
  gimp_procedure_set_documentation (procedure, description, description, NULL);
  gimp_procedure_set_attribution (procedure, "gegl-inpaint", "LGPL-3.0-or-later", "2026");
  arguments_add (procedure, row);
  return procedure;
}

static void
inpaint_plug_in_class_init (InpaintPlugInClass *klass)
{
  GimpPlugInClass *plug_in = GIMP_PLUG_IN_CLASS (klass);

  plug_in->query_procedures = query_procedures;
  plug_in->create_procedure = create_procedure;
  plug_in->set_i18n         = NULL; /* plug_in_initialize has said where the texts are */
}

static void
inpaint_plug_in_init (InpaintPlugIn *plug_in)
{
}

GIMP_MAIN (inpaint_plug_in_get_type ())
