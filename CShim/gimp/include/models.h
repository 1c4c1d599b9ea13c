/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The models among which a user may choose. */
#pragma once

#include "settings.h"

typedef struct {
  gchar *label;         /* for the user */
  gchar *path;          /* for the property "model" */
  gchar *description;   /* where it is; of the default also what, or why it cannot be used */
} Model;

/* Those that are installed, each a Model: first what the operation takes by itself, which is the path "".  To be freed with
 * g_ptr_array_unref. */
GPtrArray *models_installed (const Settings *settings);

/* Patterns of the names of files that may be chosen; ends with NULL. */
extern const gchar *const model_patterns[];

/* What a chosen file stands for: a model_index.json for its folder.  To be freed with g_free. */
gchar *model_of_file (const gchar *path);
