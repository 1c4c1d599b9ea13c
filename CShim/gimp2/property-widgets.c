/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>
#include <glib/gi18n-lib.h>

#include "model-chooser.h"
#include "property-target.h"
#include "property-widgets.h"

#define SCALE_WIDTH   160   /* pixels */
#define NUMBER_WIDTH    6   /* characters */
#define TEXT_HEIGHT    48   /* pixels: about three lines */

/* ---- Changes ---- */

static void
on_adjusted (GtkAdjustment *adjustment, Target *target)
{
  target_set_number (target, gtk_adjustment_get_value (adjustment));
}

static void
on_chosen (GtkWidget *choices, Target *target)
{
  gint value;

  if (gimp_int_combo_box_get_active (GIMP_INT_COMBO_BOX (choices), &value))
    gegl_node_set (target->operation, target->property->name, value, NULL);
}

static void
on_toggled (GtkToggleButton *button, Target *target)
{
  gegl_node_set (target->operation, target->property->name, gtk_toggle_button_get_active (button), NULL);
}

static void
on_edited (GtkTextBuffer *buffer, Target *target)
{
  GtkTextIter start, end;
  gchar      *text;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  target_set_text (text, target);
  g_free (text);
}

static void
on_entered (GtkEntry *entry, Target *target)
{
  target_set_text (gtk_entry_get_text (entry), target);
}

static void
on_file_changed (GimpFileEntry *entry, Target *target)
{
  gchar *path = gimp_file_entry_get_filename (entry);

  target_set_text (path ? path : "", target);
  g_free (path);
}

/* ---- Widgets ---- */

static GtkWidget *
text_view (Settings *settings, GParamSpec *property)
{
  GtkWidget     *frame  = gtk_scrolled_window_new (NULL, NULL);
  GtkWidget     *view   = gtk_text_view_new ();
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));
  gchar         *text   = property_text (settings, property);

  gtk_text_buffer_set_text (buffer, text, -1);
  g_free (text);
  g_signal_connect (buffer, "changed", G_CALLBACK (on_edited), target_of (settings, property, buffer));
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (view), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE);
  gimp_help_set_help_data (view, g_param_spec_get_blurb (property), NULL);
  gtk_widget_set_size_request (view, -1, TEXT_HEIGHT);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (frame), GTK_POLICY_AUTOMATIC, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_shadow_type (GTK_SCROLLED_WINDOW (frame), GTK_SHADOW_IN);
  gtk_container_add (GTK_CONTAINER (frame), view);
  return frame;
}

static GtkWidget *
text_entry (Settings *settings, GParamSpec *property)
{
  GtkWidget *entry = gtk_entry_new ();
  gchar     *text  = property_text (settings, property);

  gtk_entry_set_text (GTK_ENTRY (entry), text);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  g_free (text);
  g_signal_connect (entry, "changed", G_CALLBACK (on_entered), target_of (settings, property, entry));
  return entry;
}

/* A path that may be emptied again. */
static GtkWidget *
file_entry (Settings *settings, GParamSpec *property)
{
  gchar     *path  = property_text (settings, property);
  GtkWidget *entry = gimp_file_entry_new (g_param_spec_get_nick (property), path, FALSE, FALSE);

  g_free (path);
  g_signal_connect (entry, "filename-changed", G_CALLBACK (on_file_changed), target_of (settings, property, entry));
  return entry;
}

/* GIMP's row of number, "New Seed" and "Randomize", which keeps the number in memory of its own too. */
static GtkWidget *
seed_row (Settings *settings, GParamSpec *property)
{
  guint32       *kept = g_new0 (guint32, 1);
  GtkWidget     *row;
  GtkAdjustment *adjustment;

  *kept = (guint32) property_number (settings, property);
  row   = gimp_random_seed_new (kept, &settings->random_seed);
  g_object_set_data_full (G_OBJECT (row), "inpaint-seed", kept, g_free);
  adjustment = GTK_ADJUSTMENT (GIMP_RANDOM_SEED_SPINBUTTON_ADJ (row));
  g_signal_connect (adjustment, "value-changed", G_CALLBACK (on_adjusted), target_of (settings, property, adjustment));
  gtk_adjustment_value_changed (adjustment);
  return row;
}

static GtkWidget *
choices (Settings *settings, GParamSpec *property)
{
  GEnumClass *enumeration = G_ENUM_CLASS (g_type_class_ref (property->value_type));
  GtkWidget  *list        = g_object_new (GIMP_TYPE_INT_COMBO_BOX, NULL);
  gint        value;

  for (guint i = 0; i < enumeration->n_values; i++)
    gimp_int_combo_box_append (GIMP_INT_COMBO_BOX (list), GIMP_INT_STORE_VALUE, enumeration->values[i].value,
                               GIMP_INT_STORE_LABEL, g_dgettext (GETTEXT_PACKAGE, enumeration->values[i].value_name),
                               -1);
  g_type_class_unref (enumeration);
  gegl_node_get (settings->operation, property->name, &value, NULL);
  gimp_int_combo_box_set_active (GIMP_INT_COMBO_BOX (list), value);
  g_signal_connect (list, "changed", G_CALLBACK (on_chosen), target_of (settings, property, list));
  return list;
}

