/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The picture of a run that goes on. */
#include <errno.h>

#include <glib/gstdio.h>

#include "complaints.h"
#include "inpaint_keys.h"
#include "png.h"
#include "preview.h"

/* FALSE, with *error set, after a failure. */
static gboolean
write_preview (GeglBuffer *picture, const gchar *path, gchar **error)
{
  const Origin none   = { 0 };
  gchar       *staged = g_strconcat (path, ".part", NULL);
  gboolean     done   = inpaint_png_save (picture, staged, 8, &none, error);

  if (done && g_rename (staged, path) != 0)
    {
      *error = g_strdup (g_strerror (errno));
      done   = FALSE;
    }
  if (! done)
    g_unlink (staged);
  g_free (staged);
  return done;
}

static void
on_progress (GeglNode *node, gdouble fraction, const gchar *path)
{
  GObject    *operation = G_OBJECT (gegl_node_get_gegl_operation (node));
  GeglBuffer *picture   = g_object_get_data (operation, INPAINT_KEY_PREVIEW);
  gchar      *error     = NULL;

  if (! picture || ! g_object_get_data (operation, INPAINT_KEY_PREVIEWS) || write_preview (picture, path, &error))
    return;
  inpaint_note (path, "no previews: %s", error);
  g_object_set_data (operation, INPAINT_KEY_PREVIEWS, NULL);
  g_free (error);
}

void
inpaint_preview (GeglNode *node, const gchar *path)
{
  g_object_set_data (G_OBJECT (gegl_node_get_gegl_operation (node)), INPAINT_KEY_PREVIEWS, GINT_TO_POINTER (TRUE));
  g_signal_connect (node, "progress", G_CALLBACK (on_progress), (gpointer) path);
}
