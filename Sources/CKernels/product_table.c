/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Which tables this processor can run, and what the system says of its caches. */
#include "include/cproduct.h"
#include "processor.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

extern const CProductKernels cproduct_baseline;
#if defined(__x86_64__)
extern const CProductKernels cproduct_avx, cproduct_avx2, cproduct_avx512, cproduct_avx_vnni, cproduct_avx512_vnni;
#endif

int
cproduct_available (const CProductKernels **tables, int capacity)
{
  const CProductKernels *found[6];
  int                    count = 0;

#if defined(__x86_64__)
  if (has_avx512_vnni ())
    found[count++] = &cproduct_avx512_vnni;
  if (has_avx512 ())
    found[count++] = &cproduct_avx512;
  if (has_avx_vnni ())
    found[count++] = &cproduct_avx_vnni;
  if (has_avx2 ())
    found[count++] = &cproduct_avx2;
  if (has_avx ())
    found[count++] = &cproduct_avx;
#endif
  found[count++] = &cproduct_baseline;
  if (count > capacity)
    count = capacity;
  memcpy (tables, found, (size_t) count * sizeof *tables);
  return count;
}

/* Tables for VNNI differ from those before it in quantized weights alone. */
static bool
is_for_all_weights (const CProductKernels *table)
{
#if defined(__x86_64__)
  return table != &cproduct_avx_vnni && table != &cproduct_avx512_vnni;
#else
  return table != NULL;
#endif
}

const CProductKernels *
cproduct_kernels (void)
{
  const CProductKernels *tables[6], **table = tables;

  cproduct_available (tables, 6);
  while (!is_for_all_weights (*table))
    table++;
  return *table;
}

const CProductKernels *
cproduct_quantized_kernels (void)
{
  const CProductKernels *tables[6];
  int                    count = cproduct_available (tables, 6);

  for (int i = 0; i < count - 1; i++)
    if (cproduct_agrees (tables[i]))
      return tables[i];
  return tables[count - 1];
}

int
cproduct_names (const char **names, int capacity)
{
  const char *all[6];
  int         count = 0;

#if defined(__x86_64__)
  all[count++] = cproduct_avx512_vnni.name;
  all[count++] = cproduct_avx512.name;
  all[count++] = cproduct_avx_vnni.name;
  all[count++] = cproduct_avx2.name;
  all[count++] = cproduct_avx.name;
#endif
  all[count++] = cproduct_baseline.name;
  if (count > capacity)
    count = capacity;
  memcpy (names, all, (size_t) count * sizeof *names);
  return count;
}

/* The size that the kernel states for a cache of the first processor, in bytes; 0 if it does not. */
static int64_t
cache_size (int index)
{
  char  path[80];
  long  size = 0;
  char  unit = 0;
  FILE *file;

  snprintf (path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/size", index);
  file = fopen (path, "r");
  if (!file)
    return 0;
  if (fscanf (file, "%ld%c", &size, &unit) < 1 || size < 0 || size > (1L << 40))
    size = 0;
  fclose (file);
  return size * (unit == 'K' ? 1024 : unit == 'M' ? 1024 * 1024 : 1);
}

CProductMachine
cproduct_machine (int32_t threads)
{
  CProductMachine machine = { 0, 0, threads };

  /* Indices 0 and 1 are the first level's.  The C library's sysconf takes a virtual machine's host for it. */
  machine.second_level = cache_size (2);
  machine.last_level = cache_size (3);
  if (machine.second_level < 128 << 10)
    machine.second_level = 512 << 10;
  if (machine.last_level < machine.second_level)
    machine.last_level = machine.second_level * threads;
  return machine;
}

int64_t
cproduct_out_height (const CProductRows *rows)
{
  return (rows->height * rows->upsample + rows->before + rows->after - rows->kernel) / rows->stride + 1;
}

int64_t
cproduct_out_width (const CProductRows *rows)
{
  return (rows->width * rows->upsample + rows->before + rows->after - rows->kernel) / rows->stride + 1;
}

int64_t
cproduct_row_count (const CProductRows *rows)
{
  return rows->images * cproduct_out_height (rows) * cproduct_out_width (rows);
}
