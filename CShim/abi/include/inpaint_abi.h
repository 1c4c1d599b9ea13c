/* The plain-C boundary between a host (GEGL, later others) and the Swift runtime.
 *
 * A run has three calls, so that a host reads and converts no more pixels than the models see:
 *
 *   plan = inpaint_plan_new (&request, width, height, mask, &error)
 *          -> for each pass where the models look (`region`) and what will be repainted (`paint`)
 *   inpaint_plan_run (plan, pass, &picture, progress, user, &error), for each pass in turn
 *          -> the host hands the region's colours and the paint rectangle's pixels, as earlier passes
 *             have left them; the latter are repainted in place
 *   inpaint_plan_free (plan)
 *
 * Rules: no call ends the process.  All strings are UTF-8 and belong to the caller, except error
 * texts and notes, which the caller frees with inpaint_free_string.  Pixel rows follow each other without gaps.
 */
#ifndef INPAINT_ABI_H
#define INPAINT_ABI_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when a struct below changes; a request of another version is refused. */
#define INPAINT_ABI_VERSION 7

typedef enum {
  INPAINT_OK        = 0,
  INPAINT_FAILED    = 1,   /* *error says why and what to do */
  INPAINT_CANCELLED = 2,   /* the progress callback asked for it; nothing was changed */
} InpaintStatus;

typedef enum {
  INPAINT_SAMPLER_DDIM,
  INPAINT_SAMPLER_PNDM,
  INPAINT_SAMPLER_DPMPP_2M,
  INPAINT_SAMPLER_UNIPC,
  INPAINT_SAMPLER_EULER,
  INPAINT_SAMPLER_REPAINT,
} InpaintSampler;

typedef enum {
  INPAINT_CROP_AUTO,    /* the mask's box plus context */
  INPAINT_CROP_WHOLE,   /* the whole image */
} InpaintCrop;

typedef enum {
  INPAINT_COLOR_MATCH_FALSE,
  INPAINT_COLOR_MATCH_TRUE,
  INPAINT_COLOR_MATCH_AUTO,     /* the operation's: where no prompt asks for other colours */
} InpaintColorMatch;

typedef enum {
  INPAINT_DECODER_AUTO,         /* the operation's, or what the pack advises */
  INPAINT_DECODER_PLAIN,        /* the autoencoder's */
  INPAINT_DECODER_HARMONIZING,  /* the pack's harmonizing_decoder */
} InpaintDecoder;

typedef enum {
  INPAINT_DETAIL_AUTO,          /* what the pack advises, else the model's */
  INPAINT_DETAIL_MODEL,
  INPAINT_DETAIL_SURROUNDINGS,  /* of the known pixels around the hole */
} InpaintDetail;

typedef enum {
  INPAINT_PRECISION_AUTO,
  INPAINT_PRECISION_FLOAT32,
} InpaintPrecision;

/* An operation's properties, as README's table names them.  NULL strings are empty. */
typedef struct {
  uint32_t         abi_version;       /* INPAINT_ABI_VERSION */
  const char      *operation;         /* "inpaint:sd-inpaint" */
  const char      *model;             /* folder, its model_index.json, or a single file; "" = search */
  const char      *prompt;
  const char      *negative_prompt;
  const char      *prompt_file;       /* its text replaces prompt */
  const char      *task_prompt;       /* file of a learned context, in place of the prompt */
  const char      *lora;              /* file of a LoRA */
  double           lora_scale;
  int32_t          steps;             /* 0..150, 0 = what the pack recommends, else 20 */
  InpaintSampler   sampler;
  int32_t          jump_length;       /* steps that the sampler repaint goes back at once, 1..150 */
  int32_t          jump_samples;      /* how often it is at each place, 1..100 */
  double           guidance;          /* 0 = the pack's own; 1 = one UNet pass a step */
  double           strength;          /* 0..1 */
  uint64_t         seed;
  int32_t          left, right, top, bottom; /* pixels by which the canvas grows, 0..8192 */
  int32_t          grow;              /* pixels, 0..256 */
  double           feather;           /* pixels, >= 0 */
  InpaintCrop      crop;
  double           context;           /* share of the box's longer side */
  int32_t          working_size;      /* longer side that the model sees; 0 = native or the image's */
  bool             preserve;
  InpaintColorMatch color_match;
  InpaintDetail    detail;
  InpaintDecoder   decoder;
  double           prior_strength;    /* 0..1: share of the masked autoencoder's context (asuka-inpaint) */
  InpaintPrecision precision;
} InpaintRequest;

/* In pixels of the image that the mask covers; its top left is the origin, a grown canvas begins before it. */
typedef struct {
  int32_t x, y, width, height;
} InpaintRectangle;

/* Called on the thread that called inpaint_plan_run, every 50 ms at most, and once at
 * the end.  `fraction` rises from 0 to 1; `stage` is a short English text.  Return false to cancel. */
typedef bool (*InpaintProgress) (void *user, double fraction, const char *stage);

/* Converts `count` pixels from R'G'B' in sRGB (3 floats each) to the colour space of the picture's
 * pixels (3 floats each). */
typedef void (*InpaintConvert) (void *user, const float *srgb, float *converted, int64_t count);

typedef struct {
  const float   *region;          /* region.width x region.height x 3, R'G'B' in sRGB; clamped here */
  float         *pixels;          /* paint.width x paint.height x channels, the image's own space */
  int32_t        channels;        /* 3, or 4 with straight (not premultiplied) alpha */
  bool           fill_alpha;      /* the mask came from the alpha: it rises to 1 in the filled area */
  InpaintConvert convert;
  void          *convert_user;
} InpaintPicture;

typedef struct InpaintPlan InpaintPlan;

/* mask: width x height floats, 1 = repaint; not kept after the call.  NULL on failure, with *error set.
 * With an empty mask there are no passes, and no model is touched. */
InpaintPlan     *inpaint_plan_new    (const InpaintRequest *request, int32_t width, int32_t height,
                                      const float *mask, char **error);
int32_t          inpaint_plan_passes (const InpaintPlan *plan);
char            *inpaint_plan_note   (const InpaintPlan *plan);   /* what the user may want to know, or NULL */
InpaintRectangle inpaint_plan_region (const InpaintPlan *plan, int32_t pass);   /* what the models see */
InpaintRectangle inpaint_plan_paint  (const InpaintPlan *plan, int32_t pass);   /* what may change */
InpaintStatus    inpaint_plan_run    (InpaintPlan *plan, int32_t pass, const InpaintPicture *picture,
                                      InpaintProgress progress, void *user, char **error);
void             inpaint_plan_free   (InpaintPlan *plan);
void             inpaint_free_string (char *string);

#ifdef __cplusplus
}
#endif

#endif
