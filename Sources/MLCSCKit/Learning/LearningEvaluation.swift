/// A learned multi-layer dictionary on signals that it was not learned from.
public struct LearningEvaluation: Codable, Sendable {
  /// ‖y − D⁽ᴸ⁾γ_L‖² of every signal.
  public let errors: [Double]
  /// ‖y‖² of every signal.
  public let energies: [Double]
  /// The mean number of non-zeros of γ₁ … γ_L.
  public let codeNonzeros: [Double]
  /// The share of zeros of every layer's filters.
  public let filterSparsity: [Double]
  /// What every filter is and what the codes make of it, by layer.
  public let filters: [[FilterUse]]

  /// Σ‖y − D⁽ᴸ⁾γ_L‖² / Σ‖y‖².
  public var relativeSquaredError: Double { errors.reduce(0, +) / energies.reduce(0, +) }
}

extension DictionaryLearning {
  /// Codes signals as learning does, by orthogonal matching pursuit, and orders the filters of every
  /// layer by their use: those that have most non-zeros in the codes come first.
  ///
  /// - Parameter signals: Shape [B, n].
  /// - Returns: The layers in that order, and what was found, in the same order.
  /// - Throws: What coding throws.
  public func evaluation(
    on signals: Tensor<Double>
  ) throws -> (layers: [ConvolutionalDictionary<Double>], found: LearningEvaluation) {
    let effective = try effectiveDictionary()
    let sparse = try OrthogonalMatchingPursuit<Double>(effective, sparsity: settings.sparsity)
      .codes(signals)
    let codes = try model().propagate(sparse.densified(effective.atomCount))
    let filters = try FilterUse.all(of: layers, codes: codes)
    let orders = filters.map { uses in
      uses.indices.sorted {
        (uses[$0].useShare, uses[$0].energyShare, $1)
          > (uses[$1].useShare, uses[$1].energyShare, $0)
      }
    }
    let found = LearningEvaluation(
      errors: sparse.map { $0.residualNorm * $0.residualNorm },
      energies: (0..<signals.rows).map { Double.squaredNorm(signals.columns, signals.row($0)) },
      codeNonzeros: codes.map { code in
        Double(code.elements.count { $0 != 0 }) / Double(max(code.rows, 1))
      },
      filterSparsity: layers.map(\.filterSparsity),
      filters: zip(filters, orders).map { uses, order in order.map { uses[$0] } })
    return (layers.reordered(orders), found)
  }
}
