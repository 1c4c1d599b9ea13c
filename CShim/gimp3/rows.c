/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <libgimp/gimp.h>
#include <gegl-paramspecs.h>

#include "arguments.h"
#include "model-chooser.h"
#include "rows.h"

#define TEXT_HEIGHT 48   /* pixels: about three lines */
#define SEED_WIDTH  10   /* digits */

gboolean
row_grows (GParamSpec *property)
{
  return g_strcmp0 (gegl_param_spec_get_property_key (property, "multiline"), "true") == 0;
}

/* ---- By hand ---- */

static GtkWidget *
labeled (Rows *rows, GParamSpec *property, GtkWidget *widget)
{
  GtkWidget *box   = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, ROW_SPACING);
  GtkWidget *label = gtk_label_new (g_param_spec_get_nick (property));

  gtk_label_set_xalign (GTK_LABEL (label), 0.0);
  if (row_grows (property))
    gtk_widget_set_valign (label, GTK_ALIGN_START);
  gtk_size_group_add_widget (rows->labels, label);
  gtk_box_pack_start (GTK_BOX (box), label, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), widget, TRUE, TRUE, 0);
  return box;
}

static GtkWidget *
text_row (Rows *rows, GParamSpec *property)
{
  GtkWidget *frame = gtk_scrolled_window_new (NULL, NULL);
  GtkWidget *view  = gimp_procedure_dialog_get_widget (rows->dialog, property->name, GTK_TYPE_TEXT_VIEW);

  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (view), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE);
  gtk_widget_set_size_request (frame, -1, TEXT_HEIGHT);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (frame), GTK_POLICY_AUTOMATIC, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_shadow_type (GTK_SCROLLED_WINDOW (frame), GTK_SHADOW_IN);
  gtk_container_add (GTK_CONTAINER (frame), view);
  return labeled (rows, property, frame);
}

/* GIMP draws 32 bits, the argument has 31. */
static void
on_seed (GtkAdjustment *adjustment, GimpProcedureConfig *config)
{
  const gchar *name  = g_object_get_data (G_OBJECT (adjustment), "inpaint-name");
  guint        drawn = (guint) gtk_adjustment_get_value (adjustment);
  gint         seed  = (gint) (drawn & G_MAXINT);

  if (drawn != (guint) seed)
    gtk_adjustment_set_value (adjustment, seed);
  else
    g_object_set (config, name, seed, NULL);
}

/* The letter of "Randomize" is that of the dialog's "Reset". */
static void
remove_mnemonic (GtkButton *button)
{
  gchar **parts = g_strsplit (gtk_button_get_label (button), "_", -1);
  gchar  *label = g_strjoinv ("", parts);

  gtk_button_set_label (button, label);
  gtk_button_set_use_underline (button, FALSE);
  g_free (label);
  g_strfreev (parts);
}

/* GIMP's row of number, "New Seed" and "Randomize", which keeps both in memory of its own too. */
static GtkWidget *
seed_row (Rows *rows, GParamSpec *property)
{
  struct { guint32 seed; gboolean random; } *kept = g_malloc0 (sizeof *kept);
  GtkWidget     *row;
  GtkAdjustment *adjustment;
  gint           seed;

  g_object_get (rows->config, property->name, &seed, ARGUMENT_RANDOM_SEED, &kept->random, NULL);
  kept->seed = (guint32) seed;
  row        = gimp_random_seed_new (&kept->seed, &kept->random);
  g_object_set_data_full (G_OBJECT (row), "inpaint-kept", kept, g_free);
  adjustment = GIMP_RANDOM_SEED_SPINBUTTON_ADJ (row);
  g_object_set_data (G_OBJECT (adjustment), "inpaint-name", (gpointer) property->name);
  on_seed (adjustment, rows->config); /* another one where each run is to have its own */
  g_signal_connect (adjustment, "value-changed", G_CALLBACK (on_seed), rows->config);
  g_object_bind_property (rows->config, property->name, adjustment, "value", G_BINDING_SYNC_CREATE);
  g_object_bind_property (rows->config, ARGUMENT_RANDOM_SEED, GIMP_RANDOM_SEED_TOGGLE (row), "active",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  gtk_entry_set_width_chars (GTK_ENTRY (GIMP_RANDOM_SEED_SPINBUTTON (row)), SEED_WIDTH);
  remove_mnemonic (GTK_BUTTON (GIMP_RANDOM_SEED_TOGGLE (row)));
  gimp_help_set_help_data (GIMP_RANDOM_SEED_SPINBUTTON (row), g_param_spec_get_blurb (property), NULL);
  return labeled (rows, property, row);
}

/* ---- By GIMP ---- */

/* Sliders go as far as GEGL's do; the number beside them takes all that the argument takes. */
static void
set_slider (GimpScaleEntry *slider, GParamSpec *property)
{
  if (GEGL_IS_PARAM_SPEC_DOUBLE (property))
    {
      GeglParamSpecDouble *own = GEGL_PARAM_SPEC_DOUBLE (property);

      gimp_scale_entry_set_bounds (slider, own->ui_minimum, own->ui_maximum, FALSE);
      gimp_label_spin_set_digits (GIMP_LABEL_SPIN (slider), own->ui_digits);
      gimp_label_spin_set_increments (GIMP_LABEL_SPIN (slider), own->ui_step_small, own->ui_step_big);
    }
  else
    {
      GeglParamSpecInt *own = GEGL_PARAM_SPEC_INT (property);

      gimp_scale_entry_set_bounds (slider, own->ui_minimum, own->ui_maximum, FALSE);
      gimp_label_spin_set_increments (GIMP_LABEL_SPIN (slider), own->ui_step_small, own->ui_step_big);
    }
}

static GtkWidget *
gimp_row (Rows *rows, GParamSpec *property)
{
  gboolean   slides = GEGL_IS_PARAM_SPEC_DOUBLE (property) || GEGL_IS_PARAM_SPEC_INT (property);
  GtkWidget *row    = gimp_procedure_dialog_get_widget (rows->dialog, property->name,
                                                        slides ? GIMP_TYPE_SCALE_ENTRY : G_TYPE_NONE);

  if (slides)
    set_slider (GIMP_SCALE_ENTRY (row), property);
  if (GIMP_IS_LABELED (row))
    gtk_size_group_add_widget (rows->labels, gimp_labeled_get_label (GIMP_LABELED (row)));
  else if (GIMP_IS_FILE_CHOOSER (row))
    gtk_size_group_add_widget (rows->labels, gimp_file_chooser_get_label_widget (GIMP_FILE_CHOOSER (row)));
  return row;
}

GtkWidget *
row_proposals (Rows *rows)
{
  GtkWidget *row = gimp_procedure_dialog_get_widget (rows->dialog, SETTING_PROPOSALS, GIMP_TYPE_SCALE_ENTRY);

  gtk_size_group_add_widget (rows->labels, gimp_labeled_get_label (GIMP_LABELED (row)));
  return row;
}

GtkWidget *
row_new (Rows *rows, GParamSpec *property)
{
  if (row_grows (property))
    return text_row (rows, property);
  if (GEGL_IS_PARAM_SPEC_SEED (property))
    return seed_row (rows, property);
  if (g_strcmp0 (property->name, "model") == 0)
    return labeled (rows, property, model_chooser_new (rows->settings, rows->config));
  return gimp_row (rows, property);
}
