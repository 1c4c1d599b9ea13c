/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What reading and writing JPEG files share. */
#pragma once

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include "jpeg.h"

#define MOST_COMPONENTS 4

struct _JpegCoding {
  J_COLOR_SPACE colors;
  gint          components;
  gint          horizontal[MOST_COMPONENTS], vertical[MOST_COMPONENTS]; /* sampling factors */
  gint          table[MOST_COMPONENTS];
  guint         tables[NUM_QUANT_TBLS][DCTSIZE2]; /* rows from the top; all 0 where there is none */
  gboolean      is_progressive;
};

/* libjpeg's, which would end the process. */
typedef struct {
  struct jpeg_error_mgr manager;
  jmp_buf               jump;
  gchar                *text;
} JpegErrors;

/* Lets libjpeg jump to errors->jump after a failure, with errors->text set. */
struct jpeg_error_mgr *inpaint_jpeg_errors_init (JpegErrors *errors);
