#include <string.h>

#include <libgimp/gimp.h>
#include <glib/gi18n-lib.h>

#include "layer.h"

/* Rows that are copied at a time. */
#define BAND 64

/* Less than any share that a selection of 16 bits has. */
#define LEAST_SHARE 1e-5

const gchar *
layer_obstacle (const Settings *settings, gint32 image, gint32 drawable)
{
  gint x, y, width, height;

  if (! gimp_item_is_layer (drawable))
    return _("This works on layers. Click on a layer's own picture in the Layers dialog, not on its mask or a channel.");
  if (gimp_item_is_group (drawable))
    return _("This is a layer group. Choose a layer in it.");
  if (gimp_layer_is_floating_sel (drawable))
    return _("This is a floating selection. Anchor it first (Layer > Anchor Layer).");
  if (gimp_drawable_is_indexed (drawable))
    return _("An indexed image has not the colors for this. Convert it first (Image > Mode > RGB).");
  if (! settings->new_layer && gimp_item_get_lock_content (drawable))
    return _("The layer's pixels are locked. Unlock them, or let the result be a new layer.");
  if (gimp_selection_is_empty (image))
    return gimp_drawable_has_alpha (drawable)
           ? NULL : _("Nothing is selected. Select what is to be repainted.");
  if (! gimp_drawable_mask_intersect (drawable, &x, &y, &width, &height))
    return _("The selection lies outside the layer. Select a part of the layer, or choose the layer below the selection.");
  return NULL;
}

/* ---- The operation ---- */

/* What the operation complained about: it reports failures by logging, and passes its input through. */
static gchar *complaint = NULL;

static void
keep_complaint (const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer user)
{
  if (! g_str_has_prefix (text, "inpaint:"))
    g_log_default_handler (domain, level, text, NULL);
  else if (! complaint)
    complaint = g_strdup (text);
}

static void
on_progress (GeglNode *operation, gdouble fraction, gpointer user)
{
  gchar      **shown = user;
  const gchar *stage = g_object_get_data (G_OBJECT (gegl_node_get_gegl_operation (operation)), "inpaint-stage");

  if (stage && *stage && g_strcmp0 (stage, *shown) != 0)
    {
      g_free (*shown);
      *shown = g_strdup (stage);
      gimp_progress_set_text (g_dgettext (GETTEXT_PACKAGE, stage));
    }
  gimp_progress_update (fraction);
}

/* 1 where the layer is selected, however little: what is painted there is blended by the selection once, at the end. */
static GeglNode *
mask_node (GeglNode *graph, GeglBuffer *selection, gint offset_x, gint offset_y)
{
  GeglNode *source = gegl_node_new_child (graph, "operation", "gegl:buffer-source", "buffer", selection, NULL);
  GeglNode *binary = gegl_node_new_child (graph, "operation", "gegl:threshold", "value", LEAST_SHARE, NULL);
  GeglNode *moved  = gegl_node_new_child (graph, "operation", "gegl:translate",
                                          "x", (gdouble) -offset_x, "y", (gdouble) -offset_y, NULL);

  gegl_node_link_many (source, binary, moved, NULL);
  return moved;
}

/* The operation's output over a layer's pixels; NULL, with *error set, if it failed.  Without a selection the layer's
 * transparency is the mask. */
static GeglBuffer *
run_operation (const Settings *settings, GeglBuffer *pixels, GeglBuffer *selection, gint offset_x, gint offset_y,
               gchar **error)
{
  GLogLevelFlags levels = G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE;
  GeglBuffer    *result = NULL;
  gchar         *title  = procedure_title (settings->procedure);
  gchar         *stage  = NULL;
  GeglNode      *source = gegl_node_new_child (settings->graph, "operation", "gegl:buffer-source",
                                               "buffer", pixels, NULL);
  GeglNode      *sink   = gegl_node_new_child (settings->graph, "operation", "gegl:buffer-sink",
                                               "buffer", &result, "format", NULL, NULL);
  guint          handler;

  gegl_node_link_many (source, settings->operation, sink, NULL);
  if (selection)
    gegl_node_connect_to (mask_node (settings->graph, selection, offset_x, offset_y), "output",
                          settings->operation, "aux");
  g_signal_connect (settings->operation, "progress", G_CALLBACK (on_progress), &stage);
  gimp_progress_init (title);
  handler = g_log_set_handler (NULL, levels, keep_complaint, NULL);
  gegl_node_process (sink);
  g_log_remove_handler (NULL, handler);
  gimp_progress_end ();
  if (complaint)
    *error = g_steal_pointer (&complaint);
  else if (! stage) /* no model was asked */
    *error = g_strdup (_("Nothing is selected, and the layer has no transparent part. Select what is to be repainted."));
  else if (! result)
    *error = g_strdup_printf (_("%s gave no picture"), settings->procedure->operation);
  if (*error)
    g_clear_object (&result);
  g_free (stage);
  g_free (title);
  return result;
}

