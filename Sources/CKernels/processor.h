/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Which instruction sets the processor has, and the operating system lets a program use. */
#pragma once

#if defined(__x86_64__)
#include <cpuid.h>
#include <stdbool.h>

/* A bit of CPUID leaf 7: registers are counted from EAX = 0 on. */
static inline bool
has_feature (unsigned subleaf, int index, int bit)
{
  unsigned registers[4];

  return __get_cpuid_count (7, subleaf, &registers[0], &registers[1], &registers[2], &registers[3])
         && (registers[index] >> bit & 1);
}

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
  return has_avx2 () && has_feature (1, 0, 4);
}

static inline bool
has_avx512_vnni (void)
{
  return has_avx512 () && __builtin_cpu_supports ("avx512vnni");
}

static inline bool
has_avx512_bf16 (void)
{
  return has_avx512 () && has_feature (1, 0, 5);
}

static inline bool
has_avx512_fp16 (void)
{
  return has_avx512 () && has_feature (0, 3, 23);
}

/* AMX's tiles, which Linux grants a process that asks for them. */
bool processor_grants_tiles (void);

static inline bool
has_amx_bf16 (void)
{
  return has_avx512_bf16 () && has_feature (0, 3, 24) && has_feature (0, 3, 22) && processor_grants_tiles ();
}

static inline bool
has_amx_fp16 (void)
{
  return has_avx512 () && has_feature (0, 3, 24) && has_feature (1, 0, 21) && processor_grants_tiles ();
}
#endif
