/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "property-target.h"

Target *
target_of (const Settings *settings, GParamSpec *property, gpointer widget)
{
  Target *target = g_new0 (Target, 1);

  target->operation = settings->operation;
  target->property  = property;
  g_object_set_data_full (G_OBJECT (widget), "inpaint-target", target, g_free);
  return target;
}

void
target_set_number (const Target *target, gdouble number)
{
  GValue from = G_VALUE_INIT, to = G_VALUE_INIT;

  g_value_init (&from, G_TYPE_DOUBLE);
  g_value_init (&to, target->property->value_type);
  g_value_set_double (&from, number);
  g_value_transform (&from, &to);
  gegl_node_set_property (target->operation, target->property->name, &to);
}

gdouble
property_number (const Settings *settings, GParamSpec *property)
{
  GValue from = G_VALUE_INIT, to = G_VALUE_INIT;

  g_value_init (&from, property->value_type);
  g_value_init (&to, G_TYPE_DOUBLE);
  gegl_node_get_property (settings->operation, property->name, &from);
  g_value_transform (&from, &to);
  return g_value_get_double (&to);
}

void
target_set_text (const gchar *text, gpointer user)
{
  const Target *target = user;

  gegl_node_set (target->operation, target->property->name, text, NULL);
}

gchar *
property_text (const Settings *settings, GParamSpec *property)
{
  gchar *text = NULL;

  gegl_node_get (settings->operation, property->name, &text, NULL);
  return text ? text : g_strdup ("");
}
