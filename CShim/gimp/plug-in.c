/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <gegl.h>
#include <glib/gi18n-lib.h>

#include "plug-in.h"

gchar *
plug_in_folder (void)
{
  gchar *program = g_file_read_link ("/proc/self/exe", NULL);
  gchar *folder  = program ? g_path_get_dirname (program) : g_strdup (".");

  g_free (program);
  return folder;
}

gchar *
plug_in_locales (void)
{
  gchar *folder  = plug_in_folder ();
  gchar *locales = g_build_filename (folder, "locale", NULL);

  g_free (folder);
  return locales;
}

void
plug_in_initialize (void)
{
  gchar *locales = plug_in_locales ();

  bindtextdomain (GETTEXT_PACKAGE, locales);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  g_free (locales);
  /* GEGL hides operations under the GPL from programs that do not say that they are under it. */
  g_object_set (gegl_config (), "application-license", "GPL3", NULL);
  gegl_init (NULL, NULL);
}