static GtkWidget *
check_button (Settings *settings, GParamSpec *property)
{
  GtkWidget *button = gtk_check_button_new_with_label (g_param_spec_get_nick (property));
  gboolean   value;

  gegl_node_get (settings->operation, property->name, &value, NULL);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), value);
  g_signal_connect (button, "toggled", G_CALLBACK (on_toggled), target_of (settings, property, button));
  return button;
}

static void
scale_row (Settings *settings, GParamSpec *property, GtkTable *table, gint row, const gchar *label)
{
  gdouble    lower, upper, least, most, step, page;
  gint       digits = 0;
  GtkObject *adjustment;

  if (GEGL_IS_PARAM_SPEC_DOUBLE (property))
    {
      GeglParamSpecDouble *own = GEGL_PARAM_SPEC_DOUBLE (property);

      lower  = own->ui_minimum;
      upper  = own->ui_maximum;
      least  = G_PARAM_SPEC_DOUBLE (property)->minimum;
      most   = G_PARAM_SPEC_DOUBLE (property)->maximum;
      step   = own->ui_step_small;
      page   = own->ui_step_big;
      digits = own->ui_digits;
    }
  else
    {
      GeglParamSpecInt *own = GEGL_PARAM_SPEC_INT (property);

      lower = own->ui_minimum;
      upper = own->ui_maximum;
      least = G_PARAM_SPEC_INT (property)->minimum;
      most  = G_PARAM_SPEC_INT (property)->maximum;
      step  = own->ui_step_small;
      page  = own->ui_step_big;
    }
  adjustment = gimp_scale_entry_new (table, 0, row, label, SCALE_WIDTH, NUMBER_WIDTH, property_number (settings, property),
                                     lower, upper, step, page, digits, FALSE, least, most,
                                     g_param_spec_get_blurb (property), NULL);
  g_signal_connect (adjustment, "value-changed", G_CALLBACK (on_adjusted), target_of (settings, property, adjustment));
}

void
property_row (Settings *settings, const gchar *name, GtkTable *table, gint row)
{
  GParamSpec  *property  = procedure_property (settings->procedure, name);
  const gchar *multiline = gegl_param_spec_get_property_key (property, "multiline");
  gchar       *label     = g_strconcat (g_param_spec_get_nick (property), ":", NULL);
  GtkWidget   *widget;

  if (GEGL_IS_PARAM_SPEC_DOUBLE (property) || GEGL_IS_PARAM_SPEC_INT (property))
    scale_row (settings, property, table, row, label);
  else if (G_IS_PARAM_SPEC_BOOLEAN (property))
    {
      widget = check_button (settings, property);
      gimp_help_set_help_data (widget, g_param_spec_get_blurb (property), NULL);
      gtk_table_attach (table, widget, 0, PROPERTY_COLUMNS, row, row + 1, GTK_FILL, GTK_FILL, 0, 0);
    }
  else if (g_strcmp0 (multiline, "true") == 0)
    {
      GtkWidget *caption = gtk_label_new (label);

      /* Takes what room the window has. */
      gtk_misc_set_alignment (GTK_MISC (caption), 0.0, 0.0);
      gtk_table_attach (table, caption, 0, 1, row, row + 1, GTK_FILL, GTK_FILL, 0, 0);
      gtk_table_attach_defaults (table, text_view (settings, property), 1, PROPERTY_COLUMNS, row, row + 1);
    }
  else
    {
      if (GEGL_IS_PARAM_SPEC_SEED (property))
        widget = seed_row (settings, property);
      else if (G_IS_PARAM_SPEC_ENUM (property))
        widget = choices (settings, property);
      else if (g_strcmp0 (name, "model") == 0)
        widget = model_chooser_new (settings, property);
      else if (GEGL_IS_PARAM_SPEC_FILE_PATH (property))
        widget = file_entry (settings, property);
      else
        widget = text_entry (settings, property);
      gimp_help_set_help_data (widget, g_param_spec_get_blurb (property), NULL);
      gimp_table_attach_aligned (table, 0, row, label, 0.0, 0.5, widget, PROPERTY_COLUMNS - 1, FALSE);
    }
  g_free (label);
}

static void
on_proposals (GtkAdjustment *adjustment, gint *proposals)
{
  *proposals = (gint) gtk_adjustment_get_value (adjustment);
}

void
proposals_row (Settings *settings, GtkTable *table)
{
  GParamSpecInt *property = G_PARAM_SPEC_INT (settings_proposals ());
  gchar         *label    = g_strconcat (g_param_spec_get_nick (&property->parent_instance), ":", NULL);
  guint          rows;
  GtkObject     *adjustment;

  g_object_get (table, "n-rows", &rows, NULL);
  adjustment = gimp_scale_entry_new (table, 0, rows, label, SCALE_WIDTH, NUMBER_WIDTH, settings->proposals, property->minimum,
                                     property->maximum, 1, 1, 0, TRUE, 0, 0,
                                     g_param_spec_get_blurb (&property->parent_instance), NULL);
  g_signal_connect (adjustment, "value-changed", G_CALLBACK (on_proposals), &settings->proposals);
  g_free (label);
}
