import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// Noisy signals of a model with their codes.
struct SignalDraws {
  /// Entries up to this size are sums of rounding errors.
  static let zero = 1e-10

  /// The signals' numbers.
  let numbers: [Int]
  let model: MultiLayerModel<Double>
  /// γ₁ … γ_L, shape [B, mᵢ] each.
  let codes: [Tensor<Double>]
  /// supports[layer][signal].
  let supports: [[[Int]]]
  /// y, shape [B, n].
  let signals: Tensor<Double>
  let areGuaranteed: [Bool]
  private let effective: any SparseDictionary<Double>
  private let sparsity: Int

  init(
    _ cell: ProjectionRecovery.Cell, _ settings: ProjectionRecovery.Settings,
    _ inputs: ProjectionRecovery.Inputs, _ stream: inout RandomStream
  ) throws {
    let first = cell.block * settings.signalsPerCell
    numbers = Array(first..<min(first + settings.signalsPerCell, settings.signals))
    sparsity = cell.sparsity
    switch cell.family {
    case .digits:
      let digits = inputs.digits
      // The same number of digits of every class, as far as that divides.
      let chosen = digits.test.firstOfEachClass((settings.signals + 9) / 10)
      model = digits.model
      effective = digits.effective
      codes = try digits.projectedCodes(
        of: digits.test.batch(numbers.map { chosen[$0] }), sparsity: sparsity, .subspacePursuit)
      var noisy = model.synthesizeFirst(codes[0])
      let noise = Tensor<Double>.normal(noisy.rows, noisy.columns, from: &stream)
      let count = noisy.count
      noise.withElements { v in
        noisy.withMutableElements { Double.axpy(count, settings.noiseDeviation, v, $0) }
      }
      signals = noisy
      areGuaranteed = numbers.map { _ in false }
    case .lowCoherence:
      let family = inputs.lowCoherence
      let draws = try family.draws(
        numbers.count, cardinality: sparsity, withinSpan: false,
        noise: [settings.noiseShare, settings.noiseShare], from: &stream)
      model = try MultiLayerModel<Double>(family.layers)
      effective = family.effective[family.depth - 1]
      codes = (0..<family.depth).map { i in Matrix(rows: draws.map { $0.codes[i] }) }
      signals = Matrix(rows: draws.map(\.signal))
      areGuaranteed = draws.map { draw in
        LayeredStability.guarantees(
          noise: draw.noise, sparsities: draw.profiles.map(\.stripe),
          coherences: draw.profiles.map(\.coherence)
        ).allSatisfy { $0.slack > 0 }
      }
    }
    supports = codes.map { code in
      (0..<code.rows).map { SparsityMeasures.support(code.row($0), threshold: Self.zero) }
    }
  }

  /// The codes of the projections of the noisy signals, with the oracle k.
  func projected() throws -> [Tensor<Double>] {
    // The true code meets all limits of P's footnote 3, and so does every other one of k atoms.
    let projection = try Projection(
      model, limits: model.layers.dropLast().map(\.atomCount) + [sparsity],
      measures: [LayerSparsity](repeating: .cardinality, count: model.depth - 1),
      method: .subspacePursuit, effective: effective, threshold: 0)
    let found = try projection.project(signals)
    return model.propagate(found.map(\.deepest).densified(effective.atomCount))
  }
}

/// Layered pursuits of noisy signals, each with what it may know of the true codes.
struct LayeredPursuits {
  private let draws: SignalDraws
  private let settings: ProjectionRecovery.Settings

  init(_ draws: SignalDraws, _ settings: ProjectionRecovery.Settings) {
    (self.draws, self.settings) = (draws, settings)
  }

  /// Subspace pursuit with every layer's true cardinality.
  func subspacePursuit(_ context: CellContext) throws -> [Tensor<Double>] {
    try draws.model.layeredSubspacePursuit(
      of: draws.signals, sparsities: cardinalities(from: 1),
      leastIndependence: settings.layeredIndependence, interrupted: context.checkInterruption)
  }

  /// The same for γ₂ … γ_L, from the true γ₁.
  func givenFirstCode(_ context: CellContext) throws -> [Tensor<Double>] {
    try MultiLayerModel<Double>(Array(draws.model.layers.dropFirst())).layeredSubspacePursuit(
      of: draws.codes[0], sparsities: cardinalities(from: 2),
      leastIndependence: settings.layeredIndependence, interrupted: context.checkInterruption)
  }

  /// Basis pursuit with the penalty, of those tried, whose code is nearest to the true one.
  func basisPursuit(_ context: CellContext) throws -> [Tensor<Double>] {
    var estimate = draws.signals
    return try zip(draws.model.layers, draws.codes).map { dictionary, truth in
      try context.checkInterruption()
      let products = dictionary.analyze(estimate)
      let largest = (0..<products.rows).map { b in products.row(b).map(abs).max() ?? 0 }
      var pursuit = WorkingSetBasisPursuit(dictionary)
      pursuit.tolerance = settings.gap
      let paths = try pursuit.path(
        estimate,
        penalties: settings.penaltyShares.map { share in largest.map { max($0 * share, 1e-12) } })
      let best = paths.enumerated().map { b, path in
        path.map { [$0.code].densified(dictionary.atomCount) as Tensor<Double> }.min {
          SparsityMeasures.relativeError($0.elements, truth.row(b))
            < SparsityMeasures.relativeError($1.elements, truth.row(b))
        }?.elements ?? []
      }
      estimate = Matrix(rows: best)
      return estimate
    }
  }

  /// For every layer from one on, the cardinality of every signal's code.
  private func cardinalities(from layer: Int) -> [[Int]] {
    draws.supports.dropFirst(layer - 1).map { $0.map(\.count) }
  }
}
