#pragma once
// Swift's squareRoot() goes through C's sqrt, which may set errno for a negative argument; a loop
// with that call in it is not vectorised. These are the processor's instruction alone, correctly
// rounded all the same.
static inline float square_root_float(float x) { return __builtin_elementwise_sqrt(x); }
static inline double square_root_double(double x) { return __builtin_elementwise_sqrt(x); }
