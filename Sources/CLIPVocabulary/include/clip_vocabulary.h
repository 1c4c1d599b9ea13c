/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The byte-pair merges of OpenAI's CLIP, one "left right" a line, most frequent first.  UTF-8, not terminated. */
#ifndef CLIP_VOCABULARY_H
#define CLIP_VOCABULARY_H

#include <stdint.h>

const uint8_t *clip_vocabulary_merges (void);
int64_t clip_vocabulary_byte_count (void);

#endif
