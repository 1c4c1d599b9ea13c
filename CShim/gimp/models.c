#include <stdlib.h>

#include "default-model.h"
#include "procedures.h"

/* `path` if it is a program; else NULL, and the path is freed. */
static gchar *
if_program (gchar *path)
{
  if (path && ! g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
    g_clear_pointer (&path, g_free);
  return path;
}

/* The tool of this program's own prefix, PREFIX/lib/gimp/2.0/plug-ins/gimp-inpaint, or the user's, or the shell's. */
static gchar *
find_tool (void)
{
  gchar *folder = procedure_own_folder ();
  gchar *tool   = if_program (g_build_filename (folder, "../../../../../bin/inpaint", NULL));

  if (! tool)
    tool = if_program (g_build_filename (g_get_home_dir (), ".local/bin/inpaint", NULL));
  if (! tool)
    tool = g_find_program_in_path ("inpaint");
  g_free (folder);
  return tool;
}

/* What `inpaint models` prints: "PATH  (WHY IT IS LOOKED AT)", and below it lines that describe it. */
static gchar *
ask_tool (void)
{
  gchar *tool    = find_tool ();
  gchar *words[] = { tool, "models", NULL };
  gchar *answer  = NULL;

  if (tool)
    g_spawn_sync (NULL, words, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &answer, NULL, NULL, NULL);
  g_free (tool);
  return answer;
}

DefaultModel *
default_model_find (void)
{
  DefaultModel *model  = NULL;
  gchar        *answer = ask_tool ();
  gchar       **lines  = g_strsplit (answer ? answer : "", "\n", 3);
  gchar        *reason = lines[0] ? g_strrstr (lines[0], "  (") : NULL;

  if (reason)
    {
      gchar *path = g_strndup (lines[0], reason - lines[0]);
      gchar *real = realpath (path, NULL); /* "default" may be a link */

      model              = g_new0 (DefaultModel, 1);
      model->name        = g_filename_display_basename (real ? real : path);
      model->description = g_strconcat (lines[0], "\n", lines[1] ? g_strstrip (lines[1]) : "", NULL);
      free (real);
      g_free (path);
    }
  g_strfreev (lines);
  g_free (answer);
  return model;
}

void
default_model_free (DefaultModel *model)
{
  if (! model)
    return;
  g_free (model->name);
  g_free (model->description);
  g_free (model);
}
