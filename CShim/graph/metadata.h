/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* EXIF, XMP and IPTC data of picture files. */
#pragma once

#include "origin.h"

/* NULL, with *error set, where the file cannot be read so. */
GExiv2Metadata *inpaint_metadata_open (const gchar *path, GError **error);

/* The resolution by EXIF. */
Resolution inpaint_metadata_resolution (GExiv2Metadata *metadata);

/* Whether there is anything in it but how pixels are stored. */
gboolean inpaint_metadata_has_any (GExiv2Metadata *metadata);

/* Makes what `metadata` says right for a result of this size: upright, without previews of the picture before, without where
 * a TIFF file has its pixels, without a record. */
void inpaint_metadata_settle (GExiv2Metadata *metadata, gint width, gint height);

/* Writes the origin's metadata to the picture file `path`; its resolution too where `says_resolution`, for WebP, which says
 * it by EXIF; and `record`, where that is not NULL.  FALSE, with *error set, after a failure, which may leave no picture in the file. */
gboolean inpaint_metadata_write (const gchar *path, const Origin *origin, gboolean says_resolution, const gchar *record,
                                 GError **error);

/* The record in the file `path`, to be freed with g_free; NULL, with *error set, where it has none. */
gchar *inpaint_metadata_record (const gchar *path, gchar **error);
