/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What a run is asked for: the operation's properties, held by a node of it, and what is this program's own. */
#pragma once

#include "procedures.h"

typedef struct {
  const Procedure *procedure;
  GeglNode        *graph;
  GeglNode        *operation;     /* in the graph, linked to nothing; its properties are the settings */
  gint             proposals;     /* results, each with another seed; 1 where the procedure proposes nothing */
  gboolean         new_layer;     /* the result as a layer of its own */
  gboolean         random_seed;   /* another seed for each run */
} Settings;

/* The procedure's defaults. */
Settings *settings_new   (const Procedure *procedure);
void      settings_reset (Settings *settings);
void      settings_free  (Settings *settings);

/* Takes name=value pairs, separated by blanks and quoted as in a shell: properties of the operation, new-layer,
 * random-seed and proposals.  FALSE, with *error set, where one is unknown or out of range; those before it have been taken. */
gboolean settings_parse (Settings *settings, const gchar *text, gchar **error);

/* All of them, as settings_parse takes them; to be freed with g_free. */
gchar *settings_text (const Settings *settings);

/* Draws a seed. */
void settings_randomize (Settings *settings);

/* The name and the property of `proposals`: its range and its texts. */
#define SETTING_PROPOSALS "proposals"
GParamSpec *settings_proposals (void);

/* The seed of a proposal, from 0 on: they follow each other. */
guint settings_seed (const Settings *settings, gint proposal);

/* A node of `graph` as `operation`, with a proposal's seed. */
GeglNode *settings_node (const Settings *settings, GeglNode *graph, gint proposal);
