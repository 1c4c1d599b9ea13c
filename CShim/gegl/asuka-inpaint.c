/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* inpaint:asuka-inpaint: inpainting without text, from what a masked autoencoder expects in the hole. */
#include <glib/gi18n-lib.h>

#ifdef GEGL_PROPERTIES

property_double (prior_strength, _("Prior strength"), 1.0)
  description (_("How much of the fill follows the surroundings: 1 is ASUKA, 0 the model with an empty prompt"))
  value_range (0.0, 1.0)

#define INPAINT_SOFT_MASK
#define INPAINT_DEFAULT_GROW 0
#include "mask-properties.inc"
#include "shared-properties.inc"

property_file_path (model, _("Model"), "")
  description (_("A Stable Diffusion inpainting model with ASUKA's parts: its model_index.json; empty takes the installed one"))

#include "file-properties.inc"

#else

#include "shim.h"

#define GEGL_OP_COMPOSER
#define GEGL_OP_NAME     asuka_inpaint
#define GEGL_OP_C_SOURCE asuka-inpaint.c

#include "gegl-op.h"

static void
gegl_op_class_init (GeglOpClass *klass)
{
  inpaint_class_init (GEGL_OPERATION_COMPOSER_CLASS (klass));

  inpaint_set_keys (GEGL_OPERATION_CLASS (klass), "inpaint:asuka-inpaint", _("Inpaint without text (ASUKA)"),
                    _("Fill the masked or transparent part of the image with what its surroundings suggest, and nothing new"),
                    N_("Fill without _Text..."));
}

#endif
