/* Which of its cores OpenBLAS serves products with.
 *
 * It chooses one by the processor's family and model when it is loaded.  A processor that is newer than the library falls
 * to "Prescott", SSE of 2004, four to six times slower than what it can run.  Here the choice goes by what the processor
 * has, which no list has to know. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <cblas.h>

#include "blas_core.h"

/* OpenBLAS exports these, and does not declare them.  A library for one processor has no cores to choose from. */
extern void  gotoblas_dynamic_init (void) __attribute__ ((weak));
extern void  gotoblas_dynamic_quit (void) __attribute__ ((weak));

#define VARIABLE "OPENBLAS_CORETYPE"

#if defined(__x86_64__)

/* How wide a core's float32 vectors are, in bits; those that are not listed are of the times before AVX2. */
static int
width_of (const char *core)
{
  static const struct { const char *name; int width; } wide[] = {
    { "Haswell", 256 },  { "Zen", 256 },        { "Excavator", 256 },
    { "SkylakeX", 512 }, { "Cooperlake", 512 }, { "SapphireRapids", 512 },
  };

  for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
    if (strcasecmp (core, wide[i].name) == 0)
      return wide[i].width;
  return 128;
}

const char *
blas_core_of_processor (void)
{
  __builtin_cpu_init ();
  if (! __builtin_cpu_supports ("avx2") || ! __builtin_cpu_supports ("fma"))
    return NULL;
  if (__builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512bw") && __builtin_cpu_supports ("avx512dq")
      && __builtin_cpu_supports ("avx512vl") && __builtin_cpu_supports ("avx512cd"))
    return "SkylakeX";
  return __builtin_cpu_is ("amd") ? "Zen" : "Haswell";
}

bool
blas_core_is_narrow (void)
{
  const char *best = blas_core_of_processor ();

  return best && width_of (openblas_get_corename ()) < width_of (best);
}

#else

const char *
blas_core_of_processor (void)
{
  return NULL;
}

bool
blas_core_is_narrow (void)
{
  return false;
}

#endif

/* The environment with one more variable, in front of all others.  Other threads may read the environment at any time:
 * neither it nor its copy is changed or freed, the one pointer to it is. */
static char **
environment_with (char *variable)
{
  size_t count = 0;
  char **copy;

  while (environ && environ[count])
    count++;
  copy = malloc ((count + 2) * sizeof *copy);
  if (copy)
    {
      copy[0] = variable;
      for (size_t i = 0; i < count; i++)
        copy[i + 1] = environ[i];
      copy[count + 1] = NULL;
    }
  return copy;
}

bool
blas_core_take (const char *core)
{
  char **usual = environ, **changed;
  char  *variable;
  size_t size;

  if (! gotoblas_dynamic_init || ! gotoblas_dynamic_quit)
    return false;
  size     = strlen (VARIABLE "=") + strlen (core) + 1;
  variable = malloc (size);
  changed  = variable ? environment_with (variable) : NULL;
  if (! changed)
    {
      free (variable);
      return false;
    }
  strcpy (variable, VARIABLE "=");
  strcat (variable, core);
  __atomic_store_n (&environ, changed, __ATOMIC_RELEASE);
  gotoblas_dynamic_quit ();
  gotoblas_dynamic_init ();
  __atomic_store_n (&environ, usual, __ATOMIC_RELEASE);
  return strcasecmp (openblas_get_corename (), core) == 0;
}

void
blas_core_choose (void)
{
  const char *own = getenv (VARIABLE);

  if ((! own || ! *own) && blas_core_is_narrow ())
    blas_core_take (blas_core_of_processor ());
}

/* When the program or the module is loaded, behind OpenBLAS' own constructor: a host has not begun any work then, with
 * which another user of the library could be in a product. */
__attribute__ ((constructor)) static void
choose_when_loaded (void)
{
  blas_core_choose ();
}
