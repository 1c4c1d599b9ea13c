/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The plain-C boundary between a host (GEGL, later others) and the Swift runtime.
 *
 * A run, so that a host reads and converts no more pixels than the models see:
 *
 *   plan = inpaint_plan_new (&request, width, height, mask, &error)
 *          -> for each pass where the models look (`region`) and what will be repainted (`paint`)
 *   inpaint_plan_run (plan, pass, colors, fill, weight, progress, user, &error), for each pass in turn
 *          -> the host hands the region's colors, as earlier passes have left them, and gets a fill and its weight
 *   inpaint_composite (fill, weight, ...)
 *          -> lays the fill, in the space of the host's pixels by then, over them
 *   inpaint_plan_free (plan)
 *
 * Rules: no call ends the process.  One call at a time for each plan.  All strings are UTF-8 and belong to the caller, except error
 * texts and notes, which the caller frees with inpaint_free_string.  Pixel rows follow each other without gaps.
 */
#ifndef INPAINT_ABI_H
#define INPAINT_ABI_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when a struct or a function below changes; a request of another version is refused. */
#define INPAINT_ABI_VERSION 9

typedef enum {
  INPAINT_OK        = 0,
  INPAINT_FAILED    = 1,   /* *error says why and what to do */
  INPAINT_CANCELLED = 2,   /* the progress callback asked for it; nothing was changed */
} InpaintStatus;

/* A property as graphs have it: "steps", "20". */
typedef struct {
  const char *name;
  const char *value;
} InpaintProperty;

/* An operation and its properties; those that are not there have their defaults. */
typedef struct {
  uint32_t               abi_version;   /* INPAINT_ABI_VERSION */
  const char            *operation;     /* "inpaint:sd-inpaint" */
  const InpaintProperty *properties;
  int32_t                count;
  bool                   previews;      /* whether the host shows what becomes of the picture */
} InpaintRequest;

/* In pixels of the image that the mask covers; its top left is the origin, a grown canvas begins before it. */
typedef struct {
  int32_t x, y, width, height;
} InpaintRectangle;

/* A small picture of what the models see, as it is going to be: width x height x 3, R'G'B' in sRGB, 0 to 1. */
typedef struct {
  int32_t      width, height;
  const float *colors;
} InpaintPreview;

/* Called on the thread that called inpaint_plan_run, every 50 ms at most, and once at
 * the end.  `fraction` rises from 0 to 1; `stage` is a short English text; `preview` is NULL where there is no new one.
 * Return false to cancel. */
typedef bool (*InpaintProgress) (void *user, double fraction, const char *stage, const InpaintPreview *preview);

typedef struct InpaintPlan InpaintPlan;

/* mask: width x height floats, 1 = repaint; not kept after the call.  NULL on failure, with *error set.
 * With an empty mask there are no passes, and no model is touched. */
InpaintPlan     *inpaint_plan_new    (const InpaintRequest *request, int32_t width, int32_t height,
                                      const float *mask, char **error);
int32_t          inpaint_plan_passes (const InpaintPlan *plan);
char            *inpaint_plan_note   (const InpaintPlan *plan);   /* what the user may want to know, or NULL */
InpaintRectangle inpaint_plan_region (const InpaintPlan *plan, int32_t pass);   /* what the models see */
InpaintRectangle inpaint_plan_paint  (const InpaintPlan *plan, int32_t pass);   /* what may change */

/* colors: region.width x region.height x 3, R'G'B' in sRGB; lights beyond white are taken, too.
 * fill, weight: paint.width x paint.height x 3 and x 1, written where the run succeeds: R'G'B' in sRGB, and the fill's
 * share in the result, 0 to 1, where 0 keeps a pixel as it is. */
InpaintStatus    inpaint_plan_run    (InpaintPlan *plan, int32_t pass, const float *colors, float *fill, float *weight,
                                      InpaintProgress progress, void *user, char **error);
void             inpaint_plan_free   (InpaintPlan *plan);

/* Lays a fill over `count` pixels of 3 channels, or 4 with straight (not premultiplied) alpha, both R'G'B' in the same
 * space.  fill_alpha: the mask came from the alpha, which rises to 1 in the filled area. */
void             inpaint_composite   (const float *fill, const float *weight, int64_t count, bool fill_alpha,
                                      int32_t channels, float *pixels);

void             inpaint_free_string (char *string);

/* ---- Questions that need no run ---- */

/* The part of a picture over `extent` that the request looks at, whatever a mask is that is 0 outside `box`: over that part
 * alone a run gives the same.  All three have one origin.  The extent itself on failure, with *error set: a run would fail
 * for the same reason. */
InpaintStatus    inpaint_window        (const InpaintRequest *request, InpaintRectangle extent, InpaintRectangle box,
                                        InpaintRectangle *window, char **error);

/* The model that the operation takes where its property model is empty: the name of its file or folder, and where and what
 * it is, or why it cannot be used; both to be freed with inpaint_free_string.  False, with neither set, where there is none. */
bool             inpaint_default_model (const char *operation, char **name, char **description);

#ifdef __cplusplus
}
#endif

#endif
