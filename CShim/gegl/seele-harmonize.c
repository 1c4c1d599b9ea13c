/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* inpaint:seele-harmonize: gives the masked subject the light and the colors of its surroundings. */
#include <glib/gi18n-lib.h>

#ifdef GEGL_PROPERTIES

property_double (strength, _("Strength"), 0.6)
  description (_("The most noise under which the model is asked what to change, as a share of all; 0 changes nothing"))
  value_range (0.0, 1.0)
  ui_range (0.2, 1.0)
  ui_steps (0.05, 0.1)

#define INPAINT_ADDS
#define INPAINT_OWN_STRENGTH
#define INPAINT_DEFAULT_GROW 0
#include "mask-properties.inc"
#include "shared-properties.inc"

property_file_path (model, _("Model"), "")
  description (_("A Stable Diffusion inpainting model with SEELE's harmonizing prompt and LoRA: its model_index.json; empty takes the installed one"))

#include "file-properties.inc"

#else

#include "shim.h"

#define GEGL_OP_COMPOSER
#define GEGL_OP_NAME     seele_harmonize
#define GEGL_OP_C_SOURCE seele-harmonize.c

#include "gegl-op.h"

static void
gegl_op_class_init (GeglOpClass *klass)
{
  inpaint_class_init (GEGL_OPERATION_COMPOSER_CLASS (klass));

  inpaint_set_keys (GEGL_OPERATION_CLASS (klass), "inpaint:seele-harmonize", _("Harmonize subject (SEELE)"),
                    _("Give what the mask covers the light and the colors of its surroundings, and keep what it is"),
                    N_("_Harmonize Selection..."));
}

#endif
