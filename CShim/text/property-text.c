/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "property-text.h"

gboolean
inpaint_value_from_text (GValue *value, GParamSpec *property, const gchar *text)
{
  gchar *end   = NULL;
  gint64 whole = 0;

  g_value_init (value, property->value_type);
  switch (G_TYPE_FUNDAMENTAL (property->value_type))
    {
    case G_TYPE_STRING:
      g_value_set_string (value, text);
      return TRUE;
    case G_TYPE_BOOLEAN:
      g_value_set_boolean (value, g_ascii_strcasecmp (text, "true") == 0 || g_strcmp0 (text, "1") == 0);
      return g_value_get_boolean (value) || g_ascii_strcasecmp (text, "false") == 0 || g_strcmp0 (text, "0") == 0;
    case G_TYPE_INT:
      whole = g_ascii_strtoll (text, &end, 10);
      g_value_set_int (value, (gint) whole);
      if (whole != g_value_get_int (value)) /* cut off, it could fall into the property's range */
        return FALSE;
      break;
    case G_TYPE_UINT:
      whole = g_ascii_strtoll (text, &end, 10);
      g_value_set_uint (value, (guint) whole);
      if (whole != g_value_get_uint (value))
        return FALSE;
      break;
    case G_TYPE_DOUBLE:
      g_value_set_double (value, g_ascii_strtod (text, &end));
      break;
    case G_TYPE_ENUM:
      {
        GEnumClass *choices = g_type_class_ref (property->value_type);
        GEnumValue *choice  = g_enum_get_value_by_nick (choices, text);

        if (choice)
          g_value_set_enum (value, choice->value);
        g_type_class_unref (choices);
        return choice != NULL;
      }
    default:
      return FALSE;
    }
  /* A number to its end, and inside the property's range. */
  return end && end != text && *end == '\0' && ! g_param_value_validate (property, value);
}

gchar *
inpaint_values_taken (GParamSpec *property)
{
  gchar lowest[G_ASCII_DTOSTR_BUF_SIZE], highest[G_ASCII_DTOSTR_BUF_SIZE];

  switch (G_TYPE_FUNDAMENTAL (property->value_type))
    {
    case G_TYPE_BOOLEAN:
      return g_strdup ("true, false");
    case G_TYPE_INT:
      return g_strdup_printf ("%d ... %d", G_PARAM_SPEC_INT (property)->minimum, G_PARAM_SPEC_INT (property)->maximum);
    case G_TYPE_UINT:
      return g_strdup_printf ("%u ... %u", G_PARAM_SPEC_UINT (property)->minimum, G_PARAM_SPEC_UINT (property)->maximum);
    case G_TYPE_DOUBLE:
      g_ascii_formatd (lowest, sizeof (lowest), "%g", G_PARAM_SPEC_DOUBLE (property)->minimum);
      g_ascii_formatd (highest, sizeof (highest), "%g", G_PARAM_SPEC_DOUBLE (property)->maximum);
      return g_strdup_printf ("%s ... %s", lowest, highest);
    case G_TYPE_ENUM:
      {
        GEnumClass *choices = g_type_class_ref (property->value_type);
        GString    *text    = g_string_new (NULL);

        for (guint i = 0; i < choices->n_values; i++)
          g_string_append_printf (text, "%s%s", i ? ", " : "", choices->values[i].value_nick);
        g_type_class_unref (choices);
        return g_string_free (text, FALSE);
      }
    default:
      return g_strdup ("");
    }
}

gchar *
inpaint_value_to_text (const GValue *value)
{
  gchar digits[G_ASCII_DTOSTR_BUF_SIZE];

  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_BOOLEAN:
      return g_strdup (g_value_get_boolean (value) ? "true" : "false");
    case G_TYPE_INT:
      return g_strdup_printf ("%d", g_value_get_int (value));
    case G_TYPE_UINT:
      return g_strdup_printf ("%u", g_value_get_uint (value));
    case G_TYPE_DOUBLE:
      return g_strdup (g_ascii_dtostr (digits, sizeof (digits), g_value_get_double (value)));
    case G_TYPE_ENUM:
      {
        GEnumClass *choices = g_type_class_ref (G_VALUE_TYPE (value));
        GEnumValue *choice  = g_enum_get_value (choices, g_value_get_enum (value));
        gchar      *text    = g_strdup (choice ? choice->value_nick : "");

        g_type_class_unref (choices);
        return text;
      }
    default:
      return G_VALUE_HOLDS_STRING (value) ? g_value_dup_string (value) : NULL;
    }
}
