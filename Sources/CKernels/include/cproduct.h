/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Matrix products, convolutions and attention in float32, behind one table.
 *
 * A product is   out[row][n] = f (sum over k of rows[row][k] weights[n][k] + bias[n] + vector[n] + residual[row][n])
 *
 * A layer is described once (CProduct), cut into tasks by a plan, and run by any number of threads that take task
 * numbers from a counter.  Every thread brings its own scratch memory.  No function allocates, fails or keeps state;
 * nothing outside the described arrays is read or written; pointers need no alignment beyond their elements'.
 *
 * `cproduct_kernels` picks the widest instruction set that this processor has.  `cproduct_reference` and
 * `cattention_reference` are the plain versions that the tables are compared with.
 *
 *
 * Packed weights
 * --------------
 * Files have [outputs][channels][taps]; a linear layer has one tap, a 3x3 convolution nine.  Packed, the depth
 * k = (tap, channel) goes tap by tap and is cut into K blocks of at most CPRODUCT_DEPTH.  A block holds some channels
 * of one tap or, where channels are few, all channels of several whole taps: no block ever straddles a tap.  Outputs
 * are cut into panels of NR, the width of the micro-kernel's tile; the last panel is filled up with zeros.
 *
 *      K block 0                              K block 1
 *     +------------+------------+-----+      +------------+------------+-----+
 *     |  panel 0   |  panel 1   | ... |      |  panel 0   |  panel 1   | ... |   ...
 *     +------------+------------+-----+      +------------+------------+-----+
 *      |          |
 *      k = 0:  w[0][k]  w[1][k]  ...  w[NR - 1][k]      one row of NR adjacent values for each k
 *      k = 1:  w[0][k]  w[1][k]  ...  w[NR - 1][k]
 *      ...     (depth of the block)
 *
 * Gated weights (GEGLU) have their outputs as [value | gate] halves.  Their panels alternate, value 0, gate 0,
 * value 1, gate 1, ..., so that the two that are multiplied meet in one task.
 *
 * Values keep the file's 16 or 32 bits.  16-bit values are widened strip by strip (a K block of some panels) into the
 * thread's scratch, where they stay in the second-level cache for all rows of a task.
 *
 *
 * Whole numbers
 * -------------
 * An output's weights become whole numbers from -127 to 127 of a step, its largest magnitude / 127, to the nearest.  They
 * are packed as above in 8 bits, adjacent depths interleaved as the instruction set wants it (quantized.h), and the steps
 * of all columns, floats, lie behind them.
 *
 * In a direct product, a row's values in a K block become whole numbers of a step of their own, the largest magnitude
 * / levels: that block's sums are exact, and floats from there on.  `levels` is 32767 where the instruction multiplies
 * 16 bits, and then costs nothing, since it is as fast with 8; or 127.  A value that is not finite makes its row's results
 * NaN.  Winograd convolutions turn the weights into floats, and leave the rows as they are.
 *
 *
 * Halves
 * ------
 * Floats of 16 bits, of the one kind that a table's instructions multiply.  Weights become such when they are packed, as
 * above with adjacent depths in pairs (halves.h), rows when they are gathered; sums are floats, or for float16 vectors sums
 * of up to 64 products are halves too.  A group of rows whose values do not fit float16, or whose sums do not, is multiplied
 * in float32 instead.  Attention takes the nearest that float16 holds.
 */
#ifndef CPRODUCT_H
#define CPRODUCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __swift__
#define CPRODUCT_SENDABLE __attribute__ ((swift_attr ("@Sendable")))
#else
#define CPRODUCT_SENDABLE
#endif

/* The most depth in one K block: the widths of Stable Diffusion's UNets are multiples of it. */
enum { CPRODUCT_DEPTH = 320 };
/* Of weights as whole numbers, each tap's part of a K block is filled up with zeros to a multiple of it. */
enum { CPRODUCT_QUAD = 4 };

typedef enum { CPRODUCT_FLOAT32, CPRODUCT_FLOAT16, CPRODUCT_BFLOAT16 } CProductFormat;

/* What products multiply. */
typedef enum { CPRODUCT_FLOATS, CPRODUCT_WHOLE_NUMBERS, CPRODUCT_HALVES } CProductNumbers;

typedef enum {
  CPRODUCT_NONE,
  CPRODUCT_SILU,       /* x sigmoid(x) */
  CPRODUCT_GELU,       /* x Phi(x) */
  CPRODUCT_QUICK_GELU, /* x sigmoid(1.702 x) */
  CPRODUCT_GELU_TANH,  /* x / 2 (1 + tanh (sqrt(2 / pi) (x + 0.044715 x^3))) */
  CPRODUCT_RELU,
} CProductActivation;

