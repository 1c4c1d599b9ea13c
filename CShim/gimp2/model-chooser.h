/* A list of the models that are installed, and a button for another one. */
#pragma once

#include <gtk/gtk.h>

/* `path` is chosen, "" is what the operation finds itself.  `changed` gets the path that the user chooses. */
GtkWidget *model_chooser_new (const gchar *path, void (*changed) (const gchar *path, gpointer user), gpointer user);
