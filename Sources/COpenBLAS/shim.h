#pragma once
// LAPACKE's own complex types need C++-style macros that Swift's importer cannot read.
#include <complex.h>
#define lapack_complex_float float _Complex
#define lapack_complex_double double _Complex
#include <cblas.h>
#include <lapacke.h>
