/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once
#include <webp/decode.h>
#include <webp/encode.h>
#include <webp/mux.h>
