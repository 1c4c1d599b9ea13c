/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the operating system grants a process that asks. */
#define _GNU_SOURCE
#include "processor.h"

#if defined(__x86_64__)
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

bool
processor_grants_tiles (void)
{
#if defined(__linux__)
  /* Linux, Documentation/arch/x86/xstate.rst. */
  enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18, XTILE_STATES = 3 << 17 };
  unsigned low, high;

  if (!has_avx () || syscall (SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) != 0)
    return false;
  __asm__ volatile ("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (low & XTILE_STATES) == XTILE_STATES;
#else
  return false;
#endif
}
#endif
