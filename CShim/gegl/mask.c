/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Masks: on the pad aux, in files. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "enums.h"
#include "mask.h"
#include "shim.h"

/* From where on a soft mask is repainted. */
#define SOFT_HOLE 0.05

static gboolean
has_mask_strength (GeglOperation *operation)
{
  return g_object_class_find_property (G_OBJECT_GET_CLASS (operation), "mask-strength") != NULL;
}

static gboolean
is_soft (GeglOperation *operation)
{
  InpaintMaskStrength strength = INPAINT_MASK_STRENGTH_BINARY;

  if (has_mask_strength (operation))
    g_object_get (operation, "mask-strength", &strength, NULL);
  return strength == INPAINT_MASK_STRENGTH_SOFT;
}

static GeglNode *
producer_of (GeglNode *node, const gchar *pad)
{
  return gegl_node_has_pad (node, pad) ? gegl_node_get_producer (node, (gchar *) pad, NULL) : NULL;
}

/* Whether the operation puts its input elsewhere, or makes one picture of two. */
static gboolean
places (GeglNode *node)
{
  const gchar *name       = gegl_node_get_operation (node);
  const gchar *categories = name ? gegl_operation_get_key (name, "categories") : NULL;

  return g_strcmp0 (name, "gegl:crop") == 0 || producer_of (node, "aux")
         || (categories && strstr (categories, "transform"));
}

/* Where the picture on aux comes from, if that is a file or a host's buffer, and no operation on the way has placed it;
 * else NULL. */
static const gchar *
unplaced_source (GeglOperation *operation)
{
  GeglNode    *node = producer_of (operation->node, "aux");
  const gchar *name;

  while (node && ! places (node) && producer_of (node, "input"))
    node = producer_of (node, "input");
  name = node ? gegl_node_get_operation (node) : NULL;
  return name && (g_str_has_suffix (name, "load") || g_strcmp0 (name, "gegl:buffer-source") == 0) ? name : NULL;
}

GeglBuffer *
inpaint_mask (GeglOperation *operation, GeglBuffer *aux)
{
  const GeglRectangle *box = gegl_operation_source_get_bounding_box (operation, "aux");

  if (! box || gegl_rectangle_is_empty (box))
    return NULL;
  return aux ? g_object_ref (aux) : gegl_buffer_new (GEGL_RECTANGLE (0, 0, 0, 0), babl_format ("Y'A float"));
}

/* Whether the operation's input, or what it was before operations that leave it where it is, covers `box` exactly; or is
 * a part of it that has been cut out. */
static gboolean
is_input_box (GeglOperation *operation, const GeglRectangle *box)
{
  GeglRectangle input = inpaint_input_box (operation);
  GeglNode     *node  = operation->node;

  if ((input.x != box->x || input.y != box->y) && gegl_rectangle_contains (box, &input))
    return TRUE;
  for (; node; node = producer_of (node, "input"))
    {
      if (node != operation->node && places (node) && ! g_str_has_prefix (gegl_node_get_operation (node), "inpaint:"))
        return FALSE;
      if (! producer_of (node, "input"))
        return FALSE;
      operation = gegl_node_get_gegl_operation (node);
      input     = operation ? inpaint_input_box (operation) : (GeglRectangle) { 0, 0, 0, 0 };
      if (gegl_rectangle_equal (&input, box))
        return TRUE;
    }
  return FALSE;
}

