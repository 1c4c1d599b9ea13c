#!/bin/sh
# SPDX-License-Identifier: LGPL-3.0-or-later
# Fills a folder of pictures on one machine, by several programs at once (GNU parallel).
#
#   examples/batch/parallel.sh PICTURES MASKS RESULTS [PROPERTY=VALUE...]
#
# WORKERS (2) programs take every WORKERSth picture each, so that one model is read so many times and each needs its memory; a
# program uses all processors, too, but not all the time.  One that is killed is started again, and goes on where it was.
set -eu
[ $# -ge 3 ] || { sed -n 's/^#   //p' "$0" >&2; exit 2; }
pictures=$1 masks=$2 results=$3
shift 3
workers=${WORKERS:-2}
seq "$workers" | parallel --quote --jobs "$workers" --retries 3 --line-buffer --tag \
  inpaint run "${OPERATION:-seele-remove}" "$pictures" --mask "$masks" --output "$results" --quiet --skip-existing --allow-empty \
  --shard "{}/$workers" "$@"
