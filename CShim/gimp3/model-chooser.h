/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A list of the models that are installed, and a button for another one. */
#pragma once

#include <libgimp/gimpui.h>

#include "settings.h"

/* Shows and changes the argument "model" of `config`. */
GtkWidget *model_chooser_new (const Settings *settings, GimpProcedureConfig *config);
