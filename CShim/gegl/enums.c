/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The enumerations as GObject types: value, name in dialogs, nick in graphs. */
#include "enums.h"

#define DEFINE_ENUM(type_name, TypeName, ...)                                                                         \
  GType                                                                                                               \
  type_name##_get_type (void)                                                                                         \
  {                                                                                                                   \
    static gsize once = 0;                                                                                            \
    static const GEnumValue values[] = { __VA_ARGS__, { 0, NULL, NULL } };                                            \
    if (g_once_init_enter (&once))                                                                                    \
      g_once_init_leave (&once, g_enum_register_static (TypeName, values));                                           \
    return once;                                                                                                      \
  }

DEFINE_ENUM (inpaint_sampler, "InpaintSampler",
             { INPAINT_SAMPLER_AUTO, "Automatic", "auto" },
             { INPAINT_SAMPLER_DDIM, "DDIM", "ddim" },
             { INPAINT_SAMPLER_PNDM, "PNDM", "pndm" },
             { INPAINT_SAMPLER_DPMPP_2M, "DPM-Solver++ 2M", "dpmpp-2m" },
             { INPAINT_SAMPLER_UNIPC, "UniPC", "unipc" },
             { INPAINT_SAMPLER_EULER, "Euler", "euler" },
             { INPAINT_SAMPLER_REPAINT, "RePaint", "repaint" },
             { INPAINT_SAMPLER_LCM, "LCM", "lcm" },
             { INPAINT_SAMPLER_TCD, "TCD", "tcd" },
             { INPAINT_SAMPLER_EULER_A, "Euler ancestral", "euler-a" },
             { INPAINT_SAMPLER_HEUN, "Heun", "heun" },
             { INPAINT_SAMPLER_DPMPP_2M_KARRAS, "DPM-Solver++ 2M Karras", "dpmpp-2m-karras" },
             { INPAINT_SAMPLER_DPMPP_2M_SDE, "DPM-Solver++ 2M SDE", "dpmpp-2m-sde" },
             { INPAINT_SAMPLER_DEIS, "DEIS", "deis" })

DEFINE_ENUM (inpaint_spacing, "InpaintSpacing",
             { INPAINT_SPACING_AUTO, "Automatic", "auto" },
             { INPAINT_SPACING_LEADING, "Leading", "leading" },
             { INPAINT_SPACING_TRAILING, "Trailing", "trailing" },
             { INPAINT_SPACING_LINSPACE, "Linspace", "linspace" })

DEFINE_ENUM (inpaint_method, "InpaintMethod",
             { INPAINT_METHOD_AUTO, "Automatic", "auto" },
             { INPAINT_METHOD_SEELE, "SEELE", "seele" },
             { INPAINT_METHOD_LAMA, "LaMa", "lama" })

DEFINE_ENUM (inpaint_mask_strength, "InpaintMaskStrength",
             { INPAINT_MASK_STRENGTH_BINARY, "Binary", "binary" },
             { INPAINT_MASK_STRENGTH_SOFT, "Soft", "soft" })

DEFINE_ENUM (inpaint_crop, "InpaintCrop",
             { INPAINT_CROP_AUTO, "Mask and surroundings", "auto" },
             { INPAINT_CROP_WHOLE, "Whole image", "whole" })

DEFINE_ENUM (inpaint_color_match, "InpaintColorMatch",
             { INPAINT_COLOR_MATCH_FALSE, "No", "false" },
             { INPAINT_COLOR_MATCH_TRUE, "Yes", "true" },
             { INPAINT_COLOR_MATCH_AUTO, "Automatic", "auto" })

DEFINE_ENUM (inpaint_autoencoder, "InpaintAutoencoder",
             { INPAINT_AUTOENCODER_AUTO, "Automatic", "auto" },
             { INPAINT_AUTOENCODER_FULL, "The model's own", "full" },
             { INPAINT_AUTOENCODER_TINY, "Tiny", "tiny" })

DEFINE_ENUM (inpaint_decoder, "InpaintDecoder",
             { INPAINT_DECODER_AUTO, "Automatic", "auto" },
             { INPAINT_DECODER_PLAIN, "The model's own", "plain" },
             { INPAINT_DECODER_HARMONIZING, "Harmonizing", "harmonizing" })

DEFINE_ENUM (inpaint_detail, "InpaintDetail",
             { INPAINT_DETAIL_AUTO, "Automatic", "auto" },
             { INPAINT_DETAIL_MODEL, "The model's own", "model" },
             { INPAINT_DETAIL_SURROUNDINGS, "Surroundings", "surroundings" },
             { INPAINT_DETAIL_REFINE, "Refined", "refine" })

DEFINE_ENUM (inpaint_precision, "InpaintPrecision",
             { INPAINT_PRECISION_AUTO, "Automatic", "auto" },
             { INPAINT_PRECISION_FLOAT32, "32-bit float", "float32" },
             { INPAINT_PRECISION_FLOAT16, "16-bit float", "float16" },
             { INPAINT_PRECISION_BFLOAT16, "16-bit brain float", "bfloat16" },
             { INPAINT_PRECISION_INT8, "8-bit integer", "int8" })
