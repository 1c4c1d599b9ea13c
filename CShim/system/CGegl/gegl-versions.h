/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What goes by GEGL's version. */
#pragma once

#include <gegl.h>

/* 0.4.62 deprecates gegl_node_connect_to for gegl_node_connect, which takes the same; 0.4.42 has no other. */
#if GEGL_MAJOR_VERSION == 0 && GEGL_MINOR_VERSION == 4 && GEGL_MICRO_VERSION < 62
#define gegl_node_connect gegl_node_connect_to
#endif
