/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Pictures to files. */
#pragma once

#include "destination.h"
#include "origin.h"

/* What is written with a picture. */
typedef struct {
  const Origin *origin;   /* whose kind of file, and what it says beside the pixels, is kept */
  gint          quality;  /* of JPEG and WebP: 1 ... 100; 0: the origin's */
  const gchar  *record;   /* the settings of the run, as text; NULL for none */
} Writing;

/* FALSE, with *error set, where GEGL writes no pictures with this ending, or where they have no such quality or record. */
gboolean inpaint_save_knows (const gchar *path, gint quality, gboolean has_record, gchar **error);

/* What would fail after the run, found before it: whether a picture of this format and size can be written.
 * FALSE, with *error set, if not. */
gboolean inpaint_save_rehearse (Destination *destination, const Babl *format, const GeglRectangle *box,
                                const Writing *writing, gchar **error);

/* Frees `buffer`.  FALSE, with *error set, after a failure; what was there before is there still then.  Notes on stderr say
 * what a result cannot hold. */
gboolean inpaint_save (GeglBuffer *buffer, Destination *destination, const Writing *writing, gchar **error);