/* What the blockings depend on.  Caches in bytes: the second level of one core, the last as all threads share it. */
typedef struct {
  int64_t second_level, last_level;
  int32_t threads;
} CProductMachine;

/* The machine as the system describes it, with default sizes where it is silent. */
CProductMachine cproduct_machine (int32_t threads);

typedef struct {
  int64_t         outputs;  /* of gated weights: values and gates together, even */
  int64_t         channels; /* of both sources */
  int64_t         taps;     /* kernel x kernel */
  CProductFormat  format;  /* of the file's values, and of those packed as floats */
  bool            gated;
  CProductNumbers numbers; /* but for floats, taps at most 1024 */
} CProductWeights;

/* One NHWC array: floats from a pixel to the next may be more than its channels. */
typedef struct {
  const float *pixels;
  int64_t      channels, stride;
} CProductSource;

/* The left matrix: the pixels under a convolution's kernel, never stored.
 *
 * A picture's channels are those of `first`, then those of `second` (NULL and 0 channels if there is none).  Each value
 * becomes  x scale[image][c] + shift[image][c]  (both or neither are NULL), then SiLU if `silu`: a GroupNorm folded
 * into its two vectors.  Then every pixel counts `upsample` (1 or 2) times in both directions, and zeros surround the
 * picture: `before` to the left and top, `after` to the right and bottom.  With `mirrored` it is not zeros but the picture
 * mirrored at its outermost pixels; the border is then less than its sides.
 *
 * A linear layer reads one image of height 1, the rows as pixels of its width, with kernel, stride and upsample 1. */
typedef struct {
  CProductSource first, second;
  int64_t        images, height, width;
  int32_t        kernel, stride, before, after, upsample;
  const float   *scale, *shift;
  bool           silu, mirrored;
} CProductRows;

/* What happens to a sum.  All but `activation` may be NULL; all are `outputs` wide (gated: both halves).  Gated weights
 * give  value gelu(gate), half as wide, instead of the activation. */
typedef struct {
  const float       *bias;
  const float       *vectors; /* one for each `rows_per_vector` rows: a time embedding for each image */
  int64_t            rows_per_vector;
  const float       *residual; /* may be `out` itself, at the same stride, unless gated */
  int64_t            residual_stride;
  CProductActivation activation;
} CProductEpilogue;

typedef struct {
  CProductRows     rows;
  CProductWeights  weights;
  const void      *packed;
  CProductEpilogue epilogue;
  float           *out; /* [images out_height out_width][outputs, gated: outputs / 2] */
  int64_t          out_stride;
} CProduct;

/* Number of rows, and a convolution's result size, (size upsample + before + after - kernel) / stride + 1. */
int64_t cproduct_out_height (const CProductRows *rows);
int64_t cproduct_out_width (const CProductRows *rows);
int64_t cproduct_row_count (const CProductRows *rows);

/* How a product is cut: `tasks` are independent. */
typedef struct {
  int64_t tasks;
  int64_t scratch; /* bytes for each thread */
  int64_t row_blocks, panel_blocks;
  int64_t panels_per_block, rows_per_block; /* at most */
} CProductPlan;

/* Winograd F(4x4, 3x3) (Lavin and Gray 2016): tiles of 4x4 results as 36 products, a quarter of the multiplications.
 * Bands follow each other; in a band all tasks of `transform` come first, then all of `multiply`, and then the next
 * band may begin.  All tasks share `shared` bytes, the band's transformed picture:
 *
 *     [channel block][36 positions][tile][CPRODUCT_DEPTH channels and a gap]
 *
 * Weights are those packed for direct convolution: a task transforms the few it needs in its cache. */
typedef struct {
  int64_t bands, transform_tasks, multiply_tasks; /* tasks of each band */
  int64_t shared, scratch;                        /* bytes: one for all threads, one for each thread */
  int64_t tiles_per_band;                         /* at most, as all that follow */
  int64_t tile_blocks, tiles_per_block;
  int64_t panel_blocks, panels_per_block;
  int64_t k_block;  /* channels that are transformed and multiplied at once */
  int64_t channel_blocks, strips;
} CWinogradPlan;

/* softmax (queries keys^T scale) values for one head of one image.  Rows have `stride` floats from one to the next;
 * `packed` holds the keys and values.  causal: query t sees keys 0 ... t. */
