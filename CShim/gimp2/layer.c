#include <string.h>

#include <libgimp/gimp.h>
#include <glib/gi18n-lib.h>

#include "layer.h"

/* Rows that are compared or copied at a time. */
#define BAND 64

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

/* The selection over the layer, in the layer's coordinates. */
static GeglNode *
mask_node (GeglNode *graph, GeglBuffer *selection, gint offset_x, gint offset_y)
{
  GeglNode *source = gegl_node_new_child (graph, "operation", "gegl:buffer-source", "buffer", selection, NULL);
  /* GIMP says that a selection's values are linear light.  They are shares, and the operation wants them as stored. */
  GeglNode *shares = gegl_node_new_child (graph, "operation", "gegl:cast-format", "input-format",
                                          babl_format ("Y float"), "output-format", babl_format ("Y' float"), NULL);
  GeglNode *moved  = gegl_node_new_child (graph, "operation", "gegl:translate",
                                          "x", (gdouble) -offset_x, "y", (gdouble) -offset_y, NULL);

  gegl_node_link_many (source, shares, moved, NULL);
  return moved;
}

/* The operation's output over `layer`'s pixels; NULL, with *error set, if it failed.  Without a selection the layer's
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
  g_free (stage);
  g_free (title);
  if (complaint || ! result)
    {
      g_clear_object (&result);
      *error = complaint ? g_steal_pointer (&complaint)
                         : g_strdup_printf (_("%s gave no picture"), settings->procedure->operation);
    }
  return result;
}

/* ---- The result ---- */

