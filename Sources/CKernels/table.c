/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What this machine has: its processors, and which tables they can run. */
#define _GNU_SOURCE
#include <sched.h>
#include <unistd.h>

#include "ckernels.h"
#include "processor.h"

extern const CKernels ckernels_baseline;
#if defined(__x86_64__)
extern const CKernels ckernels_avx2, ckernels_avx512;
#endif

int
ckernels_processor_count (void)
{
  cpu_set_t allowed;
  long      count;

  /* It fails where there are more than a set has places for. */
  if (sched_getaffinity (0, sizeof allowed, &allowed) == 0)
    return CPU_COUNT (&allowed);
  count = sysconf (_SC_NPROCESSORS_ONLN);
  return count > 0 ? (int) count : 1;
}

int
ckernels_available (const CKernels **tables, int capacity)
{
  const CKernels *found[3];
  int count = 0;
#if defined(__x86_64__)
  if (has_avx512 ())
    found[count++] = &ckernels_avx512;
  if (has_avx2 ())
    found[count++] = &ckernels_avx2;
#endif
  found[count++] = &ckernels_baseline;
  if (count > capacity)
    count = capacity;
  for (int i = 0; i < count; i++)
    tables[i] = found[i];
  return count;
}

const CKernels *
ckernels_table (void)
{
  const CKernels *widest;
  ckernels_available (&widest, 1);
  return widest;
}
