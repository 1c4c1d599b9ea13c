/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "inpaint_graph.h"
#include "inpaint_keys.h"
#include "plug-in.h"
#include "procedures.h"

/* GIMP's own selection says what changes, and how softly: Select > Grow and Select > Feather. */
#define ONLY_THE_SELECTION "grow=0 feather=0"

#define SAMPLING "steps", "sampler", "jump-length", "jump-samples", "eta", "spacing", "guidance", \
                 "guidance-from", "guidance-to", "cache-interval"

#define SHARED_ADVANCED                                                                                           \
  "strength", "crop", "context", "working-size", "autoencoder", "decoder", "detail", "precision", "color-match",  \
  "lora", "lora-scale", "task-prompt"

const Procedure procedures[] = {
  {
    .name = "plug-in-inpaint-fill", .operation = "inpaint:sd-inpaint", .proposes = TRUE, .previews = TRUE,
    .defaults = ONLY_THE_SELECTION,
    .shown = { "prompt", "negative-prompt", "seed", "model" },
    .advanced = { "clip-skip", "mask-strength", SAMPLING, SHARED_ADVANCED },
  },
  {
    .name = "plug-in-inpaint-asuka", .operation = "inpaint:asuka-inpaint", .proposes = TRUE, .previews = TRUE,
    .defaults = ONLY_THE_SELECTION,
    .shown = { "prior-strength", "seed", "model" }, .advanced = { "mask-strength", SAMPLING, SHARED_ADVANCED },
  },
  {
    .name = "plug-in-inpaint-remove", .operation = "inpaint:seele-remove", .proposes = TRUE, .previews = TRUE,
    .defaults = ONLY_THE_SELECTION,
    .shown = { "seed", "model" }, .advanced = { "method", "mask-strength", SAMPLING, SHARED_ADVANCED },
  },
  {
    .name = "plug-in-inpaint-complete", .operation = "inpaint:seele-complete", .proposes = TRUE, .previews = TRUE,
    .defaults = ONLY_THE_SELECTION,
    .shown = { "seed", "model" }, .advanced = { "mask-strength", SAMPLING, SHARED_ADVANCED },
  },
  {
    .name = "plug-in-inpaint-harmonize", .operation = "inpaint:seele-harmonize", .defaults = ONLY_THE_SELECTION,
    .shown = { "seed", "model" }, .advanced = { "steps", "guidance", SHARED_ADVANCED },
  },
  {
    .name = "plug-in-inpaint-reposition", .operation = "inpaint:seele-reposition", .reach = REACH_LAYER, .previews = TRUE,
    .defaults = "",
    .shown = { "x", "y", "scale", "complete-mask", "harmonize" },
    .advanced = { "method", "seed", "model", SAMPLING, SHARED_ADVANCED },
  },
  {
    .name = "plug-in-inpaint-outpaint", .operation = "inpaint:outpaint", .reach = REACH_CANVAS, .previews = TRUE,
    .defaults = "",
    .shown = { "left", "right", "top", "bottom", "overlap", "prompt" },
    .advanced = { "negative-prompt", "clip-skip", "seed", "model", SAMPLING, SHARED_ADVANCED },
  },
  {
    .name = "plug-in-inpaint-erase", .operation = "inpaint:lama-inpaint", .defaults = ONLY_THE_SELECTION,
    .shown = { "model" }, .advanced = { "crop", "context", "working-size", "detail", "color-match" },
  },
  { NULL },
};

const Procedure *
procedure_by_name (const gchar *name)
{
  for (const Procedure *procedure = procedures; procedure->name; procedure++)
    if (g_strcmp0 (procedure->name, name) == 0)
      return procedure;
  return NULL;
}

gboolean
procedure_is_available (const Procedure *procedure)
{
  /* From PREFIX/lib/gimp/VERSION/plug-ins/NAME. */
  gchar   *folder   = plug_in_folder ();
  gchar   *plug_ins = g_build_filename (folder, "../../../../../share/gegl-0.4/plug-ins", NULL);
  gboolean result   = inpaint_graph_has_operation (procedure->operation, plug_ins);

  g_free (plug_ins);
  g_free (folder);
  return result;
}

GParamSpec *
procedure_property (const Procedure *procedure, const gchar *name)
{
  return gegl_operation_find_property (procedure->operation, name);
}

const gchar *
procedure_menu_path (const Procedure *procedure)
{
  return gegl_operation_get_key (procedure->operation, INPAINT_KEY_MENU);
}

const gchar *
procedure_menu_label (const Procedure *procedure)
{
  const gchar *label = gegl_operation_get_key (procedure->operation, "gimp:menu-label");

  return label ? label : gegl_operation_get_key (procedure->operation, "title");
}

gchar *
procedure_title (const Procedure *procedure)
{
  gchar **parts = g_strsplit (g_dgettext (GETTEXT_PACKAGE, procedure_menu_label (procedure)), "_", -1);
  gchar  *title = g_strjoinv ("", parts);

  g_strfreev (parts);
  if (g_str_has_suffix (title, "..."))
    title[strlen (title) - strlen ("...")] = '\0';
  return title;
}
