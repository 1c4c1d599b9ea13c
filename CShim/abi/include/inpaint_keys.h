/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What an operation tells its host beside its pixels: data of the GObject that is the operation, under these names.
 * Text is UTF-8 and belongs to the operation. */
#ifndef INPAINT_KEYS_H
#define INPAINT_KEYS_H

/* The key of an operation's class that names GIMP's menu for it.  Under "gimp:menu-path" GIMP 3 would add an entry of its own
 * beside that of the plug-in. */
#define INPAINT_KEY_MENU "inpaint:menu-path"

/* The stage of a run, while the node's signal "progress" is sent: that of GEGL 0.4 carries no text. */
#define INPAINT_KEY_STAGE "inpaint-stage"

/* A host sets it to ask for previews; the operation sets it to a GeglBuffer while the node's signal "progress" is sent, where
 * there is a new one: a small picture of what the models see, as it is going to be. */
#define INPAINT_KEY_PREVIEWS "inpaint-previews"
#define INPAINT_KEY_PREVIEW  "inpaint-preview"

/* Whether the last run failed: GEGL ignores what process() returns. */
#define INPAINT_KEY_FAILED "inpaint-failed"

/* Why the last run had nothing to do and gave its input back; NULL where it had. */
#define INPAINT_KEY_NOTHING "inpaint-nothing"

/* What a host may ask an operation without a run, with its properties as they are: signals of the GObject that is the
 * operation (a node's property "gegl-operation"), which the host emits with g_signal_emit_by_name. */

/* GeglRectangle *(extent, box), two GeglRectangles: the part of a picture over `extent` that the operation looks at,
 * whatever a mask is that is 0 outside `box`.  With that part as input, and the mask over it, it paints the same.  To be
 * freed with g_free; `extent` where there is no model, which a run reports. */
#define INPAINT_SIGNAL_WINDOW "inpaint-window"

/* GStrv (): the model that is taken where the property "model" is empty.  To be freed with g_strfreev; NULL where there is
 * none. */
#define INPAINT_SIGNAL_DEFAULT_MODEL "inpaint-default-model"
enum {
  INPAINT_MODEL_NAME,         /* of its file or folder */
  INPAINT_MODEL_DESCRIPTION,  /* where and what it is, or why it cannot be used */
  INPAINT_MODEL_TEXTS         /* how many */
};

#endif
