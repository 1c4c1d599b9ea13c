/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The dialog of a procedure, made from the properties of its operation. */
#pragma once

#include "settings.h"

/* Shows the settings and changes them; FALSE if the user cancelled. */
gboolean dialog_run (Settings *settings);
