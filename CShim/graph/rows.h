/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* How a file's rows hold a picture's colours. */
#pragma once

#include "origin.h"

/* What a format of files has beside RGB. */
typedef enum {
  ROWS_GREY  = 1 << 0,
  ROWS_CMYK  = 1 << 1,
  ROWS_ALPHA = 1 << 2
} RowKinds;

typedef struct {
  const Babl *format;    /* of 8 or 16 bits */
  gint        channels;  /* with alpha */
  gboolean    has_alpha;
  GBytes     *profile;   /* ICC; NULL for sRGB and its grey.  The rows' own */
} Rows;

/* Rows of `bits` bits for a picture of the format `format`.  They keep its colour space and the origin's profile, where the
 * file can say so, and are sRGB otherwise. */
void inpaint_rows_init (Rows *rows, const Babl *format, const Origin *origin, RowKinds kinds, gint bits);

void inpaint_rows_clear (Rows *rows);

/* Row `y` of a picture, 0 at its top. */
void inpaint_rows_get (const Rows *rows, GeglBuffer *buffer, gint y, guint8 *row);
