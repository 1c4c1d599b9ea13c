/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "refusal.h"

/* Whether a run may change the transparency of the layer's own pixels. */
static gboolean
changes_alpha (Reach reach, const LayerState *state)
{
  return reach == REACH_CANVAS || ! state->is_selected;
}

/* What the layer's locks say to a result in place. */
static const gchar *
lock_refusal (Reach reach, const LayerState *state)
{
  if (state->locks_pixels)
    return _("The layer's pixels are locked. Unlock them, or let the result be a new layer.");
  if (state->locks_alpha && changes_alpha (reach, state))
    return _("The layer's alpha channel is locked. Unlock it, or let the result be a new layer.");
  if (state->locks_position && reach == REACH_CANVAS)
    return _("The layer's position and size are locked. Unlock them, or let the result be a new layer.");
  return NULL;
}

static const gchar *
selection_refusal (Reach reach, const LayerState *state)
{
  if (reach == REACH_CANVAS)
    return NULL;
  if (! state->is_selected)
    return reach == REACH_SELECTION && state->has_alpha
           ? NULL : _("Nothing is selected. Select what is to be repainted.");
  if (! state->selection_meets_it)
    return _("The selection lies outside the layer. Select a part of the layer, or choose the layer below the selection.");
  return NULL;
}

const gchar *
refusal (const Settings *settings, const LayerState *state)
{
  const gchar *reason = NULL;

  if (! state->is_layer)
    return _("This works on layers. Click on a layer's own picture in the Layers dialog, not on its mask or a channel.");
  if (state->is_group)
    return _("This is a layer group. Choose a layer in it.");
  if (state->has_floating_selection)
    return _("There is a floating selection. Anchor it first (Layer > Anchor Layer).");
  if (state->is_indexed)
    return _("An indexed image has not the colors for this. Convert it first (Image > Mode > RGB).");
  if (! settings->new_layer && settings->proposals > 1)
    return _("Several proposals are layers of their own. Let the result be a new layer, or ask for one proposal.");
  if (! settings->new_layer)
    reason = lock_refusal (settings->procedure->reach, state);
  return reason ? reason : selection_refusal (settings->procedure->reach, state);
}
