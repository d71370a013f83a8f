/// The principal components of a batch of signals, about zero.
///
///     YᵀY = V diag(w) Vᵀ,  w descending
///
/// The first M components span the subspace of dimension M with the least Σ‖y − P_M y‖² =
/// Σ_{i>M} wᵢ over the batch (Eckart, Young, 1936). No mean is subtracted: a mean would be a term of
/// the approximation that nobody counts.
/// - Complexity: O(N n² + n³).
public struct PrincipalComponents: Sendable {
  /// All n components, leading one first: an orthonormal basis.
  public let basis: DenseDictionary<Double>
  /// w, the energy of the batch along each component.
  public let energies: [Double]

  /// The components of a batch.
  ///
  /// - Parameter signals: Y, shape [N, n], with at least one signal.
  /// - Throws: `ModelError.parameterOutOfRange` where there is no signal, `PursuitError.notFinite`
  ///   where one is not finite, `LinearAlgebraError.noConvergence`.
  public init(of signals: Tensor<Double>) throws {
    guard signals.rows > 0 else {
      throw ModelError.parameterOutOfRange(
        name: "number of signals", value: "0", range: "at least 1")
    }
    guard signals.withElements({ Double.allFinite(signals.count, $0) }) else {
      throw PursuitError.notFinite(pursuit: "principal components", iteration: 0, stepSize: 0)
    }
    let (values, vectors) = try signals.multiplied(by: signals, transposingSelf: true)
      .symmetricEigen()
    let n = signals.columns
    basis = DenseDictionary(
      atomRows: vectors.transposed.gathering(rows: Array((0..<n).reversed())))
    energies = values.reversed().map { max($0, 0) }
  }
}
