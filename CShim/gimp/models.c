/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "inpaint_keys.h"
#include "models.h"

#define INDEX "model_index.json"

const gchar *const model_patterns[] = { INDEX, "*.safetensors", "*.ckpt", "*.pt", NULL };

gchar *
model_of_file (const gchar *path)
{
  gchar   *name     = g_path_get_basename (path);
  gboolean is_index = g_strcmp0 (name, INDEX) == 0;

  g_free (name);
  return is_index ? g_path_get_dirname (path) : g_strdup (path);
}

static void
model_free (gpointer model)
{
  g_free (((Model *) model)->label);
  g_free (((Model *) model)->path);
  g_free (((Model *) model)->description);
  g_free (model);
}

static void
append (GPtrArray *models, const gchar *path, const gchar *label, const gchar *description)
{
  Model *model = g_new (Model, 1);

  *model = (Model) { g_strdup (label), g_strdup (path), g_strdup (description) };
  g_ptr_array_add (models, model);
}

/* What "" stands for. */
static void
append_default (GPtrArray *models, const Settings *settings)
{
  GeglOperation *operation = gegl_node_get_gegl_operation (settings->operation);
  gchar        **texts     = NULL;

  g_signal_emit_by_name (operation, INPAINT_SIGNAL_DEFAULT_MODEL, &texts);
  if (texts)
    {
      gchar *name  = g_filename_display_name (texts[INPAINT_MODEL_NAME]);
      gchar *label = g_strdup_printf (_("Default: %s"), name);

      append (models, "", label, texts[INPAINT_MODEL_DESCRIPTION]);
      g_free (label);
      g_free (name);
    }
  else
    append (models, "", _("Default"), _("The model that the operation finds itself"));
  g_strfreev (texts);
}

static gboolean
is_model (const gchar *folder, const gchar *name)
{
  gchar   *index  = g_build_filename (folder, name, INDEX, NULL);
  gboolean result = g_file_test (index, G_FILE_TEST_EXISTS);

  for (const gchar *const *pattern = model_patterns; *pattern && ! result; pattern++)
    result = g_pattern_match_simple (*pattern, name);
  g_free (index);
  return result;
}

static void
append_models (GPtrArray *models, const gchar *data)
{
  gchar       *folder = g_build_filename (data, "gegl-inpaint", "models", NULL);
  GDir        *names  = g_dir_open (folder, 0, NULL);
  const gchar *name;

  while (names && (name = g_dir_read_name (names)))
    {
      gchar *path  = g_build_filename (folder, name, NULL);
      gchar *label = g_filename_display_name (name);

      if (is_model (folder, name))
        append (models, path, label, path);
      g_free (label);
      g_free (path);
    }
  if (names)
    g_dir_close (names);
  g_free (folder);
}

GPtrArray *
models_installed (const Settings *settings)
{
  GPtrArray *models = g_ptr_array_new_with_free_func (model_free);

  append_default (models, settings);
  append_models (models, g_get_user_data_dir ());
  for (const gchar *const *shared = g_get_system_data_dirs (); *shared; shared++)
    append_models (models, *shared);
  return models;
}
