/* What the operations share: everything but their own properties and keys. */
#pragma once

#include <gegl-plugin.h>

#include "inpaint_abi.h"

/* The enumerations of the ABI as GObject types, for property_enum. */
GType inpaint_sampler_get_type (void);
GType inpaint_crop_get_type (void);
GType inpaint_precision_get_type (void);

/* The properties of shared-properties.inc, and those that every operation has, as members of an InpaintRequest. */
#define INPAINT_SHARED_REQUEST(o)                                                                                     \
  .abi_version = INPAINT_ABI_VERSION, .model = (o)->model, .steps = (o)->steps, .sampler = (o)->sampler,              \
  .guidance = (o)->guidance, .strength = (o)->strength, .seed = (o)->seed, .grow = (o)->grow,                         \
  .feather = (o)->feather, .crop = (o)->crop, .context = (o)->context, .working_size = (o)->working_size,             \
  .preserve = (o)->preserve, .color_match = (o)->color_match, .precision = (o)->precision

/* Pads, formats, regions and caching of an operation that takes its mask on aux. */
void inpaint_composer_class_init (GeglOperationComposerClass *composer_class);

/* Repaints `input` into `output` where `aux` (or, without one, the input's transparency) says so.  FALSE after a
 * failure, which has been reported to the host; the output is the input then. */
gboolean inpaint_composer_process (GeglOperation *operation, InpaintRequest *request, GeglBuffer *input,
                                   GeglBuffer *aux, GeglBuffer *output);
