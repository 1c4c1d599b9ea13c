/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Whether a layer can be worked on in its present state. */
#pragma once

#include "settings.h"

/* What a host knows of the layer and its image. */
typedef struct {
  gboolean is_layer;   /* not a mask or a channel; where it is none, the rest does not count */
  gboolean is_group, is_indexed, has_alpha;
  gboolean locks_pixels, locks_alpha, locks_position;
  gboolean has_floating_selection;
  gboolean is_selected;         /* something in the image is */
  gboolean selection_meets_it;
} LayerState;

/* NULL if it can, else the reason with a remedy. */
const gchar *refusal (const Settings *settings, const LayerState *state);
