/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* How an operation tells its host, and through it the user. */
#pragma once

#include <stdbool.h>

#include <gegl-plugin.h>

#include "inpaint_abi.h"

/* Tells the user how a run is done. */
void inpaint_log (GeglOperation *operation, const gchar *text);

/* Tells the host and the user why a run has nothing to do. */
void inpaint_log_nothing (GeglOperation *operation, const gchar *text);

/* The same where nothing is asked for yet, as in a dialog that has just been opened. */
void inpaint_log_unset (GeglOperation *operation, const gchar *text);

/* Tells that there is something to do. */
void inpaint_clear_nothing (GeglOperation *operation);

/* Tells the host why a run failed: `error`, which is freed, names the operation, the cause and the remedy; NULL where there
 * was no memory for the image's pixels. */
void inpaint_fail (GeglOperation *operation, gchar *error);

/* The same where another operation, which this one has run, has told why. */
void inpaint_set_failed (GeglOperation *operation);

/* Whether the last run of the operation failed: GEGL does not say. */
gboolean inpaint_has_failed (GeglOperation *operation);

/* Whether the host asks for previews. */
gboolean inpaint_wants_previews (GeglOperation *operation);

/* Tells the host how far a run is; preview: NULL where there is no new one. */
void inpaint_report (GeglOperation *operation, gdouble fraction, const gchar *stage, GeglBuffer *preview);

/* The same of the operation `user`; an InpaintProgress. */
bool inpaint_report_progress (void *user, double fraction, const char *stage, const InpaintPreview *preview);
