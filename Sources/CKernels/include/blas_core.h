/* Which of its cores (sets of kernels for a kind of processor) OpenBLAS serves products with.
 *
 * A program or module that this is linked into takes the core that fits the processor's features when it is loaded,
 * unless the variable OPENBLAS_CORETYPE names one. */
#ifndef BLAS_CORE_H
#define BLAS_CORE_H

#include <stdbool.h>

/* OpenBLAS' name of the widest core that this processor runs: "SkylakeX" (AVX-512), "Haswell" or "Zen" (AVX2 and FMA);
 * NULL where it has none of these, and any core will do. */
const char *blas_core_of_processor (void);

/* Whether the core in use has narrower vectors than this processor. */
bool blas_core_is_narrow (void);

/* Takes the processor's core where the one in use is narrower and OPENBLAS_CORETYPE names none. */
void blas_core_choose (void);

/* Takes `core`, one of OpenBLAS' names, while no product runs.  False where the library has not that core, or only one. */
bool blas_core_take (const char *core);

#endif
