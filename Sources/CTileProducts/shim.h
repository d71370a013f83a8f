#pragma once
// Products of small matrices, sixteen columns at a time, with fused multiply-adds, which Swift's vectors
// do not have. A product of a few dozen rows and columns takes a few microseconds, so that a library's
// preparations of every call would cost as much as the product itself.
//
// Every sum runs over the inner index in its order and in one register: how rows and columns are
// cut, and how wide the processor's vectors are, changes no bit.

typedef float tile_lanes __attribute__((vector_size(64), aligned(4)));

// C ← A B or C ← C + A B for `rows` rows and `groups` · 16 columns; both are constants where this
// is called, so that all of C stays in registers.
static inline __attribute__((always_inline)) void tile_block(
  const int rows, const int groups, const long inner, const float *a, const long a_row,
  const long a_inner, const float *b, const long b_inner, const long b_group, float *c,
  const long c_row, const int accumulates
) {
  tile_lanes sum[12][2];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (int g = 0; g < groups; g++) {
      sum[r][g] = accumulates ? *(const tile_lanes *)(c + r * c_row + 16 * g) : (tile_lanes){0};
    }
  }
  for (long k = 0; k < inner; k++) {
    tile_lanes row[2];
#pragma clang loop unroll(full)
    for (int g = 0; g < groups; g++) {
      row[g] = *(const tile_lanes *)(b + k * b_inner + g * b_group);
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      const float factor = a[r * a_row + k * a_inner];
#pragma clang loop unroll(full)
      for (int g = 0; g < groups; g++) {
        sum[r][g] = __builtin_elementwise_fma(row[g], (tile_lanes){} + factor, sum[r][g]);
      }
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (int g = 0; g < groups; g++) *(tile_lanes *)(c + r * c_row + 16 * g) = sum[r][g];
  }
}

// Rows of one or two blocks of columns.
static inline __attribute__((always_inline)) void tile_columns(
  const int groups, long rows, const long inner, const float *a, const long a_row,
  const long a_inner, const float *b, const long b_inner, const long b_group, float *c,
  const long c_row, const int accumulates
) {
  // As many rows as leave registers for a row of B: of 32 vectors of sixteen, or 16 of eight.
#ifdef __AVX512F__
  const int most = 12;
#else
  const int most = 6;
#endif
#define TILE_ROWS(N)                                                                            \
  tile_block(N, groups, inner, a, a_row, a_inner, b, b_inner, b_group, c, c_row, accumulates)
  for (; rows >= most; rows -= most, a += most * a_row, c += most * c_row) TILE_ROWS(most);
  if (rows >= 6) {
    TILE_ROWS(6);
    rows -= 6; a += 6 * a_row; c += 6 * c_row;
  }
  switch (rows) {
    case 5: TILE_ROWS(5); break;
    case 4: TILE_ROWS(4); break;
    case 3: TILE_ROWS(3); break;
    case 2: TILE_ROWS(2); break;
    case 1: TILE_ROWS(1); break;
  }
#undef TILE_ROWS
}

/// C ← A B, or C ← C + A B where `accumulates` is not 0.
///
/// A has any distances between its entries. B and C have `groups` blocks of sixteen columns, the
/// sixteen contiguous; blocks of C follow each other along a row, those of B have any distance.
static inline void tile_product(
  const long rows, const long groups, const long inner, const float *a, const long a_row,
  const long a_inner, const float *b, const long b_inner, const long b_group, float *c,
  const long c_row, const int accumulates
) {
  long g = 0;
#ifdef __AVX512F__
  for (; g + 2 <= groups; g += 2) {
    tile_columns(
      2, rows, inner, a, a_row, a_inner, b + g * b_group, b_inner, b_group, c + 16 * g, c_row,
      accumulates);
  }
#endif
  for (; g < groups; g++) {
    tile_columns(
      1, rows, inner, a, a_row, a_inner, b + g * b_group, b_inner, b_group, c + 16 * g, c_row,
      accumulates);
  }
}
