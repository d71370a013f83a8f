/// Approximation of signals by M terms: relative squared errors for every M at once.
///
///     e_M = ‖y − Σ_{j∈S} γⱼdⱼ‖² / ‖y‖²,  |S| = M
///
/// Each method returns shape [B, limit + 1], the column M holding e_M and column 0 ones; errors
/// never rise with M. A signal of zeros has errors of zero.
public enum TermApproximation {
  /// The errors of orthogonal matching pursuit, whose supports grow one atom at a time.
  ///
  /// Where the pursuit ends early, because the residual is zero or an atom depends on the others,
  /// the last error stands for all larger M.
  ///
  /// - Parameters:
  ///   - signals: Shape [B, n].
  ///   - dictionary: The dictionary.
  ///   - limit: The largest M, at most the number of atoms.
  /// - Returns: Shape [B, limit + 1].
  /// - Throws: `PursuitError.sparsity`, `ModelError.signalDimension`, `PursuitError.notFinite`.
  public static func greedyErrors(
    of signals: Tensor<Double>, in dictionary: any SparseDictionary<Double>, upTo limit: Int
  ) throws -> Matrix<Double> {
    let pursuit = try OrthogonalMatchingPursuit<Double>(
      dictionary, sparsity: limit, formingGramFor: signals.rows)
    let n = signals.columns
    // Minus one marks a number of terms that the pursuit did not reach.
    var errors = Matrix<Double>(shape: [signals.rows, limit + 1], repeating: -1)
    try errors.withMutableElements { e in
      // Every signal writes to its own row, its iterations one after the other.
      let target = ErrorRows(pointer: e)
      _ = try pursuit.codes(signals) { signal, code in
        target.pointer[signal * (limit + 1) + code.support.count] =
          code.residualNorm * code.residualNorm
        return true
      }
    }
    for b in 0..<signals.rows {
      let energy = signals.withElements { Double.squaredNorm(n, $0 + b * n) }
      var last = energy > 0 ? 1.0 : 0
      errors[b, 0] = last
      for m in 1...limit {
        // Rounding may lift an error that no longer falls.
        if energy > 0, errors[b, m] >= 0 { last = min(last, errors[b, m] / energy) }
        errors[b, m] = last
      }
    }
    return errors
  }

  /// The errors of the best M terms of an orthonormal basis: the M largest coefficients.
  ///
  /// - Parameters:
  ///   - signals: Shape [B, n].
  ///   - basis: n atoms of unit norm, orthogonal to each other.
  ///   - limit: The largest M, at most n.
  /// - Returns: Shape [B, limit + 1].
  /// - Throws: `ModelError` where the basis is not complete or signals have another dimension,
  ///   `PursuitError.sparsity`.
  public static func bestErrors(
    of signals: Tensor<Double>, inBasis basis: DenseDictionary<Double>, upTo limit: Int
  ) throws -> Matrix<Double> {
    try basisErrors(of: signals, basis, limit) { $0.sort(by: >) }
  }

  /// The errors of the first M atoms of an orthonormal basis, the same ones for every signal.
  ///
  /// - Parameters:
  ///   - signals: Shape [B, n].
  ///   - basis: n atoms of unit norm, orthogonal to each other, in their order of importance.
  ///   - limit: The largest M, at most n.
  /// - Returns: Shape [B, limit + 1].
  /// - Throws: `ModelError` where the basis is not complete or signals have another dimension,
  ///   `PursuitError.sparsity`.
  public static func leadingErrors(
    of signals: Tensor<Double>, inBasis basis: DenseDictionary<Double>, upTo limit: Int
  ) throws -> Matrix<Double> {
    try basisErrors(of: signals, basis, limit) { _ in }
  }

  private static func basisErrors(
    of signals: Tensor<Double>, _ basis: DenseDictionary<Double>, _ limit: Int,
    _ arrange: (inout [Double]) -> Void
  ) throws -> Matrix<Double> {
    guard signals.columns == basis.signalDimension else {
      throw ModelError.signalDimension(expected: basis.signalDimension, found: signals.columns)
    }
    guard basis.atomCount == basis.signalDimension else {
      throw ModelError.parameterOutOfRange(
        name: "number of basis vectors", value: "\(basis.atomCount)",
        range: "\(basis.signalDimension), the dimension of the signals")
    }
    guard (1...max(1, basis.atomCount)).contains(limit) else {
      throw PursuitError.sparsity(asked: limit, atoms: basis.atomCount, layer: 1)
    }
    let coefficients = basis.analyze(signals)
    var errors = Matrix<Double>(zeros: signals.rows, limit + 1)
    for b in 0..<signals.rows {
      var squares = coefficients.row(b).map { $0 * $0 }
      let energy = squares.reduce(0, +)
      arrange(&squares)
      guard energy > 0 else { continue }
      // Summed from the small end, so that small errors keep their digits.
      var rest = squares.dropFirst(limit).reversed().reduce(0, +)
      for m in (0...limit).reversed() {
        errors[b, m] = m == 0 ? 1 : rest / energy
        if m > 0 { rest += squares[m - 1] }
      }
    }
    return errors
  }

  /// The errors of a batch; every signal touches its own row only.
  private struct ErrorRows: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Double>
  }
}
