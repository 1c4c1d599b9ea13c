/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* All kernels for one instruction set.  Its file sets the target and defines, before it includes this once:
 *
 *   LANES           floats in a vector
 *   ROWS, VECTORS   the micro-kernel's tile, ROWS x (VECTORS LANES)
 *   CONVERTS_HALF   if there is an instruction that widens half floats
 *   GROUP           weights of 8 bits that meet a row's at once: 4 in instructions for bytes, else 2
 *   DOT             the instruction, if there is one: see quantized.h
 *   HALVES          the kind of halves that it multiplies, if there are such instructions: see halves.h
 *   NARROW          LANES floats to the nearest halves
 *   ADD_PAIRS       that instruction, on vectors, and SUMS_ARE_HALVES if so: see half_vectors.h
 *   TILES_...       or those on tiles: see half_tiles.h
 *   KERNELS_NAME, KERNELS_TABLE
 */
#ifndef GROUP
#define GROUP 2
#endif
#if defined(TILES_MULTIPLY)
#define HALF_ROWS 32
#define HALF_UNIT 32
#else
#define HALF_ROWS ROWS
#define HALF_UNIT 2
#endif
#ifndef NARROW
#define NARROW(x) ((void) (x), (Halves) { 0 })
#endif
#include "vector.h"
#include "layout.h"
#include "microkernel.h"
#include "quantized.h"
#include "half_numbers.h"
#include "narrow_packing.h"
#include "packing.h"
#include "gather.h"
#include "halves.h"
#include "epilogue.h"
#include "direct.h"
#include "winograd_transforms.h"
#include "winograd.h"
#include "winograd_plan.h"
#include "attention_numbers.h"
#include "attention_keys.h"
#include "attention.h"

const CProductKernels KERNELS_TABLE = {
  .name = KERNELS_NAME,
  .lanes = LANES,
  .tile_rows = ROWS,
  .tile_columns = NR,
  .levels = LEVELS,
  .halves = HALF_KIND,
  .halves_for_all = HALVES_FOR_ALL,
  .panels = panels,
  .packed_bytes = packed_bytes,
  .pack = pack,
  .plan = plan,
  .run = run,
  .winograd_fits = winograd_fits,
  .winograd_pays = winograd_pays,
  .winograd_plan = winograd_plan,
  .winograd_transform = winograd_transform,
  .winograd_multiply = winograd_multiply,
  .keys_bytes = keys_bytes,
  .pack_keys = pack_keys,
  .attend = attend,
  .attend_rows = attend_rows,
  .attend_scratch = attend_scratch,
#if defined(HALVES)
  .exercise = exercise_halves,
#else
  .exercise = exercise,
#endif
};
