/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>
#include <glib/gi18n-lib.h>

#include "model-chooser.h"
#include "models.h"

#define ARGUMENT "model"

enum { COLUMN_LABEL, COLUMN_PATH, COLUMN_DESCRIPTION, COLUMN_COUNT };

/* Makes `path` the chosen one, and puts it into the list if it is not there. */
static void
choose (GtkComboBox *list, const gchar *path)
{
  GtkTreeModel *models = gtk_combo_box_get_model (list);
  GtkTreeIter   row;
  gboolean      more;

  for (more = gtk_tree_model_get_iter_first (models, &row); more; more = gtk_tree_model_iter_next (models, &row))
    {
      gchar   *listed;
      gboolean found;

      gtk_tree_model_get (models, &row, COLUMN_PATH, &listed, -1);
      found = g_strcmp0 (listed, path) == 0;
      g_free (listed);
      if (found)
        break;
    }
  if (! more)
    {
      gchar *name = g_filename_display_basename (path);

      gtk_list_store_insert_with_values (GTK_LIST_STORE (models), &row, -1, COLUMN_LABEL, name, COLUMN_PATH, path,
                                         COLUMN_DESCRIPTION, path, -1);
      g_free (name);
    }
  gtk_combo_box_set_active_iter (list, &row);
}

static GtkListStore *
list_models (const Settings *settings)
{
  GtkListStore *list   = gtk_list_store_new (COLUMN_COUNT, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
  GPtrArray    *models = models_installed (settings);

  for (guint i = 0; i < models->len; i++)
    {
      const Model *model = g_ptr_array_index (models, i);

      gtk_list_store_insert_with_values (list, NULL, -1, COLUMN_LABEL, model->label, COLUMN_PATH, model->path,
                                         COLUMN_DESCRIPTION, model->description, -1);
    }
  g_ptr_array_unref (models);
  return list;
}

static void
on_changed (GtkComboBox *list, GimpProcedureConfig *config)
{
  GtkTreeIter row;
  gchar      *path, *description;
  GFile      *file;

  if (! gtk_combo_box_get_active_iter (list, &row))
    return;
  gtk_tree_model_get (gtk_combo_box_get_model (list), &row, COLUMN_PATH, &path, COLUMN_DESCRIPTION, &description, -1);
  gimp_help_set_help_data (GTK_WIDGET (list), description, NULL);
  file = *path ? g_file_new_for_path (path) : NULL;
  g_object_set (config, ARGUMENT, file, NULL);
  g_clear_object (&file);
  g_free (description);
  g_free (path);
}

/* The user, a reset or saved settings have set the argument. */
static void
on_notified (GimpProcedureConfig *config, GParamSpec *argument, GtkComboBox *list)
{
  GFile *file;
  gchar *path;

  g_object_get (config, ARGUMENT, &file, NULL);
  path = file ? g_file_get_path (file) : NULL;
  choose (list, path ? path : "");
  g_free (path);
  g_clear_object (&file);
}

static void
on_other (GtkWidget *button, GtkComboBox *list)
{
  GtkWidget     *dialog = gtk_file_chooser_dialog_new (_("Choose a Model"), GTK_WINDOW (gtk_widget_get_toplevel (button)),
                                                       GTK_FILE_CHOOSER_ACTION_OPEN, _("_Cancel"), GTK_RESPONSE_CANCEL,
                                                       _("_Open"), GTK_RESPONSE_OK, NULL);
  GtkFileFilter *filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _("Models (model_index.json, *.safetensors, *.ckpt)"));
  for (const gchar *const *pattern = model_patterns; *pattern; pattern++)
    gtk_file_filter_add_pattern (filter, *pattern);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_OK);
  if (gtk_dialog_run (GTK_DIALOG (dialog)) == GTK_RESPONSE_OK)
    {
      gchar *path  = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (dialog));
      gchar *model = path ? model_of_file (path) : NULL;

      if (model)
        choose (list, model);
      g_free (model);
      g_free (path);
    }
  gtk_widget_destroy (dialog);
}

GtkWidget *
model_chooser_new (const Settings *settings, GimpProcedureConfig *config)
{
  GtkWidget       *box    = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkListStore    *models = list_models (settings);
  GtkWidget       *list   = gtk_combo_box_new_with_model (GTK_TREE_MODEL (models));
  GtkWidget       *other  = gtk_button_new ();
  GtkCellRenderer *text   = gtk_cell_renderer_text_new ();

  g_object_unref (models);
  g_object_set (text, "ellipsize", PANGO_ELLIPSIZE_MIDDLE, NULL);
  gtk_cell_layout_pack_start (GTK_CELL_LAYOUT (list), text, TRUE);
  gtk_cell_layout_set_attributes (GTK_CELL_LAYOUT (list), text, "text", COLUMN_LABEL, NULL);
  g_signal_connect (list, "changed", G_CALLBACK (on_changed), config);
  g_signal_connect_object (config, "notify::" ARGUMENT, G_CALLBACK (on_notified), list, 0);
  on_notified (config, NULL, GTK_COMBO_BOX (list));
  gtk_box_pack_start (GTK_BOX (box), list, TRUE, TRUE, 0);
  gtk_container_add (GTK_CONTAINER (other), gtk_image_new_from_icon_name (GIMP_ICON_DOCUMENT_OPEN, GTK_ICON_SIZE_BUTTON));
  gimp_help_set_help_data (other, _("Choose a model that is not in the list"), NULL);
  g_signal_connect (other, "clicked", G_CALLBACK (on_other), list);
  gtk_box_pack_start (GTK_BOX (box), other, FALSE, FALSE, 0);
  return box;
}
