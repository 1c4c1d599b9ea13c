#!/bin/sh
# SPDX-License-Identifier: LGPL-3.0-or-later
# Fills a folder of pictures on a cluster, by the tasks of an array (Slurm).
#
#   sbatch --array=1-16 examples/batch/slurm.sh PICTURES MASKS RESULTS [PROPERTY=VALUE...]
#
# Each task takes every 16th picture.  A task that is requeued goes on where it was.  The folders are on a disk that all nodes
# see, and `inpaint` is installed there or on each.
#SBATCH --job-name=inpaint
#SBATCH --cpus-per-task=2
#SBATCH --mem=4G
#SBATCH --requeue
set -eu
[ $# -ge 3 ] || { sed -n 's/^#   //p' "$0" >&2; exit 2; }
pictures=$1 masks=$2 results=$3
shift 3
# Shards are counted from 1 to their number.
[ "$SLURM_ARRAY_TASK_MIN" = 1 ] && [ "$SLURM_ARRAY_TASK_MAX" = "$SLURM_ARRAY_TASK_COUNT" ] ||
  { echo "give --array=1-N, not a part of it: what is done is skipped" >&2; exit 2; }
exec inpaint run "${OPERATION:-seele-remove}" "$pictures" --mask "$masks" --output "$results" --quiet --skip-existing --allow-empty \
  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" "$@"
