/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* An operation's properties as the ABI has them. */
#pragma once

#include <gegl-plugin.h>

#include "inpaint_abi.h"

typedef struct {
  InpaintRequest   abi;        /* for inpaint_plan_new */
  InpaintProperty *properties; /* behind it; the values are this struct's */
} Request;

/* All properties of `operation`, as they are.  To be freed with inpaint_request_clear. */
Request inpaint_request (GeglOperation *operation);
void    inpaint_request_clear (Request *request);
