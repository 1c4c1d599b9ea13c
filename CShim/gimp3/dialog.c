/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>
#include <glib/gi18n-lib.h>

#include "arguments.h"
#include "dialog.h"
#include "rows.h"

#define SPACING       12   /* of GIMP's own dialogs */
#define MOST_HEIGHT  218   /* of the advanced settings, in pixels: the dialog fits on a screen of 768 */

static GtkWidget *
row_box (Rows *rows, const gchar *const *names)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, ROW_SPACING);

  for (; *names; names++)
    {
      GParamSpec *property = procedure_property (rows->settings->procedure, *names);

      if (property)
        {
          gboolean grows = row_grows (property);

          gtk_box_pack_start (GTK_BOX (box), row_new (rows, property), grows, grows, 0);
        }
    }
  return box;
}

/* The advanced settings, which scroll where they are too many for a screen. */
static GtkWidget *
advanced_settings (Rows *rows)
{
  GtkWidget *scrolled = gtk_scrolled_window_new (NULL, NULL);
  GtkWidget *more     = gtk_expander_new_with_mnemonic (_("_Advanced"));
  GtkWidget *box      = row_box (rows, rows->settings->procedure->advanced);
  gint       needed;

  gtk_widget_set_margin_top (box, ROW_SPACING);
  gtk_widget_set_margin_start (box, SPACING);
  gtk_widget_set_margin_end (box, SPACING); /* beside the scroll bar */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_container_add (GTK_CONTAINER (scrolled), box);
  gtk_widget_show_all (box);
  gtk_widget_get_preferred_height (box, &needed, NULL);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scrolled), MIN (needed, MOST_HEIGHT));
  gtk_container_add (GTK_CONTAINER (more), scrolled);
  gtk_expander_set_resize_toplevel (GTK_EXPANDER (more), TRUE);
  return more;
}

/* 0, the default, is a seed that nobody has chosen. */
static void
draw_seed (const Settings *settings, GimpProcedureConfig *config)
{
  gint seed;

  if (! procedure_property (settings->procedure, "seed"))
    return;
  g_object_get (config, "seed", &seed, NULL);
  if (seed == 0)
    g_object_set (config, "seed", g_random_int_range (1, G_MAXINT), NULL);
}

/* GTK would begin with OK. */
static void
focus_first_row (GtkWidget *dialog, GtkWidget *content)
{
  gtk_widget_child_focus (content, GTK_DIR_TAB_FORWARD);
}

gboolean
dialog_run (const Settings *settings, GimpProcedure *procedure, GimpProcedureConfig *config)
{
  gchar               *title = procedure_title (settings->procedure);
  GtkWidget           *content;
  GimpProcedureDialog *dialog;
  GtkBox              *area;
  Rows                 rows;
  gboolean             agreed;

  gimp_ui_init (g_get_prgname ());
  draw_seed (settings, config); /* before the dialog keeps its initial values */
  dialog  = GIMP_PROCEDURE_DIALOG (gimp_procedure_dialog_new (procedure, config, title));
  rows    = (Rows) { settings, config, dialog, gtk_size_group_new (GTK_SIZE_GROUP_HORIZONTAL) };
  content = gtk_box_new (GTK_ORIENTATION_VERTICAL, SPACING);
  area    = GTK_BOX (gtk_dialog_get_content_area (GTK_DIALOG (dialog)));
  gtk_widget_set_margin_bottom (content, SPACING);
  gtk_box_pack_start (area, content, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (content), row_box (&rows, settings->procedure->shown), TRUE, TRUE, 0);
  if (settings->procedure->proposes)
    gtk_box_pack_start (GTK_BOX (content), row_proposals (&rows), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (content), gimp_procedure_dialog_get_widget (dialog, ARGUMENT_NEW_LAYER, G_TYPE_NONE),
                      FALSE, FALSE, 0);
  if (settings->procedure->previews)
    gtk_box_pack_start (GTK_BOX (content), gimp_procedure_dialog_get_widget (dialog, ARGUMENT_PREVIEWS, G_TYPE_NONE),
                        FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (content), advanced_settings (&rows), FALSE, FALSE, 0);
  gtk_widget_show_all (content);
  g_signal_connect_after (dialog, "map", G_CALLBACK (focus_first_row), content);
  agreed = gimp_procedure_dialog_run (dialog);
  g_object_unref (rows.labels);
  gtk_widget_destroy (GTK_WIDGET (dialog));
  g_free (title);
  return agreed;
}
