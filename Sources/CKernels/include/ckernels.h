/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Element-wise and row-wise kernels behind one table.
 *
 * Matrices are row major; `stride` counts floats from one row to the next.  Pointers need no alignment.  No kernel
 * allocates, fails or keeps state, and all may run on several threads at once.
 *
 * Matrix products, convolutions and attention stand in cproduct.h.
 *
 * `ckernels_table` picks the widest instruction set that this processor has; `ckernels_reference` is the plain
 * version that the others are compared with.
 */
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __swift__
#define CKERNELS_SENDABLE __attribute__ ((swift_attr ("@Sendable")))
#else
#define CKERNELS_SENDABLE
#endif

enum { CKERNELS_FOURIER_SCRATCH = 96 };

typedef struct CKERNELS_SENDABLE {
  const char *name;

  /* Widen 16-bit floats: IEEE half, and bfloat16 (the upper half of a float32). */
  void (*half_to_float) (const uint16_t *restrict from, float *restrict to, int64_t count);
  void (*bfloat_to_float) (const uint16_t *restrict from, float *restrict to, int64_t count);

  /* to[i] += from[i] */
  void (*add) (float *restrict to, const float *restrict from, int64_t count);

  /* Activations, in place: x sigmoid(x);  x Phi(x);  x sigmoid(1.702 x);
   * x / 2 (1 + tanh (sqrt(2 / pi) (x + 0.044715 x^3)));  the larger of x and 0. */
  void (*silu) (float *values, int64_t count);
  void (*gelu) (float *values, int64_t count);
  void (*quick_gelu) (float *values, int64_t count);
  void (*gelu_tanh) (float *values, int64_t count);
  void (*relu) (float *values, int64_t count);

  /* Of each channel: the mean, and the sum of squares of differences from it.  The rows are few enough for the cache, which
   * reads them twice. */
  void (*channel_moments) (const float *restrict x, int64_t rows, int64_t channels, float *restrict means,
                           float *restrict squares);
  /* to = x scale[c] + shift[c], then SiLU if `silu`. */
  void (*scale_shift) (const float *restrict x, float *restrict to, const float *restrict scale,
                       const float *restrict shift, int64_t rows, int64_t channels, bool silu);
  /* Each row to mean 0 and variance 1 (+ epsilon), then scale and shift. */
  void (*layer_norm) (const float *restrict x, float *restrict to, const float *restrict scale,
                      const float *restrict shift, int64_t rows, int64_t channels, float epsilon);

  /* The discrete Fourier transform, in place, of each channel of `count` points that lie `stride` floats apart:
   * point k becomes the sum over n of point n times e^(-2 pi i k n / count).  re and im, in exchanged places, are
   * transformed inversely.  roots: cos and sin of 2 pi k / count, for k = 0 ... count - 1 side by side; scratch:
   * CKERNELS_FOURIER_SCRATCH floats for each point. */
  void (*fourier) (float *restrict re, float *restrict im, int64_t stride, int64_t count, int64_t channels,
                   const float *restrict roots, float *restrict scratch);
} CKernels;

/* Processors that this process may use: an affinity or a container's cpuset may leave it fewer than there are. */
int ckernels_processor_count (void);

const CKernels *ckernels_table (void);
const CKernels *ckernels_reference (void);
/* Every table that this processor can run, widest first; returns their number. */
int ckernels_available (const CKernels **tables, int capacity);

#endif
