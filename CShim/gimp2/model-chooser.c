#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>
#include <glib/gi18n-lib.h>

#include "default-model.h"
#include "model-chooser.h"
#include "procedures.h"

enum { COLUMN_LABEL, COLUMN_PATH, COLUMN_DESCRIPTION, COLUMN_COUNT };

typedef struct {
  GtkComboBox *list;
  void       (*changed) (const gchar *path, gpointer user);
  gpointer     user;
} Chooser;

static void
append (GtkListStore *models, const gchar *label, const gchar *path, const gchar *description)
{
  gtk_list_store_insert_with_values (models, NULL, -1, COLUMN_LABEL, label, COLUMN_PATH, path,
                                     COLUMN_DESCRIPTION, description, -1);
}

/* What "" stands for. */
static void
append_default (GtkListStore *models)
{
  DefaultModel *model = default_model_find ();
  gchar        *label = model ? g_strdup_printf (_("Default: %s"), model->name) : g_strdup (_("Default"));

  append (models, label, "", model ? model->description : _("The model that the operation finds itself"));
  g_free (label);
  default_model_free (model);
}

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

/* Files with a whole model, as GTK's filter takes them too. */
static const gchar *const model_files[] = { "*.safetensors", "*.ckpt" };

static gboolean
is_model_file (const gchar *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (model_files); i++)
    if (g_pattern_match_simple (model_files[i], name))
      return TRUE;
  return FALSE;
}

/* The models in `folder`: folders with a model_index.json, and files. */
static void
append_models (GtkListStore *models, const gchar *folder)
{
  GDir        *names = g_dir_open (folder, 0, NULL);
  const gchar *name;

  while (names && (name = g_dir_read_name (names)))
    {
      gchar *path  = g_build_filename (folder, name, NULL);
      gchar *index = g_build_filename (path, "model_index.json", NULL);
      gchar *label = g_filename_display_name (name);

      if (is_model_file (name) || g_file_test (index, G_FILE_TEST_EXISTS))
        append (models, label, path, path);
      g_free (label);
      g_free (index);
      g_free (path);
    }
  if (names)
    g_dir_close (names);
}

static GtkListStore *
installed_models (void)
{
  GtkListStore      *models = gtk_list_store_new (COLUMN_COUNT, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
  const gchar *const *shared = g_get_system_data_dirs ();
  gchar             *folder = g_build_filename (g_get_user_data_dir (), "gegl-inpaint", "models", NULL);

  append_default (models);
  append_models (models, folder);
  g_free (folder);
  for (; *shared; shared++)
    {
      folder = g_build_filename (*shared, "gegl-inpaint", "models", NULL);
      append_models (models, folder);
      g_free (folder);
    }
  return models;
}

static void
on_changed (GtkComboBox *list, Chooser *chooser)
{
  GtkTreeIter row;
  gchar      *path, *description;

  if (! gtk_combo_box_get_active_iter (list, &row))
    return;
  gtk_tree_model_get (gtk_combo_box_get_model (list), &row, COLUMN_PATH, &path, COLUMN_DESCRIPTION, &description, -1);
  gimp_help_set_help_data (GTK_WIDGET (list), description, NULL);
  chooser->changed (path, chooser->user);
  g_free (description);
  g_free (path);
}

static void
on_other (GtkWidget *button, Chooser *chooser)
{
  GtkWidget     *dialog = gtk_file_chooser_dialog_new (_("Choose a Model"), GTK_WINDOW (gtk_widget_get_toplevel (button)),
                                                       GTK_FILE_CHOOSER_ACTION_OPEN, _("_Cancel"), GTK_RESPONSE_CANCEL,
                                                       _("_Open"), GTK_RESPONSE_OK, NULL);
  GtkFileFilter *filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _("Models (model_index.json, *.safetensors, *.ckpt)"));
  gtk_file_filter_add_pattern (filter, "model_index.json");
  for (guint i = 0; i < G_N_ELEMENTS (model_files); i++)
    gtk_file_filter_add_pattern (filter, model_files[i]);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_OK);
  if (gtk_dialog_run (GTK_DIALOG (dialog)) == GTK_RESPONSE_OK)
    {
      gchar *path   = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (dialog));
      gchar *folder = path && g_str_has_suffix (path, "/model_index.json") ? g_path_get_dirname (path) : NULL;

      if (path)
        choose (chooser->list, folder ? folder : path);
      g_free (folder);
      g_free (path);
    }
  gtk_widget_destroy (dialog);
}

GtkWidget *
model_chooser_new (const gchar *path, void (*changed) (const gchar *path, gpointer user), gpointer user)
{
  Chooser         *chooser = g_new0 (Chooser, 1);
  GtkWidget       *box     = gtk_hbox_new (FALSE, 6);
  GtkListStore    *models  = installed_models ();
  GtkWidget       *list    = gtk_combo_box_new_with_model (GTK_TREE_MODEL (models));
  GtkWidget       *other   = gtk_button_new ();
  GtkCellRenderer *text    = gtk_cell_renderer_text_new ();

  g_object_unref (models);
  chooser->list    = GTK_COMBO_BOX (list);
  chooser->changed = changed;
  chooser->user    = user;
  g_object_set_data_full (G_OBJECT (box), "chooser", chooser, g_free);
  g_object_set (text, "ellipsize", PANGO_ELLIPSIZE_MIDDLE, NULL);
  gtk_cell_layout_pack_start (GTK_CELL_LAYOUT (list), text, TRUE);
  gtk_cell_layout_set_attributes (GTK_CELL_LAYOUT (list), text, "text", COLUMN_LABEL, NULL);
  g_signal_connect (list, "changed", G_CALLBACK (on_changed), chooser);
  choose (chooser->list, path);
  gtk_box_pack_start (GTK_BOX (box), list, TRUE, TRUE, 0);
  gtk_container_add (GTK_CONTAINER (other), gtk_image_new_from_icon_name (GIMP_ICON_DOCUMENT_OPEN, GTK_ICON_SIZE_BUTTON));
  gimp_help_set_help_data (other, _("Choose a model that is not in the list"), NULL);
  g_signal_connect (other, "clicked", G_CALLBACK (on_other), chooser);
  gtk_box_pack_start (GTK_BOX (box), other, FALSE, FALSE, 0);
  return box;
}
