/* The model that the operations take where none is chosen. */
#pragma once

#include <glib.h>

typedef struct {
  gchar *name;          /* of its file or folder */
  gchar *description;   /* where it is, and what, or why it cannot be used */
} DefaultModel;

/* As the command-line tool says, which looks where the operations do.  NULL where the tool is not installed, or finds
 * no model. */
DefaultModel *default_model_find (void);
void          default_model_free (DefaultModel *model);
