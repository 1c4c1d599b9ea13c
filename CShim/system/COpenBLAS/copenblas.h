#pragma once
#include <cblas.h>

/* The buffers of products: every OpenBLAS exports them, none declares them. */
void *blas_memory_alloc (int place);
void  blas_memory_free (void *buffer);
