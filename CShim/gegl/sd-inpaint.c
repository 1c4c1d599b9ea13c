/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* inpaint:sd-inpaint: Stable Diffusion inpainting. */
#include <glib/gi18n-lib.h>

#ifdef GEGL_PROPERTIES

property_string (prompt, _("Prompt"), "")
  description (_("What to paint in the hole; may be empty"))
  ui_meta ("multiline", "true")

property_string (negative_prompt, _("Negative prompt"), "")
  description (_("What not to paint; used with a guidance above 1"))
  ui_meta ("multiline", "true")

property_int (clip_skip, _("Clip skip"), 0)
  description (_("How many of the text encoder's last layers are left out; 1 is what other programs call clip skip 2"))
  value_range (0, 11)
  ui_range (0, 4)
  ui_steps (1, 1)

#define INPAINT_SOFT_MASK
#define INPAINT_DEFAULT_GROW 0
#include "mask-properties.inc"
#include "shared-properties.inc"

property_file_path (model, _("Model"), "")
  description (_("A Stable Diffusion inpainting model: its model_index.json, or one .safetensors file; empty takes the installed one"))

#include "file-properties.inc"

property_file_path (prompt_file, _("Prompt file"), "")
  description (_("A text file with the prompt, instead of the prompt above"))

#else

#include "shim.h"

#define GEGL_OP_COMPOSER
#define GEGL_OP_NAME     sd_inpaint
#define GEGL_OP_C_SOURCE sd-inpaint.c

#include "gegl-op.h"

static void
gegl_op_class_init (GeglOpClass *klass)
{
  inpaint_class_init (GEGL_OPERATION_COMPOSER_CLASS (klass));

  inpaint_set_keys (GEGL_OPERATION_CLASS (klass), "inpaint:sd-inpaint", _("Inpaint (Stable Diffusion)"),
                    _("Fill the masked or transparent part of the image with what a text describes"),
                    N_("_Fill Selection..."));
}

#endif
