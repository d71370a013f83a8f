import RealModule

/// A floating-point type for which the dense kernels exist: `Float` and `Double`.
///
/// The requirements are concrete entry points (BLAS, LAPACK, fused element-wise passes), so that
/// generic code never runs an unspecialised loop: it calls down into a kernel that was compiled
/// for its type. All matrices are row-major.
public protocol NumericScalar: Real, BinaryFloatingPoint, SIMDScalar, Sendable, Codable
where RawSignificand: Sendable {
  /// max(x, floor), number by number.
  static func raised(_ x: SIMD16<Self>, to floor: SIMD16<Self>) -> SIMD16<Self>
  /// x where y ≠ 0, else 0.
  static func chosen(_ x: SIMD16<Self>, whereNonzero y: SIMD16<Self>) -> SIMD16<Self>
  /// x where y > 0, else 0.
  static func chosen(_ x: SIMD16<Self>, wherePositive y: SIMD16<Self>) -> SIMD16<Self>

  /// C ← α op(A) op(B) + β C with op(A) of m×k, op(B) of k×n.
  static func gemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Self,
    _ a: UnsafePointer<Self>, _ lda: Int, _ b: UnsafePointer<Self>, _ ldb: Int, _ beta: Self,
    _ c: UnsafeMutablePointer<Self>, _ ldc: Int)

  /// y ← α op(A) x + β y with A of m×n as stored.
  static func gemv(
    _ transpose: Bool, _ m: Int, _ n: Int, _ alpha: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ x: UnsafePointer<Self>, _ beta: Self, _ y: UnsafeMutablePointer<Self>)

  /// ⟨x, y⟩.
  static func dot(_ n: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>) -> Self

  /// ‖x‖₂, without overflow.
  static func norm2(_ n: Int, _ x: UnsafePointer<Self>) -> Self

  /// ‖x‖₁.
  static func norm1(_ n: Int, _ x: UnsafePointer<Self>) -> Self

  /// y ← α x + y.
  static func axpy(
    _ n: Int, _ alpha: Self, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>)

  /// x ← α x.
  static func scale(_ n: Int, _ alpha: Self, _ x: UnsafeMutablePointer<Self>)

  /// The index of the largest |xᵢ|, the first of equal ones.
  static func indexOfLargestMagnitude(_ n: Int, _ x: UnsafePointer<Self>) -> Int

  /// The first place of the largest |xᵢ| wᵢ, for weights that are not negative; NaN is passed over.
  static func indexOfLargestMagnitude(
    _ n: Int, _ x: UnsafePointer<Self>, times w: UnsafePointer<Self>
  ) -> Int

  /// Solves op(T) x = b in place for a triangular T of n×n; returns nothing, T must be regular.
  static func trsv(
    lower: Bool, transpose: Bool, _ n: Int, _ t: UnsafePointer<Self>, _ ldt: Int,
    _ x: UnsafeMutablePointer<Self>)

  /// X ← X L⁻ᵀ for X of m×n, packed, and a regular lower triangular L of n×n.
  static func trsmRight(
    _ m: Int, _ n: Int, _ l: UnsafePointer<Self>, _ ldl: Int, _ x: UnsafeMutablePointer<Self>)

  /// Cholesky factorisation A = L Lᵀ in the lower triangle; LAPACK's info.
  static func potrf(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int) -> Int

  /// Solves A X = B from `potrf`'s factor, B of n×r overwritten by X; LAPACK's info.
  static func potrs(
    _ n: Int, _ r: Int, _ l: UnsafePointer<Self>, _ lda: Int, _ b: UnsafeMutablePointer<Self>,
    _ ldb: Int
  ) -> Int

  /// Solves A X = B by LU with pivoting, A and B overwritten; LAPACK's info.
  static func gesv(
    _ n: Int, _ r: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int,
    _ b: UnsafeMutablePointer<Self>, _ ldb: Int
  ) -> Int

  /// Eigenvalues (ascending) and, if asked, eigenvectors (columns of A) of a symmetric A; info.
  static func syevd(
    vectors: Bool, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int,
    _ w: UnsafeMutablePointer<Self>
  ) -> Int

  /// The generalised symmetric problem A v = w B v with B positive definite; A holds V, VᵀBV = I.
  static func sygvd(
    _ n: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int, _ b: UnsafeMutablePointer<Self>,
    _ ldb: Int, _ w: UnsafeMutablePointer<Self>
  ) -> Int

  /// The thin singular value decomposition A = U diag(s) Vᵀ of m×n; A is overwritten; info.
  static func gesdd(
    _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<Self>, _ s: UnsafeMutablePointer<Self>,
    _ u: UnsafeMutablePointer<Self>, _ vt: UnsafeMutablePointer<Self>
  ) -> Int

  /// Least squares of least norm, min ‖A x − b‖, by a rank-revealing SVD; rank and info.
  static func gelsd(
    _ m: Int, _ n: Int, _ r: Int, _ a: UnsafeMutablePointer<Self>, _ lda: Int,
    _ b: UnsafeMutablePointer<Self>, _ ldb: Int, _ s: UnsafeMutablePointer<Self>,
    relativeCutoff: Self
  ) -> (rank: Int, info: Int)

  /// out ← S(x; t), the soft threshold sign(x) max(|x| − t, 0).
  static func softThreshold(
    _ n: Int, _ x: UnsafePointer<Self>, by t: Self, into out: UnsafeMutablePointer<Self>)

  /// out ← max(x − t, 0), the one-sided soft threshold.
  static func oneSidedThreshold(
    _ n: Int, _ x: UnsafePointer<Self>, by t: Self, into out: UnsafeMutablePointer<Self>)

  /// out ← x where |x| > t, else 0, the hard threshold.
  static func hardThreshold(
    _ n: Int, _ x: UnsafePointer<Self>, by t: Self, into out: UnsafeMutablePointer<Self>)

  /// out ← S(z − μ g; t) (or one-sided): a proximal gradient step in one pass.
  static func proximalStep(
    _ n: Int, _ z: UnsafePointer<Self>, _ g: UnsafePointer<Self>, step μ: Self, threshold t: Self,
    nonnegative: Bool, into out: UnsafeMutablePointer<Self>)

  /// γ' ← S(z − μ g; t), z ← γ' + β (γ' − γ), γ ← γ' in one pass: a step of FISTA.
  static func acceleratedProximalStep(
    _ n: Int, _ z: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>, step μ: Self,
    threshold t: Self, momentum β: Self, nonnegative: Bool, _ γ: UnsafeMutablePointer<Self>)

  /// x ← 0.
  static func clear(_ n: Int, _ x: UnsafeMutablePointer<Self>)

  /// out ← x − y.
  static func subtract(
    _ n: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>,
    into out: UnsafeMutablePointer<Self>)

  /// Σ (xᵢ − yᵢ)².
  static func squaredDistance(_ n: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>) -> Self

  /// Σ xᵢ², with several partial sums.
  static func squaredNorm(_ n: Int, _ x: UnsafePointer<Self>) -> Self

  /// √x for x ≥ 0 in a form that the loop around it is vectorised with, unlike `squareRoot()`.
  static func vectorizableSquareRoot(_ x: Self) -> Self

  /// Whether every element is finite.
  static func allFinite(_ n: Int, _ x: UnsafePointer<Self>) -> Bool

  /// The number of elements with |x| > t.
  static func countAbove(_ n: Int, _ x: UnsafePointer<Self>, _ t: Self) -> Int

  /// out[i] ← x[i · stride].
  static func copyStrided(
    _ n: Int, _ x: UnsafePointer<Self>, _ stride: Int, _ out: UnsafeMutablePointer<Self>)

  /// out[i · stride] ← out[i · stride] + x[i].
  static func addStrided(
    _ n: Int, _ x: UnsafePointer<Self>, _ out: UnsafeMutablePointer<Self>, _ stride: Int)

  /// The i with xᵢ ≠ 0, ascending.
  static func nonzeroIndices(_ n: Int, _ x: UnsafePointer<Self>) -> [Int]

  /// out ← Σ w_j rowⱼ over the j of a list, of the first `count` numbers of rows `stride` apart.
  static func sumRows(
    _ rows: UnsafePointer<Self>, _ stride: Int, _ list: [Int], _ weights: UnsafePointer<Self>,
    _ count: Int, into out: UnsafeMutablePointer<Self>)

  /// The numbers in 64 bytes.
  static var laneCount: Int { get }

  /// out_b ← Σᵢ w_b,ᵢ · rowᵢ for every b of a batch, of `count` ≤ 256 rows and `columns` columns.
  ///
  /// Rows begin at multiples of 64 bytes and are padded with zeros up to the next; weights and
  /// results are `batch` rows, packed.
  static func weightedRowSums(
    _ rows: UnsafePointer<Self>, _ count: Int, _ weights: UnsafePointer<Self>, _ batch: Int,
    _ out: UnsafeMutablePointer<Self>, _ columns: Int)

  /// outᵢ ← ⟨rowᵢ, x⟩ for rows laid out as above.
  static func rowProducts(
    _ rows: UnsafePointer<Self>, _ count: Int, _ x: UnsafePointer<Self>, _ columns: Int,
    _ out: UnsafeMutablePointer<Self>)
}
