/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* GIMP's memory of the settings of a session's last run. */
#pragma once

#include "settings.h"

/* Takes them, if there was one. */
void memory_recall   (Settings *settings);
void memory_remember (const Settings *settings);
