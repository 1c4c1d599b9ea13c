/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* AMX's tiles as arrays, with what its instructions do to them (Intel's Software Developer's Manual). */
#if defined(__x86_64__)
#include "cproduct.h"
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma clang diagnostic ignored "-Wpsabi" /* what takes vectors is inlined */

typedef struct {
  uint8_t rows[16][64];
} EmulatedTile;

static _Thread_local EmulatedTile tile_registers[8];
static _Thread_local int tile_palette;

#define TILES_CONFIGURE(shape) configure_tiles (shape)
#define TILES_RELEASE() configure_tiles (NULL)
#define TILES_ZERO(tile) memset (&tile_registers[tile], 0, sizeof (EmulatedTile))
#define TILES_LOAD(tile, from, stride) load_tile (tile, from, stride)
#define TILES_STORE(tile, to, stride) store_tile (tile, to, stride)
#define TILES_MULTIPLY(c, a, b) multiply_tiles (c, a, b)

static inline void
configure_tiles (const void *shape)
{
  tile_palette = shape ? *(const uint8_t *) shape : 0;
  memset (tile_registers, 0, sizeof tile_registers);
}

static inline void
load_tile (int tile, const void *from, int64_t stride)
{
  for (int row = 0; row < 16; row++)
    memcpy (tile_registers[tile].rows[row], (const char *) from + row * stride, 64);
}

static inline void
store_tile (int tile, void *to, int64_t stride)
{
  for (int row = 0; row < 16; row++)
    memcpy ((char *) to + row * stride, tile_registers[tile].rows[row], 64);
}

typedef int32_t TileWords __attribute__ ((vector_size (64)));
typedef float TileFloats __attribute__ ((vector_size (64)));

/* The even or odd halves of pairs, as floats. */
static __attribute__ ((target ("avx2,fma,f16c"), always_inline)) inline TileFloats
halves_in (TileWords words, int odd)
{
  typedef uint16_t Bits __attribute__ ((vector_size (32)));
  typedef _Float16 Float16s __attribute__ ((vector_size (32)));
  Bits bits = __builtin_convertvector (words >> 16 * odd, Bits);
  if (HALVES == CPRODUCT_FLOAT16)
    return __builtin_convertvector ((Float16s) bits, TileFloats);
  return (TileFloats) (__builtin_convertvector (bits, TileWords) << 16);
}

/* Without a configuration the processor would not multiply. */
static __attribute__ ((target ("avx2,fma,f16c"))) inline void
multiply_tiles (int c, int a, int b)
{
  TileFloats columns[16][2];
  if (tile_palette != 1)
    return;
  for (int k = 0; k < 16; k++)
    for (int odd = 0; odd < 2; odd++)
      {
        TileWords words;
        memcpy (&words, tile_registers[b].rows[k], sizeof words);
        columns[k][odd] = halves_in (words, odd);
      }
  for (int m = 0; m < 16; m++)
    {
      TileWords pairs;
      TileFloats sums, rows[2];
      memcpy (&pairs, tile_registers[a].rows[m], sizeof pairs);
      memcpy (&sums, tile_registers[c].rows[m], sizeof sums);
      for (int odd = 0; odd < 2; odd++)
        rows[odd] = halves_in (pairs, odd);
      for (int k = 0; k < 16; k++)
        for (int odd = 0; odd < 2; odd++)
          sums += rows[odd][k] * columns[k][odd];
      memcpy (tile_registers[c].rows[m], &sums, sizeof sums);
    }
}
#endif
