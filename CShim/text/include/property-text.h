/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Values of operations' properties as text: that of graphs and of the `gegl` command line. */
#pragma once

#include <gegl.h>

/* Makes `value`, which holds nothing yet, one of the property's type.  FALSE if the text is none, or out of range. */
gboolean inpaint_value_from_text (GValue *value, GParamSpec *property, const gchar *text);

/* A range or the choices, for messages; to be freed with g_free. */
gchar *inpaint_values_taken (GParamSpec *property);

/* What inpaint_value_from_text takes; to be freed with g_free. */
gchar *inpaint_value_to_text (const GValue *value);
