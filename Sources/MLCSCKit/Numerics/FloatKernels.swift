import COneDNN
import COpenBLAS
import CSquareRoot
import RealModule

/// The kernels of `Float`: oneDNN's matrix product, OpenBLAS, LAPACK and the products with packed rows.
extension Float: NumericScalar {
  /// By oneDNN, whose product of patches with filters (784×25×32) runs at 1.7 times OpenBLAS's rate,
  /// 100×200×100 at 1.3 times and 1000³ at the same; by OpenBLAS where a handful of multiplications
  /// costs less than the choice of a kernel (one thread of a Zen 3).
  public static func gemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Self,
    _ a: UnsafePointer<Self>, _ lda: Int, _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self,
    _ c: UnsafeMutablePointer<Self>, _ ldc: Int
  ) {
    if m * n * k >= 16 * 16 * 16 {
      // Its sums are cut by the number of threads, which is that of the calling one.
      omp_set_num_threads(1)
      let status = dnnl_sgemm(
        CChar(UInt8(ascii: transposeA ? "T" : "N")), CChar(UInt8(ascii: transposeB ? "T" : "N")),
        Int64(m), Int64(n), Int64(k), alpha, a, Int64(lda), b, Int64(ldb), beta, c, Int64(ldc))
      precondition(status == dnnl_success, "oneDNN refuses to multiply: status \(status.rawValue)")
      return
    }
    cblas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      blasint(m), blasint(n), blasint(k), alpha, a, blasint(lda), b, blasint(ldb), beta, c,
      blasint(ldc))
  }

  public static func gemv(
    _ transpose: Bool, _ m: Int, _ n: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ x: UnsafePointer<Self>, _ beta: Self, _ y: UnsafeMutablePointer<Self>
  ) {
    cblas_sgemv(
      CblasRowMajor, transpose ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), alpha, a,
      blasint(lda), x, 1, beta, y, 1)
  }

  public static func dot(_ n: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>) -> Self {
    cblas_sdot(blasint(n), x, 1, y, 1)
  }

  public static func norm2(_ n: Int, _ x: UnsafePointer<Self>) -> Self {
    cblas_snrm2(blasint(n), x, 1)
  }

  public static func norm1(_ n: Int, _ x: UnsafePointer<Self>) -> Self {
    cblas_sasum(blasint(n), x, 1)
  }

  public static func axpy(
    _ n: Int, _ alpha: Self, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>
  ) {
    cblas_saxpy(blasint(n), alpha, x, 1, y, 1)
  }

  public static func scale(_ n: Int, _ alpha: Self, _ x: UnsafeMutablePointer<Self>) {
    cblas_sscal(blasint(n), alpha, x, 1)
  }

  public static func indexOfLargestMagnitude(_ n: Int, _ x: UnsafePointer<Self>) -> Int {
    Int(cblas_isamax(blasint(n), x, 1))
  }

  public static func trsv(
    lower: Bool, transpose: Bool, _ n: Int, _ t: UnsafePointer<Self>, _ ldt: Int,
    _ x: UnsafeMutablePointer<Self>
  ) {
    cblas_strsv(
      CblasRowMajor, lower ? CblasLower : CblasUpper, transpose ? CblasTrans : CblasNoTrans,
      CblasNonUnit, blasint(n), t, blasint(ldt), x, 1)
  }

  public static func trsmRight(
    _ m: Int, _ n: Int, _ l: UnsafePointer<Self>, _ ldl: Int, _ x: UnsafeMutablePointer<Self>
  ) {
    cblas_strsm(
      CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, blasint(m), blasint(n), 1, l,
      blasint(ldl), x, blasint(n))
  }

  public static func potrf(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int) -> Int {
    Int(
      LAPACKE_spotrf(LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "L")), Int32(n), a, Int32(lda)))
  }

  public static func potrs(
    _ n: Int, _ r: Int, _ l: UnsafePointer<Self>, _ lda: Int, _ b: UnsafeMutablePointer<Self>,
    _ ldb: Int
  ) -> Int {
    Int(
      LAPACKE_spotrs(
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
      LAPACKE_sgesv(
        LAPACK_ROW_MAJOR, Int32(n), Int32(r), a, Int32(lda), &pivots, b,
        Int32(ldb)))
  }

  public static func syevd(
    vectors: Bool, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int,
    _ w: UnsafeMutablePointer<Self>
  ) -> Int {
    Int(
      LAPACKE_ssyevd(
        LAPACK_ROW_MAJOR, CChar(UInt8(ascii: vectors ? "V" : "N")), CChar(UInt8(ascii: "L")),
        Int32(n), a, Int32(lda), w))
  }

  public static func sygvd(
    _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ b: UnsafeMutablePointer<Self>,
    _ ldb: Int, _ w: UnsafeMutablePointer<Self>
  ) -> Int {
    Int(
      LAPACKE_ssygvd(
        LAPACK_ROW_MAJOR, 1, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "L")), Int32(n), a,
        Int32(lda), b, Int32(ldb), w))
  }

  public static func gesdd(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ s: UnsafeMutablePointer<Self>,
    _ u: UnsafeMutablePointer<Self>, _ vt: UnsafeMutablePointer<Self>
  ) -> Int {
    let k = min(m, n)
    return Int(
      LAPACKE_sgesdd(
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
    let info = LAPACKE_sgelsd(
      LAPACK_ROW_MAJOR, Int32(m), Int32(n), Int32(r), a, Int32(lda), b,
      Int32(ldb), s, relativeCutoff, &rank)
    return (Int(rank), Int(info))
  }

  @inline(__always)
  public static func vectorizableSquareRoot(_ x: Self) -> Self { square_root_float(x) }

  public static func nonzeroIndices(_ n: Int, _ x: UnsafePointer<Self>) -> [Int] {
    SparseRows.nonzeroIndices(n, x)
  }

  public static func sumRows(
    _ rows: UnsafePointer<Self>, _ stride: Int, _ list: [Int], _ weights: UnsafePointer<Self>,
    _ count: Int, into out: UnsafeMutablePointer<Self>
  ) {
    SparseRows.sum(rows, stride, list, weights, count, out)
  }

  public static var laneCount: Int { SIMD16<Self>.scalarCount }

  public static func weightedRowSums(
    _ rows: UnsafePointer<Self>, _ count: Int, _ weights: UnsafePointer<Self>, _ batch: Int,
    _ out: UnsafeMutablePointer<Self>, _ columns: Int
  ) {
    PackedRowKernels.weightedSums(
      UnsafeRawPointer(rows).assumingMemoryBound(to: SIMD16<Self>.self), count, weights, batch, out,
      columns)
  }

  public static func rowProducts(
    _ rows: UnsafePointer<Self>, _ count: Int, _ x: UnsafePointer<Self>, _ columns: Int,
    _ out: UnsafeMutablePointer<Self>
  ) {
    PackedRowKernels.products(
      UnsafeRawPointer(rows).assumingMemoryBound(to: SIMD16<Self>.self), count, x, columns, out
    ) { v in
      let eight = v.lowHalf + v.highHalf
      let four = eight.lowHalf + eight.highHalf
      let two = four.lowHalf + four.highHalf
      return two.x + two.y
    }
  }
}
