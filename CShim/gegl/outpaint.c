/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* inpaint:outpaint: grows the canvas and paints what is added.
 *
 * It takes a mask as the others do, of what of the old picture is painted anew.  The pad also keeps GIMP 3 from leaving
 * the operation on a layer as a live filter, whose export has the added canvas at the wrong side: GIMP merges filters that
 * have a pad aux. */
#include <glib/gi18n-lib.h>

#ifdef GEGL_PROPERTIES

property_int (left, _("Left"), 0)
  description (_("Pixels to add on the left"))
  value_range (0, 8192)
  ui_range (0, 1024)
  ui_steps (16, 64)
  ui_meta ("unit", "pixel-distance")

property_int (right, _("Right"), 0)
  description (_("Pixels to add on the right"))
  value_range (0, 8192)
  ui_range (0, 1024)
  ui_steps (16, 64)
  ui_meta ("unit", "pixel-distance")

property_int (top, _("Top"), 0)
  description (_("Pixels to add at the top"))
  value_range (0, 8192)
  ui_range (0, 1024)
  ui_steps (16, 64)
  ui_meta ("unit", "pixel-distance")

property_int (bottom, _("Bottom"), 0)
  description (_("Pixels to add at the bottom"))
  value_range (0, 8192)
  ui_range (0, 1024)
  ui_steps (16, 64)
  ui_meta ("unit", "pixel-distance")

property_string (prompt, _("Prompt"), "")
  description (_("What to paint beyond the borders; may be empty"))
  ui_meta ("multiline", "true")

property_string (negative_prompt, _("Negative prompt"), "")
  description (_("What not to paint; used with a guidance above 1"))
  ui_meta ("multiline", "true")

property_int (clip_skip, _("Clip skip"), 0)
  description (_("How many of the text encoder's last layers are left out; 1 is what other programs call clip skip 2"))
  value_range (0, 11)
  ui_range (0, 4)
  ui_steps (1, 1)

property_int (overlap, _("Overlap"), 16)
  description (_("Pixels along the old border that may change, to blend old and new"))
  value_range (0, 256)
  ui_range (0, 64)
  ui_steps (4, 16)
  ui_meta ("unit", "pixel-distance")

#include "shared-properties.inc"

property_file_path (model, _("Model"), "")
  description (_("A Stable Diffusion inpainting model: its model_index.json, or one .safetensors file; empty takes the installed one"))

#include "file-properties.inc"

property_file_path (prompt_file, _("Prompt file"), "")
  description (_("A text file with the prompt, instead of the prompt above"))

#else

#include "shim.h"

#define GEGL_OP_COMPOSER
#define GEGL_OP_NAME     outpaint
#define GEGL_OP_C_SOURCE outpaint.c

#include "gegl-op.h"

static GeglRectangle
get_bounding_box (GeglOperation *operation)
{
  GeglProperties *o   = GEGL_PROPERTIES (operation);
  GeglRectangle   box = inpaint_input_box (operation);

  if (inpaint_is_finite (&box))
    {
      box.x      -= o->left;
      box.y      -= o->top;
      box.width  += o->left + o->right;
      box.height += o->top + o->bottom;
    }
  return box;
}

static void
gegl_op_class_init (GeglOpClass *klass)
{
  inpaint_class_init (GEGL_OPERATION_COMPOSER_CLASS (klass));
  GEGL_OPERATION_CLASS (klass)->get_bounding_box = get_bounding_box;

  inpaint_set_keys (GEGL_OPERATION_CLASS (klass), "inpaint:outpaint", _("Outpaint"),
                    _("Grow the canvas and paint what is added, and the masked or transparent part of the image"),
                    N_("_Extend Canvas..."));
}

#endif
