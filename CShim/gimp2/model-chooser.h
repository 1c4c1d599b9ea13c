/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A list of the models that are installed, and a button for another one. */
#pragma once

#include <gtk/gtk.h>

#include "settings.h"

/* Shows and changes `property`, a model's path. */
GtkWidget *model_chooser_new (const Settings *settings, GParamSpec *property);
