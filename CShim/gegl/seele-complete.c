/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* inpaint:seele-complete: completes the part of a subject that the mask covers. */
#include <glib/gi18n-lib.h>

#ifdef GEGL_PROPERTIES

#define INPAINT_SOFT_MASK
#define INPAINT_DEFAULT_GROW 2
#include "mask-properties.inc"
#include "shared-properties.inc"

property_file_path (model, _("Model"), "")
  description (_("A Stable Diffusion inpainting model with SEELE's learned prompts: its model_index.json; empty takes the installed one"))

#include "file-properties.inc"

#else

#include "shim.h"

#define GEGL_OP_COMPOSER
#define GEGL_OP_NAME     seele_complete
#define GEGL_OP_C_SOURCE seele-complete.c

#include "gegl-op.h"

static void
gegl_op_class_init (GeglOpClass *klass)
{
  inpaint_class_init (GEGL_OPERATION_COMPOSER_CLASS (klass));

  inpaint_set_keys (GEGL_OPERATION_CLASS (klass), "inpaint:seele-complete", _("Complete subject (SEELE)"),
                    _("Paint the part of a subject that the mask covers"),
                    N_("_Complete Selection..."));
}

#endif
