/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What half_tiles.h asks of tiles, in the instructions of all processors with AMX; strides are in bytes. */
#define TILES_CONFIGURE(shape) _tile_loadconfig (shape)
#define TILES_RELEASE() _tile_release ()
#define TILES_ZERO(tile) _tile_zero (tile)
#define TILES_LOAD(tile, from, stride) _tile_loadd (tile, from, (size_t) (stride))
#define TILES_STORE(tile, to, stride) _tile_stored (tile, to, (size_t) (stride))
