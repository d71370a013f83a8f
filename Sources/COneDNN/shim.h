#pragma once
#include <oneapi/dnnl/dnnl.h>
// oneDNN takes its number of threads from OpenMP, whose own header belongs to the C compiler.
void omp_set_num_threads(int count);
