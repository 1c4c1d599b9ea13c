/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The GEGL module: registers the operations. */
#include <gegl-plugin.h>

/* Each operation's file defines its own through gegl-op.h. */
void gegl_op_sd_inpaint_register_type (GTypeModule *module);
void gegl_op_asuka_inpaint_register_type (GTypeModule *module);
void gegl_op_seele_remove_register_type (GTypeModule *module);
void gegl_op_seele_complete_register_type (GTypeModule *module);
void gegl_op_seele_harmonize_register_type (GTypeModule *module);
void gegl_op_seele_reposition_register_type (GTypeModule *module);
void gegl_op_outpaint_register_type (GTypeModule *module);
void gegl_op_lama_inpaint_register_type (GTypeModule *module);

static const GeglModuleInfo module_info = { GEGL_MODULE_ABI_VERSION };

G_MODULE_EXPORT const GeglModuleInfo *gegl_module_query (GTypeModule *module);
G_MODULE_EXPORT gboolean gegl_module_register (GTypeModule *module);

const GeglModuleInfo *
gegl_module_query (GTypeModule *module)
{
  return &module_info;
}

gboolean
gegl_module_register (GTypeModule *module)
{
  gegl_op_sd_inpaint_register_type (module);
  gegl_op_asuka_inpaint_register_type (module);
  gegl_op_seele_remove_register_type (module);
  gegl_op_seele_complete_register_type (module);
  gegl_op_seele_harmonize_register_type (module);
  gegl_op_seele_reposition_register_type (module);
  gegl_op_outpaint_register_type (module);
  gegl_op_lama_inpaint_register_type (module);
  return TRUE;
}
