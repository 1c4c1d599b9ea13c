/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "clip_vocabulary.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t merges[] = {
#embed "merges.txt"
};

const uint8_t *
clip_vocabulary_merges (void)
{
  return merges;
}

int64_t
clip_vocabulary_byte_count (void)
{
  return sizeof merges;
}