/* The least rectangle that holds all pixels in which two buffers of one format differ. */
static GeglRectangle
changed_area (GeglBuffer *before, GeglBuffer *after)
{
  const GeglRectangle *extent  = gegl_buffer_get_extent (before);
  const Babl          *format  = gegl_buffer_get_format (before);
  gsize                size    = babl_format_get_bytes_per_pixel (format);
  guint8              *old     = g_malloc_n ((gsize) extent->width * BAND, size);
  guint8              *new     = g_malloc_n ((gsize) extent->width * BAND, size);
  gint                 left    = extent->width, right = 0, top = extent->height, bottom = 0;

  for (gint y = 0; y < extent->height; y += BAND)
    {
      GeglRectangle band = { extent->x, extent->y + y, extent->width, MIN (BAND, extent->height - y) };

      gegl_buffer_get (before, &band, 1.0, format, old, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      gegl_buffer_get (after, &band, 1.0, format, new, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      for (gint row = 0; row < band.height; row++)
        {
          const guint8 *a = old + (gsize) row * band.width * size, *b = new + (gsize) row * band.width * size;
          gint          first = 0, last = band.width;

          if (memcmp (a, b, band.width * size) == 0)
            continue;
          while (memcmp (a + first * size, b + first * size, size) == 0)
            first++;
          while (memcmp (a + (last - 1) * size, b + (last - 1) * size, size) == 0)
            last--;
          left   = MIN (left, first);
          right  = MAX (right, last);
          top    = MIN (top, y + row);
          bottom = MAX (bottom, y + row + 1);
        }
    }
  g_free (old);
  g_free (new);
  return *GEGL_RECTANGLE (extent->x + left, extent->y + top, MAX (right - left, 0), MAX (bottom - top, 0));
}

/* Replaces the layer's pixels in `area`.  The operation has blended by the selection already, and GIMP would do so
 * once more: while it merges, the selection is the area. */
static void
replace_pixels (gint32 image, gint32 layer, GeglBuffer *result, const GeglRectangle *area)
{
  GeglBuffer *shadow    = gimp_drawable_get_shadow_buffer (layer);
  gint32      selection = gimp_image_get_selection (image);
  gboolean    is_empty  = gimp_selection_is_empty (image);
  gint32      kept      = gimp_channel_copy (selection);
  gint        offset_x, offset_y;

  gegl_buffer_copy (result, area, GEGL_ABYSS_NONE, shadow, area);
  g_object_unref (shadow); /* sends the pixels to GIMP */
  gimp_drawable_offsets (layer, &offset_x, &offset_y);
  gimp_context_push ();
  gimp_context_set_feather (FALSE);
  gimp_image_select_rectangle (image, GIMP_CHANNEL_OP_REPLACE, area->x + offset_x, area->y + offset_y,
                               area->width, area->height);
  gimp_drawable_merge_shadow (layer, TRUE);
  if (is_empty)
    gimp_selection_none (image);
  else
    gimp_channel_combine_masks (selection, kept, GIMP_CHANNEL_OP_REPLACE, 0, 0);
  gimp_context_pop ();
  gimp_item_delete (kept);
  gimp_drawable_update (layer, area->x, area->y, area->width, area->height);
}

/* Copies `area` of `result` to `patch`, whose origin is the area's: opaque where something is selected, as it is where
 * it changed without, and transparent elsewhere. */
static void
copy_patch (GeglBuffer *pixels, GeglBuffer *selection, GeglBuffer *result, const GeglRectangle *area,
            gint offset_x, gint offset_y, GeglBuffer *patch)
{
  const Babl *stored      = gegl_buffer_get_format (result);
  const Babl *format      = gegl_buffer_get_format (patch);
  gsize       stored_size = babl_format_get_bytes_per_pixel (stored);
  gsize       size        = babl_format_get_bytes_per_pixel (format);
  gsize       alpha_size  = size / babl_format_get_n_components (format); /* the last component */
  gsize       count       = (gsize) area->width * BAND;
  guint8     *old         = g_malloc_n (count, stored_size);
  guint8     *new         = g_malloc_n (count, stored_size);
  guint8     *copied      = g_malloc_n (count, size);
  gfloat     *share       = g_new0 (gfloat, count);
  guint8     *opaque      = g_malloc (size);

  babl_process (babl_fish (babl_format ("R'G'B'A float"), format), (gfloat[]) { 0, 0, 0, 1 }, opaque, 1);
  for (gint y = 0; y < area->height; y += BAND)
    {
      GeglRectangle band     = { area->x, area->y + y, area->width, MIN (BAND, area->height - y) };
      GeglRectangle selected = { band.x + offset_x, band.y + offset_y, band.width, band.height };
      GeglRectangle target   = { 0, y, band.width, band.height };

      gegl_buffer_get (pixels, &band, 1.0, stored, old, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      gegl_buffer_get (result, &band, 1.0, stored, new, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      gegl_buffer_get (result, &band, 1.0, format, copied, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      if (selection)
        gegl_buffer_get (selection, &selected, 1.0, babl_format ("Y float"), share, GEGL_AUTO_ROWSTRIDE,
                         GEGL_ABYSS_NONE);
      for (gsize i = 0; i < (gsize) band.width * band.height; i++)
        if (share[i] > 0)
          memcpy (copied + (i + 1) * size - alpha_size, opaque + size - alpha_size, alpha_size);
        else if (memcmp (old + i * stored_size, new + i * stored_size, stored_size) == 0)
          memset (copied + i * size, 0, size);
      gegl_buffer_set (patch, &target, 0, format, copied, GEGL_AUTO_ROWSTRIDE);
    }
  g_free (old);
  g_free (new);
  g_free (copied);
  g_free (share);
  g_free (opaque);
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
  gimp_image_insert_layer (image, added, gimp_item_get_parent (layer), gimp_image_get_item_position (image, layer));
  patch = gimp_drawable_get_buffer (added);
  copy_patch (pixels, selection, result, area, offset_x, offset_y, patch);
  g_object_unref (patch);
  gimp_drawable_update (added, 0, 0, area->width, area->height);
  gimp_image_set_active_layer (image, layer);
  g_free (title);
}

gboolean
layer_run (const Settings *settings, gint32 image, gint32 layer, gchar **error)
{
  GeglBuffer   *pixels    = gimp_drawable_get_buffer (layer);
  GeglBuffer   *selection = NULL;
  GeglBuffer   *result;
  GeglRectangle area      = { 0, 0, 0, 0 };
  gint          offset_x, offset_y;

  if (! gimp_selection_is_empty (image))
    selection = gimp_drawable_get_buffer (gimp_image_get_selection (image));
  gimp_drawable_offsets (layer, &offset_x, &offset_y);
  result = run_operation (settings, pixels, selection, offset_x, offset_y, error);
  if (result)
    area = changed_area (pixels, result);
  if (result && area.width == 0)
    *error = g_strdup (selection ? _("Nothing was changed: no pixel of the layer is selected by half or more.")
                                 : _("Nothing is selected, and the layer has no transparent part. Select what is to "
                                     "be repainted."));
  if (area.width > 0)
    {
      gimp_image_undo_group_start (image);
      if (settings->new_layer)
        add_layer (settings, image, layer, pixels, selection, result, &area);
      else
        replace_pixels (image, layer, result, &area);
      gimp_image_undo_group_end (image);
    }
  g_clear_object (&result);
  g_clear_object (&selection);
  g_object_unref (pixels);
  return area.width > 0;
}