/* ---- The result ---- */

/* Replaces the layer's pixels; GIMP blends by the selection. */
static void
replace_pixels (gint32 layer, GeglBuffer *result, const GeglRectangle *area)
{
  GeglBuffer *shadow = gimp_drawable_get_shadow_buffer (layer);

  gegl_buffer_copy (result, area, GEGL_ABYSS_NONE, shadow, area);
  g_object_unref (shadow); /* sends the pixels to GIMP */
  gimp_drawable_merge_shadow (layer, TRUE);
  gimp_drawable_update (layer, area->x, area->y, area->width, area->height);
}

/* Copies `area` of `result` to `patch`, whose origin is the area's.  Its alpha is the selection; without one, that of
 * the pixels that changed. */
static void
copy_patch (GeglBuffer *pixels, GeglBuffer *selection, GeglBuffer *result, const GeglRectangle *area,
            gint offset_x, gint offset_y, GeglBuffer *patch)
{
  const Babl *format = babl_format_with_space ("R'G'B'A float", gegl_buffer_get_format (patch));
  gsize       count  = (gsize) area->width * BAND;
  gfloat     *before = g_new (gfloat, 4 * count);
  gfloat     *after  = g_new (gfloat, 4 * count);
  gfloat     *share  = g_new (gfloat, count);

  for (gint y = 0; y < area->height; y += BAND)
    {
      GeglRectangle band     = { area->x, area->y + y, area->width, MIN (BAND, area->height - y) };
      GeglRectangle selected = { band.x + offset_x, band.y + offset_y, band.width, band.height };
      GeglRectangle target   = { 0, y, band.width, band.height };

      gegl_buffer_get (result, &band, 1.0, format, after, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      if (selection) /* stored as if its shares were linear light */
        gegl_buffer_get (selection, &selected, 1.0, babl_format ("Y float"), share, GEGL_AUTO_ROWSTRIDE,
                         GEGL_ABYSS_NONE);
      else
        gegl_buffer_get (pixels, &band, 1.0, format, before, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      for (gsize i = 0; i < (gsize) band.width * band.height; i++)
        if (selection)
          after[4 * i + 3] = share[i];
        else if (memcmp (before + 4 * i, after + 4 * i, 4 * sizeof (gfloat)) == 0)
          after[4 * i + 3] = 0;
      gegl_buffer_set (patch, &target, 0, format, after, GEGL_AUTO_ROWSTRIDE);
    }
  g_free (before);
  g_free (after);
  g_free (share);
}

/* Puts a layer of the area's size above `layer`, which stays the active one: repeating the filter fills it again. */
static void
add_layer (const Settings *settings, gint32 image, gint32 layer, GeglBuffer *pixels, GeglBuffer *selection,
           GeglBuffer *result, const GeglRectangle *area)
{
  gchar        *title = procedure_title (settings->procedure);
  GimpImageType type  = gimp_drawable_is_gray (layer) ? GIMP_GRAYA_IMAGE : GIMP_RGBA_IMAGE;
  gint32        added = gimp_layer_new (image, title, area->width, area->height, type, 100.0,
                                        gimp_image_get_default_new_layer_mode (image));
  gint          offset_x, offset_y;
  GeglBuffer   *patch;

  gimp_drawable_offsets (layer, &offset_x, &offset_y);
  gimp_layer_set_offsets (added, area->x + offset_x, area->y + offset_y);
  patch = gimp_drawable_get_buffer (added);
  copy_patch (pixels, selection, result, area, offset_x, offset_y, patch);
  g_object_unref (patch);
  gimp_image_undo_group_start (image);
  gimp_image_insert_layer (image, added, gimp_item_get_parent (layer), gimp_image_get_item_position (image, layer));
  gimp_image_set_active_layer (image, layer);
  gimp_image_undo_group_end (image);
  g_free (title);
}

gboolean
layer_run (const Settings *settings, gint32 image, gint32 layer, gchar **error)
{
  GeglBuffer   *pixels    = gimp_drawable_get_buffer (layer);
  GeglBuffer   *selection = NULL;
  GeglBuffer   *result;
  GeglRectangle area;
  gint          offset_x, offset_y;

  if (! gimp_selection_is_empty (image))
    selection = gimp_drawable_get_buffer (gimp_image_get_selection (image));
  gimp_drawable_offsets (layer, &offset_x, &offset_y);
  gimp_drawable_mask_intersect (layer, &area.x, &area.y, &area.width, &area.height);
  result = run_operation (settings, pixels, selection, offset_x, offset_y, error);
  if (result && settings->new_layer)
    add_layer (settings, image, layer, pixels, selection, result, &area);
  else if (result)
    replace_pixels (layer, result, &area);
  g_clear_object (&selection);
  g_object_unref (pixels);
  if (! result)
    return FALSE;
  g_object_unref (result);
  return TRUE;
}
