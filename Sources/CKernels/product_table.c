/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Which tables this processor can run, and what the system says of its caches. */
#include "include/cproduct.h"
#include "processor.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

extern const CProductKernels cproduct_baseline;
#if defined(__x86_64__)
extern const CProductKernels cproduct_avx, cproduct_avx2, cproduct_avx512, cproduct_avx_vnni, cproduct_avx512_vnni,
  cproduct_avx512_bf16, cproduct_avx512_fp16, cproduct_amx_bf16, cproduct_amx_fp16;
#endif

enum { TABLES = 10 };

/* A table, and the numbers that it is there for. */
typedef struct {
  const CProductKernels *table;
  CProductNumbers        numbers;
  bool (*runs) (void); /* on this processor; tiles are asked for there */
} Entry;

static bool
always (void)
{
  return true;
}

/* All of the architecture, faster ones first. */
static int
list (Entry entries[TABLES])
{
  int count = 0;

#if defined(__x86_64__)
  entries[count++] = (Entry) { &cproduct_amx_fp16, CPRODUCT_HALVES, has_amx_fp16 };
  entries[count++] = (Entry) { &cproduct_amx_bf16, CPRODUCT_HALVES, has_amx_bf16 };
  entries[count++] = (Entry) { &cproduct_avx512_fp16, CPRODUCT_HALVES, has_avx512_fp16 };
  entries[count++] = (Entry) { &cproduct_avx512_bf16, CPRODUCT_HALVES, has_avx512_bf16 };
  entries[count++] = (Entry) { &cproduct_avx512_vnni, CPRODUCT_WHOLE_NUMBERS, has_avx512_vnni };
  entries[count++] = (Entry) { &cproduct_avx512, CPRODUCT_FLOATS, has_avx512 };
  entries[count++] = (Entry) { &cproduct_avx_vnni, CPRODUCT_WHOLE_NUMBERS, has_avx_vnni };
  entries[count++] = (Entry) { &cproduct_avx2, CPRODUCT_FLOATS, has_avx2 };
  entries[count++] = (Entry) { &cproduct_avx, CPRODUCT_FLOATS, has_avx };
#endif
  entries[count++] = (Entry) { &cproduct_baseline, CPRODUCT_FLOATS, always };
  return count;
}

int
cproduct_available (const CProductKernels **tables, int capacity)
{
  Entry entries[TABLES];
  int   all = list (entries), count = 0;

  for (int i = 0; i < all && count < capacity; i++)
    if (entries[i].runs ())
      tables[count++] = entries[i].table;
  return count;
}

const CProductKernels *
cproduct_kernels (void)
{
  Entry  entries[TABLES], *entry = entries;

  list (entries);
  while (entry->numbers != CPRODUCT_FLOATS || !entry->runs ())
    entry++;
  return entry->table;
}

const CProductKernels *
cproduct_whole_number_kernels (void)
{
  Entry entries[TABLES];
  int   count = list (entries);

  for (int i = 0; i < count; i++)
    if (entries[i].numbers != CPRODUCT_HALVES && entries[i].runs () && cproduct_agrees (entries[i].table, CPRODUCT_WHOLE_NUMBERS))
      return entries[i].table;
  return &cproduct_baseline;
}

/* Whether halves are expected to be faster than floats.  Intel's vector instruction for bfloat16 has half the rate of AMD's. */
static bool
pays (const CProductKernels *table)
{
#if defined(__x86_64__)
  __builtin_cpu_init ();
  return table != &cproduct_avx512_bf16 || __builtin_cpu_is ("amd");
#else
  return table->halves != CPRODUCT_FLOAT32;
#endif
}

const CProductKernels *
cproduct_half_kernels (CProductFormat kind)
{
  Entry entries[TABLES];
  int   count = list (entries);

  for (int i = 0; i < count; i++)
    {
      const CProductKernels *table = entries[i].table;
      if (entries[i].numbers != CPRODUCT_HALVES || !entries[i].runs ())
        continue;
      if (kind == CPRODUCT_FLOAT32 ? !pays (table) : table->halves != kind)
        continue;
      if (cproduct_agrees (table, CPRODUCT_HALVES))
        return table;
    }
  return NULL;
}

int
cproduct_names (const char **names, int capacity)
{
  Entry entries[TABLES];
  int   count = list (entries);

  if (count > capacity)
    count = capacity;
  for (int i = 0; i < count; i++)
    names[i] = entries[i].table->name;
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
