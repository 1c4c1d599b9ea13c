/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* inpaint:lama-inpaint: fills the mask by its surroundings in one pass. */
#include <glib/gi18n-lib.h>

#ifdef GEGL_PROPERTIES

#define INPAINT_ONE_PASS
#define INPAINT_DEFAULT_GROW 5
#include "mask-properties.inc"
#include "shared-properties.inc"

property_file_path (model, _("Model"), "")
  description (_("A LaMa: best.ckpt, TorchScript, or a .safetensors file; empty takes the installed one"))

#else

#include "shim.h"

#define GEGL_OP_COMPOSER
#define GEGL_OP_NAME     lama_inpaint
#define GEGL_OP_C_SOURCE lama-inpaint.c

#include "gegl-op.h"

static void
gegl_op_class_init (GeglOpClass *klass)
{
  inpaint_class_init (GEGL_OPERATION_COMPOSER_CLASS (klass));

  inpaint_set_keys (GEGL_OPERATION_CLASS (klass), "inpaint:lama-inpaint", _("Erase (LaMa)"),
                    _("Erase what the mask covers in seconds: the surroundings go on in its place"),
                    N_("Er_ase Selection..."));
}

#endif
