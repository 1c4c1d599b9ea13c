/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The settings of a run as text. */
#include "metadata.h"
#include "property-text.h"
#include "record.h"

gchar *
inpaint_record_of (GeglNode *node)
{
  const gchar *operation = gegl_node_get_operation (node);
  GKeyFile    *record    = g_key_file_new ();
  guint        count;
  GParamSpec **properties = gegl_operation_list_properties (operation, &count);
  gchar       *text;

  for (guint i = 0; i < count; i++)
    {
      GValue value = G_VALUE_INIT;

      if (G_TYPE_IS_OBJECT (properties[i]->value_type)) /* a pad */
        continue;
      gegl_node_get_property (node, properties[i]->name, &value);
      text = inpaint_value_to_text (&value);
      if (text && *text)
        g_key_file_set_string (record, operation, properties[i]->name, text);
      g_free (text);
      g_value_unset (&value);
    }
  text = g_key_file_to_data (record, NULL, NULL);
  g_key_file_unref (record);
  g_free (properties);
  return text;
}

/* The values under these names; FALSE where one cannot be read. */
static gboolean
read_values (GKeyFile *record, const gchar *operation, GStrv names, GStrv *values, GError **cause)
{
  guint count = g_strv_length (names);

  *values = g_new0 (gchar *, count + 1);
  for (guint i = 0; i < count; i++)
    if (! ((*values)[i] = g_key_file_get_string (record, operation, names[i], cause)))
      return FALSE;
  return TRUE;
}

gboolean
inpaint_record_read (const gchar *path, const gchar *operation, GStrv *names, GStrv *values, gchar **error)
{
  gchar    *text   = inpaint_metadata_record (path, error);
  GKeyFile *record = g_key_file_new ();
  GError   *cause  = NULL;
  gchar    *other  = NULL;

  if (! text)
    ;
  else if (! g_key_file_load_from_data (record, text, -1, G_KEY_FILE_NONE, &cause) || ! (other = g_key_file_get_start_group (record)))
    *error = g_strdup_printf ("%s: its record cannot be read: %s", path, cause ? cause->message : "it names no operation");
  else if (! g_str_equal (other, operation))
    *error = g_strdup_printf ("%s: its record is of %s; run that", path, other);
  else if (! (*names = g_key_file_get_keys (record, operation, NULL, &cause))
           || ! read_values (record, operation, *names, values, &cause))
    *error = g_strdup_printf ("%s: its record cannot be read: %s", path, cause->message);
  g_clear_error (&cause);
  g_key_file_unref (record);
  g_free (other);
  g_free (text);
  return ! *error;
}
