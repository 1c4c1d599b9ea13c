/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The enumerations among the properties, as property_enum wants them.  The order is that of dialogs; beyond the module
 * only the nicks are known. */
#pragma once

#include <gegl-plugin.h>

typedef enum {
  INPAINT_SAMPLER_AUTO,
  INPAINT_SAMPLER_DDIM,
  INPAINT_SAMPLER_PNDM,
  INPAINT_SAMPLER_DPMPP_2M,
  INPAINT_SAMPLER_UNIPC,
  INPAINT_SAMPLER_EULER,
  INPAINT_SAMPLER_REPAINT,
  INPAINT_SAMPLER_LCM,
  INPAINT_SAMPLER_TCD,
  INPAINT_SAMPLER_EULER_A,
  INPAINT_SAMPLER_HEUN,
  INPAINT_SAMPLER_DPMPP_2M_KARRAS,
  INPAINT_SAMPLER_DPMPP_2M_SDE,
  INPAINT_SAMPLER_DEIS,
} InpaintSampler;

typedef enum {
  INPAINT_SPACING_AUTO,
  INPAINT_SPACING_LEADING,
  INPAINT_SPACING_TRAILING,
  INPAINT_SPACING_LINSPACE,
} InpaintSpacing;

typedef enum {
  INPAINT_METHOD_AUTO,
  INPAINT_METHOD_SEELE,
  INPAINT_METHOD_LAMA,
} InpaintMethod;

typedef enum {
  INPAINT_AUTOENCODER_AUTO,
  INPAINT_AUTOENCODER_FULL,
  INPAINT_AUTOENCODER_TINY,
} InpaintAutoencoder;

typedef enum {
  INPAINT_MASK_STRENGTH_BINARY,
  INPAINT_MASK_STRENGTH_SOFT,
} InpaintMaskStrength;

typedef enum {
  INPAINT_CROP_AUTO,
  INPAINT_CROP_WHOLE,
} InpaintCrop;

/* No and yes have the values of the boolean that this was, for programs that set it as a number. */
typedef enum {
  INPAINT_COLOR_MATCH_FALSE,
  INPAINT_COLOR_MATCH_TRUE,
  INPAINT_COLOR_MATCH_AUTO,
} InpaintColorMatch;

typedef enum {
  INPAINT_DECODER_AUTO,
  INPAINT_DECODER_PLAIN,
  INPAINT_DECODER_HARMONIZING,
} InpaintDecoder;

typedef enum {
  INPAINT_DETAIL_AUTO,
  INPAINT_DETAIL_MODEL,
  INPAINT_DETAIL_SURROUNDINGS,
  INPAINT_DETAIL_REFINE,
} InpaintDetail;

typedef enum {
  INPAINT_PRECISION_AUTO,
  INPAINT_PRECISION_FLOAT32,
  INPAINT_PRECISION_FLOAT16,
  INPAINT_PRECISION_BFLOAT16,
  INPAINT_PRECISION_INT8,
} InpaintPrecision;

GType inpaint_sampler_get_type (void);
GType inpaint_spacing_get_type (void);
GType inpaint_method_get_type (void);
GType inpaint_mask_strength_get_type (void);
GType inpaint_crop_get_type (void);
GType inpaint_color_match_get_type (void);
GType inpaint_autoencoder_get_type (void);
GType inpaint_decoder_get_type (void);
GType inpaint_detail_get_type (void);
GType inpaint_precision_get_type (void);
