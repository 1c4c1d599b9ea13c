/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The dialog of a procedure: GIMP's own, with rows made by hand where GIMP has no widget. */
#pragma once

#include <libgimp/gimp.h>

#include "settings.h"

/* Shows the values of `config` and changes them; FALSE if the user cancelled.  `settings` say which models there are. */
gboolean dialog_run (const Settings *settings, GimpProcedure *procedure, GimpProcedureConfig *config);
