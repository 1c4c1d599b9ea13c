/* What a run is asked for: the operation's properties, held by a node of it, and what is this program's own. */
#pragma once

#include "procedures.h"

typedef struct {
  const Procedure *procedure;
  GeglNode        *graph;
  GeglNode        *operation;     /* in the graph, linked to nothing; its properties are the settings */
  gboolean         new_layer;     /* the result as a layer of its own */
  gboolean         random_seed;   /* another seed for each run */
} Settings;

/* The usual settings of the procedure. */
Settings *settings_new   (const Procedure *procedure);
void      settings_reset (Settings *settings);
void      settings_free  (Settings *settings);

/* Takes name=value pairs, separated by blanks and quoted as in a shell: properties of the operation, new-layer and
 * random-seed.  FALSE, with *error set, where one is unknown or out of range; those before it have been taken. */
gboolean settings_parse (Settings *settings, const gchar *text, gchar **error);

/* The values of this GIMP session's last run, if there was one. */
void settings_recall   (Settings *settings);
void settings_remember (const Settings *settings);

/* A property as text, as settings_parse takes it; NULL if the operation has none of this name.  To be freed with g_free. */
gchar *settings_value (const Settings *settings, const gchar *name);

/* Draws a seed. */
void settings_randomize (Settings *settings);
