/* What the operations share: everything but their own properties and keys. */
#pragma once

#include <gegl-plugin.h>

#include "inpaint_abi.h"

/* The enumerations of the ABI as GObject types, for property_enum. */
GType inpaint_sampler_get_type (void);
GType inpaint_crop_get_type (void);
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

/* Formats, regions and caching of every operation; its canvas is its input's. */
void inpaint_class_init (GeglOperationClass *operation_class);

/* The same for an operation that takes its mask on aux. */
void inpaint_composer_class_init (GeglOperationComposerClass *composer_class);

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

/* The mask, to be unreferenced; GEGL leaves it out where it lies beside the input, and then it is an empty one.  NULL
 * where the pad aux is not connected. */
GeglBuffer *inpaint_mask (GeglOperation *operation, GeglBuffer *aux);

/* Why a mask leaves nothing to do. */
#define INPAINT_EMPTY_MASK \
  "no pixel of the mask over the input is 0.5 or brighter (a file that GEGL cannot load becomes black text)"

/* Tells the user how a run is done, or why there is nothing to do. */
void inpaint_tell (GeglOperation *operation, const gchar *text);

/* Tells the host why a run failed; the text names the operation, the cause and the remedy. */
void inpaint_fail (const gchar *text);

/* Tells the host how far a run of the operation `user` is; an InpaintProgress. */
bool inpaint_report_progress (void *user, double fraction, const char *stage);

/* Repaints `input` into `output` where `aux` (or, without one, the input's transparency) says so, and what the
 * operation's canvas has beyond the input.  FALSE after a failure, which has been reported to the host; the output is
 * the input then. */
gboolean inpaint_process (GeglOperation *operation, InpaintRequest *request, GeglBuffer *input, GeglBuffer *aux,
                          GeglBuffer *output);

/* Whether the operation's last inpaint_process failed: GEGL does not say. */
gboolean inpaint_has_failed (GeglOperation *operation);
