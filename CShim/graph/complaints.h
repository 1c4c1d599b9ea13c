/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What GEGL and the libraries below it say while a file is read or written, or an operation runs. */
#pragma once

#include <glib.h>

/* Between these two, warnings and messages are kept, and what operations of this project note goes to stderr. */
void inpaint_complaints_begin (void);
void inpaint_complaints_end (void);

void inpaint_complaints_clear (void);

/* The first warning since they were last cleared, or NULL: GEGL's operations report failures in no other way. */
const gchar *inpaint_complaints_warning (void);

/* Takes `text` for the first warning, if there was none. */
void inpaint_complaints_add (const gchar *text);

/* `what` about the file `path`, and behind it the reason that was given, if there was one; to be freed with g_free. */
gchar *inpaint_complaints_explain (const gchar *path, const gchar *what);

/* Between these two, what libraries print to stderr is held back, and then printed line by line behind the name of the
 * file that they are at: libjpeg names none.  Also where a library ends the process.  What says that the file is cut off
 * is a warning. */
void inpaint_complaints_hold (const gchar *path);
void inpaint_complaints_release (void);

/* Prints "note: PATH: ..." for the user, who is to know but need do nothing. */
void inpaint_note (const gchar *path, const gchar *format, ...) G_GNUC_PRINTF (2, 3);
