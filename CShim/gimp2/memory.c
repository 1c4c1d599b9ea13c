/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <string.h>

#include <libgimp/gimp.h>

#include "memory.h"

void
memory_remember (const Settings *settings)
{
  gchar *text = settings_text (settings);

  gimp_set_data (settings->procedure->name, text, strlen (text) + 1);
  g_free (text);
}

void
memory_recall (Settings *settings)
{
  gint   size  = gimp_get_data_size (settings->procedure->name);
  gchar *text  = size > 0 ? g_malloc0 (size + 1) : NULL;
  gchar *error = NULL;

  if (text && gimp_get_data (settings->procedure->name, text) && ! settings_parse (settings, text, &error))
    g_printerr ("%s: %s\n", settings->procedure->name, error);
  g_free (error);
  g_free (text);
}
