/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A procedure's arguments, which GIMP keeps in a GimpProcedureConfig: one for each property of the operation, by its name. */
#pragma once

#include <libgimp/gimp.h>

#include "settings.h"

/* Beside the properties: whether the result is a layer of its own, and, known to the dialog alone, whether each run draws
 * another seed, and whether a run shows what becomes of the picture. */
#define ARGUMENT_NEW_LAYER   "new-layer"
#define ARGUMENT_RANDOM_SEED "random-seed"
#define ARGUMENT_PREVIEWS    "previews"

/* In the dialog's order, and behind them those that it does not show. */
void arguments_add (GimpProcedure *procedure, const Procedure *row);

/* Takes the values of `config` over. */
void arguments_take (Settings *settings, GimpProcedureConfig *config);
