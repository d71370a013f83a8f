/// Errors of the oracle holistic pursuit in units of the noise variance.
///
/// With S and Λ known, Φ^Λ the rows Λ of D₂ restricted to S, and B an orthonormal basis of its null
/// space,
///
///     E‖γ̂₂ − γ₂‖²/σ² = tr (BᵀD_SᵀD_SB)⁻¹ ≤ (s₂ − rank Φ^Λ)/(1 − δ_S)                [S, Stability]
///
/// where D_S are the atoms S of D⁽²⁾ and 1 − δ_S = λ_min(D_SᵀD_S).
public struct HolisticStability: Sendable {
  /// The mean over the noise.
  public let expected: Double
  /// S's bound of it.
  public let bound: Double

  /// Whether the bound is exceeded by more than rounding.
  public var isViolated: Bool { expected > bound * (1 + 1e-9) }

  /// The error for known supports.
  ///
  /// - Parameters:
  ///   - atoms: The atoms S of D⁽²⁾, one a row.
  ///   - rows: Φ^Λ, shape [|Λ|, |S|].
  ///   - rank: rank Φ^Λ.
  /// - Throws: `LinearAlgebraError` where LAPACK fails.
  public init(atoms: Matrix<Double>, rows: Matrix<Double>, rank: Int) throws {
    let space = NullSpace(of: rows).basis
    let spectrum = try space.multiplied(by: atoms).gramOfRows.symmetricEigenvalues()
    expected = spectrum.reduce(0) { $0 + 1 / $1 }
    bound = Double(atoms.rows - rank) / (try atoms.gramOfRows.symmetricEigenvalues()[0])
  }

  /// The mean error E‖γ̂₂ − γ₂‖²/σ² over the dictionaries of `CosparseInstance.scaledLayers`, exactly.
  ///
  ///     d n m₂ / ((n − d − 1)(m₁ − |Λ| − d − 1)),  d = s₂ − rank Φ
  ///
  /// Two means of inverse Wishart matrices, for D₁ and for the rows of D₂ outside Λ. The projection is
  /// the case Λ = ∅.
  /// - Parameters:
  ///   - dimensions: n, m₁, m₂.
  ///   - d: s₂ − rank Φ.
  ///   - cosparsity: |Λ|.
  /// - Returns: The mean error.
  public static func meanError(dimensions: [Int], freedom d: Int, cosparsity: Int) -> Double {
    let (n, m1, m2) = (dimensions[0], dimensions[1], dimensions[2])
    return Double(d * n * m2) / Double((n - d - 1) * (m1 - cosparsity - d - 1))
  }
}
