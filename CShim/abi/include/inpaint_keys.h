/* What an operation tells its host beside its pixels: data of the GObject that is the operation, under these names.
 * Text is UTF-8 and belongs to the operation. */
#ifndef INPAINT_KEYS_H
#define INPAINT_KEYS_H

/* The stage of a run, while the node's signal "progress" is sent: that of GEGL 0.4 carries no text. */
#define INPAINT_KEY_STAGE "inpaint-stage"

/* Whether the last run failed: GEGL ignores what process() returns. */
#define INPAINT_KEY_FAILED "inpaint-failed"

/* Why the last run had nothing to do and gave its input back; NULL where it had. */
#define INPAINT_KEY_NOTHING "inpaint-nothing"

#endif
