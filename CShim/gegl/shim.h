/* What the operations share: everything but their own properties and keys. */
#pragma once

#include <gegl-plugin.h>

#include "inpaint_abi.h"

/* The enumerations of the ABI as GObject types, for property_enum. */
GType inpaint_sampler_get_type (void);
GType inpaint_crop_get_type (void);
GType inpaint_color_match_get_type (void);
GType inpaint_decoder_get_type (void);
GType inpaint_detail_get_type (void);
GType inpaint_precision_get_type (void);

/* The properties of shared-properties.inc and the model, as members of an InpaintRequest. */
#define INPAINT_SHARED_REQUEST(o)                                                                                     \
  .abi_version = INPAINT_ABI_VERSION, .model = (o)->model, .steps = (o)->steps, .sampler = (o)->sampler,              \
  .jump_length = (o)->jump_length, .jump_samples = (o)->jump_samples,                                                 \
  .guidance = (o)->guidance, .seed = (o)->seed, .crop = (o)->crop, .working_size = (o)->working_size,                 \
  .preserve = (o)->preserve, .color_match = (o)->color_match, .decoder = (o)->decoder,                                \
  .detail = (o)->detail,                                                                                              \
  .task_prompt = (o)->task_prompt, .lora = (o)->lora, .lora_scale = (o)->lora_scale, .precision = (o)->precision

/* The properties of mask-properties.inc. */
#define INPAINT_MASK_REQUEST(o)                                                                                       \
  .strength = (o)->strength, .grow = (o)->grow, .feather = (o)->feather, .context = (o)->context

/* Formats, regions, caching and pads of every operation: it takes its mask on aux, and its canvas is its input's. */
void inpaint_class_init (GeglOperationComposerClass *composer_class);

/* What hosts show of an operation, and where. */
void inpaint_set_keys (GeglOperationClass *operation_class, const gchar *name, const gchar *title,
                       const gchar *description, const gchar *menu_label);

/* Bounds of what is on the pad "input"; empty without one. */
GeglRectangle inpaint_input_box (GeglOperation *operation);

/* Neither empty nor without bounds. */
gboolean inpaint_is_finite (const GeglRectangle *rectangle);

/* Copies `input` to `output`.  FALSE where that is all that can be done: there is no input, or it has no bounds, which
 * the user is told. */
gboolean inpaint_begin (GeglOperation *operation, GeglBuffer *input, GeglBuffer *output);

/* Repaints `input` into `output` where `aux` (or, without one, the input's transparency) says so, and what the
 * operation's canvas has beyond the input.  FALSE after a failure, which has been reported to the host; the output is
 * the input then. */
gboolean inpaint_process (GeglOperation *operation, InpaintRequest *request, GeglBuffer *input, GeglBuffer *aux,
                          GeglBuffer *output);
