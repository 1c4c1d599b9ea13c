/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Whether kernels do on this processor what they should. */
#include "include/cproduct.h"
#include <math.h>
#include <stdlib.h>

/* Sizes at which panels, K blocks and groups of rows are not whole; keys for more than one block. */
enum { PIXELS = 19, CHANNELS = 333, OUTPUTS = 75, SIDE = 7, FEW = 21, KEYS = 340, WIDTH = 36 };

typedef struct {
  float    *pixels, *weights, *expected, *result;
  double   *room;
  uint64_t  state;
} Trial;

/* Knuth's linear congruential generator, -1 ... 1. */
static float
number (Trial *trial)
{
  trial->state = trial->state * 6364136223846793005u + 1442695040888963407u;
  return (float) (trial->state >> 40) / (1 << 23) - 1;
}

/* What rounding makes of few values: to the other side of a step, or in sums of halves. */
#define LIMIT 2e-3
/* What it makes of attention: probabilities are rounded, too. */
#define ATTENTION_LIMIT 2e-2

static bool
are_close (const float *result, const float *expected, int64_t count, double limit)
{
  double errors = 0, squares = 0;

  for (int64_t i = 0; i < count; i++)
    {
      double error = result[i] - expected[i];
      errors += error * error;
      squares += (double) expected[i] * expected[i];
    }
  return errors <= limit * limit * squares;
}

static bool
run_direct (const CProductKernels *table, const CProduct *product, CProductMachine machine)
{
  CProductPlan plan = table->plan (product, machine);
  void        *scratch = malloc ((size_t) plan.scratch);

  for (int64_t task = 0; scratch && task < plan.tasks; task++)
    table->run (product, &plan, task, scratch);
  free (scratch);
  return scratch != NULL;
}

static bool
run_winograd (const CProductKernels *table, const CProduct *product, CProductMachine machine)
{
  CWinogradPlan plan = table->winograd_plan (product, machine);
  void         *scratch = malloc ((size_t) plan.scratch), *shared = malloc ((size_t) plan.shared);
  bool          ran = scratch && shared;

  for (int64_t band = 0; ran && band < plan.bands; band++)
    {
      for (int64_t task = 0; task < plan.transform_tasks; task++)
        table->winograd_transform (product, &plan, band, task, shared, scratch);
      for (int64_t task = 0; task < plan.multiply_tasks; task++)
        table->winograd_multiply (product, &plan, band, task, shared, scratch);
    }
  free (scratch);
  free (shared);
  return ran;
}

static void
fill (Trial *trial, float *values, int64_t count)
{
  for (int64_t i = 0; i < count; i++)
    values[i] = number (trial);
}

static bool
agrees_on (const CProductKernels *table, CProductNumbers numbers, Trial *trial, CProductRows rows, bool by_winograd)
{
  CProductMachine machine = { 512 << 10, 8 << 20, 1 };
  CProduct product = { .rows = rows, .out = trial->expected, .out_stride = OUTPUTS };
  int64_t  taps = rows.kernel * rows.kernel, channels = rows.first.channels, count = cproduct_row_count (&rows);

  fill (trial, trial->pixels, rows.height * rows.width * channels);
  fill (trial, trial->weights, OUTPUTS * taps * channels);
  product.rows.first.pixels = trial->pixels;
  product.weights = (CProductWeights) {
    .outputs = OUTPUTS, .channels = channels, .taps = taps, .format = CPRODUCT_FLOAT32, .numbers = numbers
  };
  cproduct_narrow_reference (&product, trial->weights, by_winograd ? 0 : table->levels, table->halves, trial->room);

  void *packed = malloc ((size_t) table->packed_bytes (&product.weights));
  product.packed = packed;
  product.out = trial->result;
  bool ran = packed && table->pack (&product.weights, trial->weights, 0, table->panels (&product.weights), packed)
             && (by_winograd ? run_winograd : run_direct) (table, &product, machine);
  free (packed);
  return ran && are_close (trial->result, trial->expected, count * OUTPUTS, LIMIT);
}

static bool
agrees_on_attention (const CProductKernels *table, Trial *trial)
{
  float *keys = trial->weights, *values = keys + KEYS * WIDTH;
  CAttention attention = {
    .queries = trial->pixels, .query_stride = WIDTH, .query_count = PIXELS, .key_count = KEYS, .width = WIDTH, .scale = 1,
    .out = trial->expected, .out_stride = WIDTH
  };

  fill (trial, trial->pixels, PIXELS * WIDTH);
  fill (trial, keys, 2 * KEYS * WIDTH);
  cattention_reference (&attention, keys, values, WIDTH, trial->room);

  float *packed = malloc ((size_t) table->keys_bytes (KEYS, WIDTH));
  void  *scratch = malloc ((size_t) table->attend_scratch (WIDTH, PIXELS));
  bool   ran = packed && scratch;
  attention.packed = packed;
  attention.out = trial->result;
  if (ran)
    {
      table->pack_keys (keys, values, WIDTH, KEYS, WIDTH, packed);
      table->attend (&attention, 0, PIXELS, scratch);
    }
  free (packed);
  free (scratch);
  return ran && are_close (trial->result, trial->expected, PIXELS * WIDTH, ATTENTION_LIMIT);
}

static bool
agrees (const CProductKernels *table, CProductNumbers numbers, Trial *trial)
{
  CProductRows linear = {
    .first = { NULL, CHANNELS, CHANNELS }, .images = 1, .height = 1, .width = PIXELS, .kernel = 1, .stride = 1, .upsample = 1
  };
  CProductRows convolution = {
    .first = { NULL, FEW, FEW }, .images = 1, .height = SIDE, .width = SIDE, .kernel = 3, .stride = 1, .before = 1,
    .after = 1, .upsample = 1
  };

  return agrees_on (table, numbers, trial, linear, false) && agrees_on (table, numbers, trial, convolution, false)
         && (numbers == CPRODUCT_HALVES ? agrees_on_attention (table, trial)
                                        : agrees_on (table, numbers, trial, convolution, true));
}

bool
cproduct_agrees (const CProductKernels *table, CProductNumbers numbers)
{
  Trial trial = { .state = 1 };
  bool  result = false;

  trial.pixels = malloc (PIXELS * CHANNELS * sizeof (float));
  trial.weights = malloc (OUTPUTS * CHANNELS * sizeof (float));
  trial.expected = malloc (SIDE * SIDE * OUTPUTS * sizeof (float));
  trial.result = malloc (SIDE * SIDE * OUTPUTS * sizeof (float));
  trial.room = malloc ((OUTPUTS + 1) * CHANNELS * sizeof (double));
  if (trial.pixels && trial.weights && trial.expected && trial.result && trial.room)
    result = agrees (table, numbers, &trial);
  free (trial.pixels);
  free (trial.weights);
  free (trial.expected);
  free (trial.result);
  free (trial.room);
  return result;
}
