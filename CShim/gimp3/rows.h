/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The rows of a procedure's dialog, a label and a widget each. */
#pragma once

#include <libgimp/gimpui.h>

#include "settings.h"

#define ROW_SPACING 6   /* pixels between rows, and between the widgets of a row */

typedef struct {
  const Settings      *settings;
  GimpProcedureConfig *config;   /* whose values they show and change */
  GimpProcedureDialog *dialog;
  GtkSizeGroup        *labels;   /* are all as wide */
} Rows;

/* The row of an operation's property. */
GtkWidget *row_new (Rows *rows, GParamSpec *property);

/* How many results there are to be. */
GtkWidget *row_proposals (Rows *rows);

/* Whether the row takes what height the window has left. */
gboolean row_grows (GParamSpec *property);
