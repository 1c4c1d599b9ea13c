/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A property of an operation as a row of widgets: label, range, choices and tooltip are the property's own. */
#pragma once

#include <gtk/gtk.h>

#include "settings.h"

/* A row is a label, and a widget, which may be a scale and its number. */
#define PROPERTY_COLUMNS 3

/* The row changes the property as the user does.  The operation must have it. */
void property_row (Settings *settings, const gchar *name, GtkTable *table, gint row);

/* A last row: how many results there are to be. */
void proposals_row (Settings *settings, GtkTable *table);
