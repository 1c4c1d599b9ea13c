/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What GEGL and the libraries below it say while a file is read or written, or an operation runs. */
#define _GNU_SOURCE /* memfd_create */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "complaints.h"

/* The first of each since they were last cleared.  Messages are mostly harmless, like those of libtiff about tags that it
 * does not know. */
static gchar *warning = NULL;
static gchar *message = NULL;

/* The file whose complaints are held back, in a file in memory, and the real stderr. */
static gchar *held_for    = NULL;
static gint   held        = -1;
static gint   real_stderr = -1;

static void
keep (const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer user)
{
  /* What an operation has to say of its run, and complains of nothing with. */
  if (g_strcmp0 (domain, "gegl-inpaint") == 0 && (level & G_LOG_LEVEL_MESSAGE))
    g_printerr ("%s\n", text);
  else if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING))
    inpaint_complaints_add (text);
  else if ((level & G_LOG_LEVEL_MESSAGE) && ! message)
    message = g_strdup (text);
}

void
inpaint_complaints_begin (void)
{
  g_log_set_default_handler (keep, NULL);
  inpaint_complaints_clear ();
}

void
inpaint_complaints_end (void)
{
  g_log_set_default_handler (g_log_default_handler, NULL);
}

void
inpaint_complaints_clear (void)
{
  g_clear_pointer (&warning, g_free);
  g_clear_pointer (&message, g_free);
}

const gchar *
inpaint_complaints_warning (void)
{
  return warning;
}

void
inpaint_complaints_add (const gchar *text)
{
  if (! warning)
    warning = g_strchomp (g_strdup (text));
}

gchar *
inpaint_complaints_explain (const gchar *path, const gchar *what)
{
  const gchar *reason = warning ? warning : message;

  return g_strdup_printf ("%s%s%s%s", path, what, reason ? ": " : "", reason ? reason : "");
}

void
inpaint_complaints_hold (const gchar *path)
{
  static gboolean at_exit = FALSE;

  if (! at_exit)
    atexit (inpaint_complaints_release); /* libjpeg ends the process where it cannot go on */
  at_exit = TRUE;
  held    = memfd_create ("held", MFD_CLOEXEC);
  if (held < 0)
    return; /* they are printed without the name */
  real_stderr = dup (STDERR_FILENO);
  if (real_stderr < 0)
    {
      close (held);
      held = -1;
      return;
    }
  held_for = g_strdup (path);
  fflush (stderr);
  dup2 (held, STDERR_FILENO);
}

void
inpaint_complaints_release (void)
{
  gchar  text[4096] = "";
  gssize length;

  if (held < 0)
    return;
  fflush (stderr);
  dup2 (real_stderr, STDERR_FILENO);
  close (real_stderr);
  length = pread (held, text, sizeof (text) - 1, 0);
  close (held);
  held = -1;
  if (length > 0)
    {
      gchar **lines = g_strsplit (g_strchomp (text), "\n", -1);

      for (gchar **line = lines; *line; line++)
        if (strstr (*line, "remature end")) /* libjpeg fills up with grey what a file lacks, and warns */
          inpaint_complaints_add (*line);
        else if (**line)
          fprintf (stderr, "%s: %s\n", held_for, *line);
      g_strfreev (lines);
    }
  g_clear_pointer (&held_for, g_free);
}

void
inpaint_note (const gchar *path, const gchar *format, ...)
{
  va_list arguments;
  gchar  *text;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  fprintf (stderr, "note: %s: %s\n", path, text);
  g_free (text);
}