typedef struct {
  const float *queries;
  int64_t      query_stride, query_count;
  const float *packed;
  int64_t      key_count; /* at least 1 */
  int64_t      width;     /* of the head */
  float        scale;
  bool         causal;
  float       *out;
  int64_t      out_stride;
} CAttention;

typedef struct CPRODUCT_SENDABLE {
  const char *name;
  int32_t     lanes, tile_rows, tile_columns; /* of the micro-kernel; tile_columns is NR */
  int32_t     levels; /* beside weights as whole numbers */
  /* CPRODUCT_FLOAT32: it has no products of halves. */
  CProductFormat halves;
  /* Whether halves are for convolutions and attention, too: else those of 3x3 are faster by Winograd's algorithm, and both
   * are float32. */
  bool halves_for_all;

  /* Panels of packed weights, and bytes of them all. */
  int64_t (*panels) (const CProductWeights *weights);
  int64_t (*packed_bytes) (const CProductWeights *weights);
  /* Packs panels first ... end - 1: ranges may be packed by several threads at once.  false: halves cannot hold a weight,
   * and floats should be packed instead. */
  bool (*pack) (const CProductWeights *weights, const void *file, int64_t first, int64_t end, void *packed);

  CProductPlan (*plan) (const CProduct *product, CProductMachine machine);
  void (*run) (const CProduct *product, const CProductPlan *plan, int64_t task, void *scratch);

  /* Whether the layer is a convolution that Winograd's algorithm computes: 3x3, stride 1, padding 1, not gated. */
  bool (*winograd_fits) (const CProduct *product);
  /* Whether it is expected to be faster than `run`. */
  bool (*winograd_pays) (const CProduct *product, CProductMachine machine);
  CWinogradPlan (*winograd_plan) (const CProduct *product, CProductMachine machine);
  void (*winograd_transform) (const CProduct *product, const CWinogradPlan *plan, int64_t band, int64_t task,
                              void *shared, void *scratch);
  void (*winograd_multiply) (const CProduct *product, const CWinogradPlan *plan, int64_t band, int64_t task,
                             const void *shared, void *scratch);

  /* One head's keys and values, [count][width] at `stride`, as `attend` reads them; bytes of that. */
  int64_t (*keys_bytes) (int64_t key_count, int64_t width);
  void (*pack_keys) (const float *keys, const float *values, int64_t stride, int64_t key_count, int64_t width,
                     float *packed);
  /* Attention for `count` queries from `first` on; any blocks of queries may run at once. */
  void (*attend) (const CAttention *attention, int64_t first, int64_t count, void *scratch);
  /* A good number of queries for one `attend`, and its scratch bytes for up to `count` queries. */
  int64_t (*attend_rows) (int64_t width);
  int64_t (*attend_scratch) (int64_t width, int64_t count);

  /* Multiplies and adds in registers alone, for measuring the most that a thread can do; returns the number of these
   * operations.  numbers: two of them, a factor and an addend; the first is overwritten with a result. */
  int64_t (*exercise) (int64_t iterations, float *numbers);
} CProductKernels;

/* The table for products of floats. */
const CProductKernels *cproduct_kernels (void);
/* The table for whole numbers: the first of those available whose products, tried now, agree with the reference. */
const CProductKernels *cproduct_whole_number_kernels (void);
/* The same for halves of a kind; NULL if there are none, or none agree.  CPRODUCT_FLOAT32: of the kind that is fastest here,
 * NULL if none is faster than floats.  Asks Linux for AMX's tiles, for the whole process. */
const CProductKernels *cproduct_half_kernels (CProductFormat kind);
/* Whether a table's products of such numbers agree with the reference on a few small layers. */
bool cproduct_agrees (const CProductKernels *table, CProductNumbers numbers);
/* Every table that this processor can run, widest first; returns their number. */
int cproduct_available (const CProductKernels **tables, int capacity);
/* Names of all tables that exist for this architecture, for what a test could not reach. */
int cproduct_names (const char **names, int capacity);

/* Plain loops with sums in double, from the file's weights ([outputs][channels][taps]).  room: for (outputs + 1) channels
 * taps numbers. */
void cproduct_reference (const CProduct *product, const void *file, double *room);
/* The same for whole numbers or halves.  levels: of the table, or 0 for rows that stay floats, as in Winograd's algorithm.
 * halves: of the table. */
void cproduct_narrow_reference (const CProduct *product, const void *file, int32_t levels, CProductFormat halves, double *room);
/* The same for attention, from keys and values that are not packed.  room: for key_count numbers. */
void cattention_reference (const CAttention *attention, const float *keys, const float *values, int64_t stride,
                           double *room);

#endif
