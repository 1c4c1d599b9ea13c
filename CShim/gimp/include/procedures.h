/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The table of GIMP's procedures: one row for each operation that has a menu entry. */
#pragma once

#include <gegl.h>
#include <gegl-paramspecs.h>

/* Where a procedure's result may differ from the image. */
typedef enum {
  REACH_SELECTION,   /* only there; without a selection, where the layer is transparent */
  REACH_LAYER,       /* beside the selection, which is its mask, too */
  REACH_CANVAS,      /* the canvas grows; the selection plays no part */
} Reach;

typedef struct {
  const gchar *name;        /* in GIMP's procedure database */
  const gchar *operation;
  Reach        reach;
  gboolean     proposes;    /* may give several results, each with another seed */
  gboolean     previews;    /* paints in steps, which can be shown */
  const gchar *defaults;    /* those that differ from the operation's own, as settings_parse takes them */
  const gchar *shown[8];    /* properties in sight, in order, up to NULL; the procedure's arguments too */
  const gchar *advanced[32]; /* the others, up to NULL */
} Procedure;

/* Ends with a row without a name. */
extern const Procedure procedures[];

/* NULL if there is none. */
const Procedure *procedure_by_name (const gchar *name);

/* Whether GEGL finds the operation, by itself or in this program's own prefix. */
gboolean procedure_is_available (const Procedure *procedure);

/* The operation's property; NULL if it has none of this name. */
GParamSpec *procedure_property (const Procedure *procedure, const gchar *name);

/* Where the menu entry stands; NULL where there is none. */
const gchar *procedure_menu_path (const Procedure *procedure);

/* The menu entry with mnemonic and dots, and without them, as a title; the latter to be freed with g_free. */
const gchar *procedure_menu_label (const Procedure *procedure);
gchar       *procedure_title      (const Procedure *procedure);