gchar *
inpaint_mask_misfit (GeglOperation *operation)
{
  const GeglRectangle *mask   = gegl_operation_source_get_bounding_box (operation, "aux");
  const gchar         *name   = gegl_operation_get_name (operation);
  const gchar         *source = mask ? unplaced_source (operation) : NULL;
  GeglRectangle        input  = inpaint_input_box (operation);

  if (! source)
    return NULL;
  if (gegl_rectangle_is_empty (mask)) /* GIMP has not yet a buffer; a file has no picture */
    return g_strcmp0 (source, "gegl:buffer-source") == 0
           ? NULL : g_strdup_printf ("%s: the mask's file is not a picture that GEGL can read", name);
  if (! inpaint_is_finite (mask) || is_input_box (operation, mask))
    return NULL;
  if (mask->width == input.width && mask->height == input.height)
    return g_strdup_printf ("%s: the picture begins at %d, %d, the mask at %d, %d; place the mask with gegl:translate x=%d "
                            "y=%d", name, input.x, input.y, mask->x, mask->y, input.x - mask->x, input.y - mask->y);
  return g_strdup_printf ("%s: the mask is %d x %d pixels, the picture %d x %d; give both one size (inpaint run --fit-mask "
                          "does), or place a smaller mask with gegl:translate.  A file that GEGL cannot load becomes a "
                          "picture of text", name, mask->width, mask->height, input.width, input.height);
}

/* What may help where a mask's brightest pixel is no brighter than this. */
static const gchar *
remedy (GeglOperation *operation, float largest)
{
  if (largest > 0.0f && largest < 0.01f)
    return "; in a file of 8 bits white is 255, not 1";
  return largest >= SOFT_HOLE && has_mask_strength (operation) ? "; mask-strength=soft repaints what is grey" : "";
}

gchar *
inpaint_mask_emptiness (GeglOperation *operation, gboolean has_aux, const float *mask, const GeglRectangle *box)
{
  const GeglRectangle *extent  = has_aux ? gegl_operation_source_get_bounding_box (operation, "aux") : NULL;
  const Babl          *format  = gegl_operation_get_source_format (operation, has_aux ? "aux" : "input");
  float                largest = 0.0f;

  for (gsize i = 0; i < (gsize) box->width * box->height; i++)
    largest = MAX (largest, mask[i]);
  if (! extent)
    return g_strdup_printf ("no pixel of the input is half transparent or more: the most transparent one has %.3f of its "
                            "alpha left", 1.0f - largest);
  return g_strdup_printf ("no pixel of the mask over the input is %g or brighter: of its %d x %d pixels in \"%s\" the "
                          "brightest one is %.3f%s", is_soft (operation) ? SOFT_HOLE : 0.5, extent->width, extent->height,
                          format ? babl_get_name (format) : "an unknown format", largest, remedy (operation, largest));
}

/* Bounds of what GEGL reads from a file; empty where that is no picture. */
static GeglRectangle
picture_box (const gchar *path)
{
  GeglNode     *graph = gegl_node_new ();
  GeglNode     *load  = gegl_node_new_child (graph, "operation", "gegl:load", "path", path, NULL);
  GeglRectangle box   = gegl_node_get_bounding_box (load);

  g_object_unref (graph);
  return box;
}

gchar *
inpaint_mask_file_misfit (const gchar *path, const GeglRectangle *canvas)
{
  GeglRectangle box = { 0, 0, 0, 0 };

  if (g_access (path, R_OK) != 0)
    return g_strdup_printf ("%s: %s", path, g_strerror (errno));
  if (g_file_test (path, G_FILE_TEST_IS_REGULAR)) /* GEGL would wait for what somebody writes to a pipe */
    box = picture_box (path);
  if (gegl_rectangle_is_empty (&box))
    return g_strdup_printf ("%s: not a picture that GEGL can read", path);
  if (box.width != canvas->width || box.height != canvas->height)
    return g_strdup_printf ("%s is %d x %d pixels, the picture %d x %d; give both one size", path, box.width, box.height,
                            canvas->width, canvas->height);
  return NULL;
}

GeglBuffer *
inpaint_mask_buffer (const float *mask, const GeglRectangle *canvas)
{
  const Babl *format = babl_format ("Y' float");
  GeglBuffer *buffer = gegl_buffer_new (canvas, format);

  gegl_buffer_set (buffer, canvas, 0, format, mask, GEGL_AUTO_ROWSTRIDE);
  return buffer;
}
