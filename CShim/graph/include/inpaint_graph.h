/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Runs one operation over picture files in GEGL, for the command-line tool: what GObject offers in macros and variadic
 * functions is out of Swift's reach. */
#ifndef INPAINT_GRAPH_H
#define INPAINT_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

/* What of a mask's pixels, times their alpha, says how white they are. */
typedef enum {
  INPAINT_MASK_FROM_AUTO,      /* luminance; alpha or any where that marks nothing, and 1 as white in a mask of 0 and 1 */
  INPAINT_MASK_FROM_LUMINANCE,
  INPAINT_MASK_FROM_ALPHA,     /* alpha alone */
  INPAINT_MASK_FROM_RED,
  INPAINT_MASK_FROM_ANY        /* the largest of red, green and blue */
} InpaintMaskFrom;

typedef struct {
  const char        *operation;   /* "inpaint:sd-inpaint" */
  const char        *input;       /* any file that GEGL reads; it is turned upright, as its EXIF data ask for */
  const char        *mask;        /* the same, white = repaint; NULL: the input's transparency */
  InpaintMaskFrom    mask_from;
  bool               invert_mask; /* black = repaint */
  const char *const *outputs;     /* any files that GEGL writes, by their endings: the first has the operation's seed, the
                                   * others those that follow it */
  int32_t            output_count; /* 1 of an operation without a seed */
  const char        *preview;     /* a PNG that is written anew at each step of a model; NULL for none */
  const char *const *names;       /* properties, as in graphs */
  const char *const *values;      /* as text; enumerations by nick */
  int32_t            count;
  const char        *from;        /* a file with a record, for the properties that `names` lacks; or NULL */
  int32_t            quality;     /* of JPEG and WebP, 1 ... 100; 0: as the input's, and 90 where it has none */
  bool               record;      /* writes the properties' values into the outputs */
  bool               fit_mask;    /* scales the mask to the size of the picture */
  bool               allow_empty; /* writes the picture also where there is nothing to do */
} InpaintGraph;

typedef enum {
  INPAINT_GRAPH_DONE,
  INPAINT_GRAPH_NOTHING,  /* the operation has said why on stderr */
  INPAINT_GRAPH_FAILED
} InpaintGraphOutcome;

/* fraction: 0 ... 1 */
typedef void (*InpaintGraphProgress) (void *user, double fraction);

/* Once, before all else. */
void inpaint_graph_init (void);

/* Whether GEGL has the operation, where it looks itself or in the folder `plug_ins` (NULL for none). */
bool inpaint_graph_has_operation (const char *operation, const char *plug_ins);

/* `progress` may be NULL.  Each output is written when it is done; none where there was nothing to do.  *error is set where it failed (inpaint_graph_free). */
InpaintGraphOutcome inpaint_graph_run (const InpaintGraph *graph, InpaintGraphProgress progress, void *user, char **error);

void inpaint_graph_free (char *string);

#endif
