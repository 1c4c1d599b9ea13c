/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Which instruction sets the processor has, and the operating system lets a program use. */
#pragma once

#if defined(__x86_64__)
#include <cpuid.h>
#include <stdbool.h>

static inline bool
has_avx (void)
{
  __builtin_cpu_init ();
  return __builtin_cpu_supports ("avx");
}

static inline bool
has_avx2 (void)
{
  __builtin_cpu_init ();
  return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma") && __builtin_cpu_supports ("f16c");
}

static inline bool
has_avx512 (void)
{
  return has_avx2 () && __builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512bw")
         && __builtin_cpu_supports ("avx512dq") && __builtin_cpu_supports ("avx512vl");
}

static inline bool
has_avx_vnni (void)
{
  unsigned a, b, c, d;

  return has_avx2 () && __get_cpuid_count (7, 1, &a, &b, &c, &d) && (a >> 4 & 1);
}

static inline bool
has_avx512_vnni (void)
{
  return has_avx512 () && __builtin_cpu_supports ("avx512vnni");
}
#endif
