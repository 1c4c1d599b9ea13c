/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>
#include <glib/gi18n-lib.h>

#include "dialog.h"
#include "property-widgets.h"

#define RESPONSE_RESET 1
#define SPACING        12   /* of GIMP's own dialogs */
#define ROW_SPACING     6
#define MOST_HEIGHT   298   /* of the advanced settings, in pixels: the dialog fits on a screen of 768 */

static GtkWidget *
property_table (Settings *settings, const gchar *const *names)
{
  GtkWidget *table = gtk_table_new (1, PROPERTY_COLUMNS, FALSE);

  gtk_table_set_col_spacings (GTK_TABLE (table), ROW_SPACING);
  gtk_table_set_row_spacings (GTK_TABLE (table), ROW_SPACING);
  for (gint row = 0; names[row]; row++)
    if (procedure_property (settings->procedure, names[row]))
      property_row (settings, names[row], GTK_TABLE (table), row);
  return table;
}

/* The advanced settings, which scroll where they are too many for a screen. */
static GtkWidget *
advanced_settings (Settings *settings)
{
  GtkWidget     *scrolled = gtk_scrolled_window_new (NULL, NULL);
  GtkWidget     *table    = property_table (settings, settings->procedure->advanced);
  GtkWidget     *viewport;
  GtkRequisition needed;

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_add_with_viewport (GTK_SCROLLED_WINDOW (scrolled), table);
  viewport = gtk_bin_get_child (GTK_BIN (scrolled));
  gtk_viewport_set_shadow_type (GTK_VIEWPORT (viewport), GTK_SHADOW_NONE);
  gtk_widget_show_all (scrolled);
  gtk_widget_size_request (table, &needed);
  gtk_widget_set_size_request (scrolled, -1, MIN (needed.height, MOST_HEIGHT));
  return scrolled;
}

/* Shows and changes one of the settings that are this program's own. */
static GtkWidget *
check_button (const gchar *label, const gchar *help, gboolean *setting)
{
  GtkWidget *button = gtk_check_button_new_with_mnemonic (label);

  gimp_help_set_help_data (button, help, NULL);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), *setting);
  g_signal_connect (button, "toggled", G_CALLBACK (gimp_toggle_button_update), setting);
  return button;
}

/* A window of GTK 2 grows with its content, and has to be told to shrink. */
static void
on_expanded (GtkWidget *expander, GParamSpec *property, GtkWidget *window)
{
  GtkRequisition needed;

  gtk_widget_size_request (window, &needed);
  gtk_window_resize (GTK_WINDOW (window), needed.width, needed.height);
}

/* Everything between the title and the buttons; replaces what is there. */
static void
fill_dialog (GtkWidget *dialog, Settings *settings, gboolean expanded)
{
  GtkWidget *area    = gtk_dialog_get_content_area (GTK_DIALOG (dialog));
  GtkWidget *former  = g_object_get_data (G_OBJECT (dialog), "content");
  GtkWidget *content = gtk_vbox_new (FALSE, SPACING);
  GtkWidget *more    = gtk_expander_new_with_mnemonic (_("_Advanced"));
  GtkWidget *inset   = gtk_alignment_new (0.0, 0.0, 1.0, 1.0);
  GtkWidget *shown   = property_table (settings, settings->procedure->shown);
  GtkWidget *layer   = check_button (_("Result as new _layer"), _("Leave the layer as it is, and put the result above it"),
                                     &settings->new_layer);

  if (former)
    gtk_widget_destroy (former);
  g_object_set_data (G_OBJECT (dialog), "content", content);
  g_object_set_data (G_OBJECT (dialog), "expander", more);
  gtk_container_set_border_width (GTK_CONTAINER (content), SPACING);
  gtk_box_pack_start (GTK_BOX (area), content, TRUE, TRUE, 0);
  if (settings->procedure->proposes)
    proposals_row (settings, GTK_TABLE (shown));
  gtk_box_pack_start (GTK_BOX (content), shown, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (content), layer, FALSE, FALSE, 0);
  if (settings->procedure->previews)
    {
      const gchar *help = _("Show in a window what becomes of the picture while it is painted");

      gtk_box_pack_start (GTK_BOX (content), check_button (_("Show _previews"), help, &settings->previews), FALSE, FALSE, 0);
    }
  gtk_box_pack_start (GTK_BOX (content), more, FALSE, FALSE, 0);
  gtk_alignment_set_padding (GTK_ALIGNMENT (inset), ROW_SPACING, 0, SPACING, 0);
  gtk_container_add (GTK_CONTAINER (inset), advanced_settings (settings));
  gtk_container_add (GTK_CONTAINER (more), inset);
  gtk_expander_set_expanded (GTK_EXPANDER (more), expanded);
  g_signal_connect (more, "notify::expanded", G_CALLBACK (on_expanded), dialog);
  gtk_widget_show_all (content);
}

gboolean
dialog_run (Settings *settings)
{
  gchar     *title = procedure_title (settings->procedure);
  GtkWidget *dialog;
  gint       response;

  gimp_ui_init (g_get_prgname (), FALSE);
  dialog = gimp_dialog_new (title, settings->procedure->name, NULL, 0, NULL, NULL, _("_Reset"), RESPONSE_RESET,
                            _("_Cancel"), GTK_RESPONSE_CANCEL, _("_OK"), GTK_RESPONSE_OK, NULL);
  gtk_dialog_set_alternative_button_order (GTK_DIALOG (dialog), GTK_RESPONSE_OK, RESPONSE_RESET,
                                           GTK_RESPONSE_CANCEL, -1);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_OK);
  gimp_window_set_transient (GTK_WINDOW (dialog));
  fill_dialog (dialog, settings, FALSE);
  gtk_widget_show (dialog);
  while ((response = gimp_dialog_run (GIMP_DIALOG (dialog))) == RESPONSE_RESET)
    {
      GtkExpander *expander = g_object_get_data (G_OBJECT (dialog), "expander");

      settings_reset (settings);
      fill_dialog (dialog, settings, gtk_expander_get_expanded (expander));
    }
  gtk_widget_destroy (dialog);
  g_free (title);
  return response == GTK_RESPONSE_OK;
}
