/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The file that a result is to become.  It is written beside that first, so that nothing of a file that is there already
 * is lost, whatever fails. */
#pragma once

#include <glib.h>

typedef struct {
  gchar *path;    /* as the user names it, for messages */
  gchar *file;    /* what is written: links followed */
  gchar *folder;  /* the user's alone, beside `file`; NULL while nothing is staged */
  gchar *staged;  /* in `folder`, with the ending of `path` */
} Destination;

/* FALSE, with *error set, where the file cannot be written, as far as that shows before. */
gboolean inpaint_destination_init (Destination *destination, const gchar *path, gchar **error);

/* Makes the folder for `staged`.  FALSE, with *error set, after a failure. */
gboolean inpaint_destination_stage (Destination *destination, gchar **error);

/* Puts `staged` in the place of `file`: with its mode and, where the process may, its owner; a file with several names stays
 * one.  FALSE, with *error set, after a failure. */
gboolean inpaint_destination_commit (Destination *destination, gchar **error);

/* Removes what is staged.  Safe in exit handlers, and where nothing is. */
void inpaint_destination_unstage (Destination *destination);

void inpaint_destination_clear (Destination *destination);
