/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What a host may ask an operation without a run: the signals of inpaint_keys.h. */
#pragma once

#include <gegl-plugin.h>

/* Gives the class its signals, and their answers. */
void inpaint_queries_class_init (GeglOperationClass *operation_class);
