/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* This program: where it is, and what it needs before all else. */
#pragma once

#include <glib.h>

/* The folder of this program, and that of its translations; to be freed with g_free. */
gchar *plug_in_folder  (void);
gchar *plug_in_locales (void);

/* GEGL, and this program's texts. */
void plug_in_initialize (void);
