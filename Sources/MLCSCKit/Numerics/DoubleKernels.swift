import COpenBLAS
import CSquareRoot
import RealModule

/// The kernels of `Double`: OpenBLAS, LAPACK and the products with packed rows.
extension Double: NumericScalar {
  public static func gemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Self,
    _ a: UnsafePointer<Self>, _ lda: Int, _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self,
    _ c: UnsafeMutablePointer<Self>, _ ldc: Int
  ) {
    cblas_dgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      blasint(m), blasint(n), blasint(k), alpha, a, blasint(lda), b, blasint(ldb), beta, c,
      blasint(ldc))
  }

  public static func gemv(
    _ transpose: Bool, _ m: Int, _ n: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ x: UnsafePointer<Self>, _ beta: Self, _ y: UnsafeMutablePointer<Self>
  ) {
    cblas_dgemv(
      CblasRowMajor, transpose ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), alpha, a,
      blasint(lda), x, 1, beta, y, 1)
  }

  public static func dot(_ n: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>) -> Self {
    cblas_ddot(blasint(n), x, 1, y, 1)
  }

  public static func norm2(_ n: Int, _ x: UnsafePointer<Self>) -> Self {
    cblas_dnrm2(blasint(n), x, 1)
  }

  public static func norm1(_ n: Int, _ x: UnsafePointer<Self>) -> Self {
    cblas_dasum(blasint(n), x, 1)
  }

  public static func axpy(
    _ n: Int, _ alpha: Self, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>
  ) {
    cblas_daxpy(blasint(n), alpha, x, 1, y, 1)
  }

  public static func scale(_ n: Int, _ alpha: Self, _ x: UnsafeMutablePointer<Self>) {
    cblas_dscal(blasint(n), alpha, x, 1)
  }

  public static func indexOfLargestMagnitude(_ n: Int, _ x: UnsafePointer<Self>) -> Int {
    Int(cblas_idamax(blasint(n), x, 1))
  }

  public static func trsv(
    lower: Bool, transpose: Bool, _ n: Int, _ t: UnsafePointer<Self>, _ ldt: Int,
    _ x: UnsafeMutablePointer<Self>
  ) {
    cblas_dtrsv(
      CblasRowMajor, lower ? CblasLower : CblasUpper, transpose ? CblasTrans : CblasNoTrans,
      CblasNonUnit, blasint(n), t, blasint(ldt), x, 1)
  }

  public static func trsmRight(
    _ m: Int, _ n: Int, _ l: UnsafePointer<Self>, _ ldl: Int, _ x: UnsafeMutablePointer<Self>
  ) {
    cblas_dtrsm(
      CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, blasint(m), blasint(n), 1, l,
      blasint(ldl), x, blasint(n))
  }

  public static func potrf(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int) -> Int {
    Int(
      LAPACKE_dpotrf(LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "L")), Int32(n), a, Int32(lda)))
  }

  public static func potrs(
    _ n: Int, _ r: Int, _ l: UnsafePointer<Self>, _ lda: Int, _ b: UnsafeMutablePointer<Self>,
    _ ldb: Int
  ) -> Int {
    Int(
      LAPACKE_dpotrs(
        LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "L")), Int32(n), Int32(r), l,
        Int32(lda),
        b, Int32(ldb)))
  }

  public static func gesv(
    _ n: Int, _ r: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int,
    _ b: UnsafeMutablePointer<Self>, _ ldb: Int
  ) -> Int {
    var pivots = [Int32](repeating: 0, count: n)
    return Int(
      LAPACKE_dgesv(
        LAPACK_ROW_MAJOR, Int32(n), Int32(r), a, Int32(lda), &pivots, b,
        Int32(ldb)))
  }

  public static func syevd(
    vectors: Bool, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int,
    _ w: UnsafeMutablePointer<Self>
  ) -> Int {
    Int(
      LAPACKE_dsyevd(
        LAPACK_ROW_MAJOR, CChar(UInt8(ascii: vectors ? "V" : "N")), CChar(UInt8(ascii: "L")),
        Int32(n), a, Int32(lda), w))
  }

  public static func sygvd(
    _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ b: UnsafeMutablePointer<Self>,
    _ ldb: Int, _ w: UnsafeMutablePointer<Self>
  ) -> Int {
    Int(
      LAPACKE_dsygvd(
        LAPACK_ROW_MAJOR, 1, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "L")), Int32(n), a,
        Int32(lda), b, Int32(ldb), w))
  }

  public static func gesdd(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ s: UnsafeMutablePointer<Self>,
    _ u: UnsafeMutablePointer<Self>, _ vt: UnsafeMutablePointer<Self>
  ) -> Int {
    let k = min(m, n)
    return Int(
      LAPACKE_dgesdd(
        LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "S")), Int32(m), Int32(n), a, Int32(n),
        s,
        u, Int32(k), vt, Int32(n)))
  }

  public static func gelsd(
    _ m: Int, _ n: Int, _ r: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int,
    _ b: UnsafeMutablePointer<Self>, _ ldb: Int, _ s: UnsafeMutablePointer<Self>,
    relativeCutoff: Self
  ) -> (rank: Int, info: Int) {
    var rank: Int32 = 0
    let info = LAPACKE_dgelsd(
      LAPACK_ROW_MAJOR, Int32(m), Int32(n), Int32(r), a, Int32(lda), b,
      Int32(ldb), s, relativeCutoff, &rank)
    return (Int(rank), Int(info))
  }

  @inline(__always)
  public static func vectorizableSquareRoot(_ x: Self) -> Self { square_root_double(x) }

  public static func nonzeroIndices(_ n: Int, _ x: UnsafePointer<Self>) -> [Int] {
    SparseRows.nonzeroIndices(n, x)
  }

  public static func sumRows(
    _ rows: UnsafePointer<Self>, _ stride: Int, _ list: [Int], _ weights: UnsafePointer<Self>,
    _ count: Int, into out: UnsafeMutablePointer<Self>
  ) {
    SparseRows.sum(rows, stride, list, weights, count, out)
  }

  public static var laneCount: Int { SIMD8<Self>.scalarCount }

  public static func weightedRowSums(
    _ rows: UnsafePointer<Self>, _ count: Int, _ weights: UnsafePointer<Self>, _ batch: Int,
    _ out: UnsafeMutablePointer<Self>, _ columns: Int
  ) {
    PackedRowKernels.weightedSums(
      UnsafeRawPointer(rows).assumingMemoryBound(to: SIMD8<Self>.self), count, weights, batch, out,
      columns)
  }

  public static func rowProducts(
    _ rows: UnsafePointer<Self>, _ count: Int, _ x: UnsafePointer<Self>, _ columns: Int,
    _ out: UnsafeMutablePointer<Self>
  ) {
    PackedRowKernels.products(
      UnsafeRawPointer(rows).assumingMemoryBound(to: SIMD8<Self>.self), count, x, columns, out
    ) { v in
      let four = v.lowHalf + v.highHalf
      let two = four.lowHalf + four.highHalf
      return two.x + two.y
    }
  }
}
