import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// Recovery of γ₁, γ₂, γ₃ of digits, by projection and by layered pursuit (P, Figure 3).
///
/// Test digits are projected on the learned model by Algorithm 1, so that they belong to it exactly;
/// then y = x + v. Projection: Algorithm 1 with subspace pursuit and the oracle k. Layered: subspace
/// pursuit layer by layer, each with the oracle cardinality of its layer. Strides are two, for which
/// stripes are not defined: λᵢ bound the plain cardinalities (with P's λ_{i−1} = ‖Dᵢ‖₀λᵢ they cannot
/// be exceeded). A support is of independent atoms only, so it has at most 784 of them at layer 1.
@main
struct ProjectionRecovery: Experiment {
  static let identity = ExperimentIdentity(
    name: "projection-fig3-recovery",
    paper: "P: Projecting onto the ML-CSC model",
    figure: "Fig. 3",
    title: "Error and support recovery of γ1, γ2, γ3 of digits: projection, layered pursuit",
    question: "Does projecting onto the model recover every layer better than layered pursuit?",
    dataSets: ["mnist"], version: 2)

  struct Settings: Codable {
    var digits: Int
    var digitsPerCell = 5
    /// k, the cardinality of γ₃.
    var sparsities: [Int]
    var noiseDeviation = 0.02  // Sec. 4, on pixels in [0, 1]
    /// Least squared sine between merged atoms in layered pursuit (ours).
    ///
    /// Neighbouring atoms of the
    /// learned D₁ are so alike that plain subspace pursuit returns errors of 10² to 10⁷; this is
    /// the value of 10⁻⁸ … 0.3 that served the layered pursuit best.
    var layeredIndependence = 0.1
    var fullScale: Bool
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke: Settings(digits: 4, digitsPerCell: 2, sparsities: [1, 5], fullScale: false)
    case .quick: Settings(digits: 100, sparsities: [1, 2, 3, 5, 7, 10], fullScale: false)
    case .standard, .paper:  // Sec. 4
      Settings(digits: 500, sparsities: Array(1...10), fullScale: true)
    }
  }

  static func prepare(_ settings: Settings, _ resources: RunResources) throws -> DigitModel {
    try DigitModel(fullScale: settings.fullScale, resources)
  }

  static func fingerprint(of inputs: DigitModel) -> String { inputs.fingerprint }

  static func cells(_ settings: Settings, _ inputs: DigitModel) -> [NumberedCell] {
    NumberedCell.cells((settings.digits + settings.digitsPerCell - 1) / settings.digitsPerCell)
  }

  struct Row: Codable {
    let digit: Int
    let sparsity: Int
    /// By layer.
    let cardinalities: [Int]
    let projectionErrors: [Double]
    let projectionSupports: [Double]
    let layeredErrors: [Double]
    let layeredSupports: [Double]
  }

  static func measure(
    _ cell: NumberedCell, _ settings: Settings, _ inputs: DigitModel, _ context: CellContext
  ) throws -> [Row] {
    var stream = context.stream
    // The same number of digits of every class, as far as that divides.
    let chosen = inputs.test.firstOfEachClass((settings.digits + 9) / 10).prefix(settings.digits)
    let first = cell.index * settings.digitsPerCell
    return try chosen.dropFirst(first).prefix(settings.digitsPerCell).flatMap { digit in
      try settings.sparsities.map { k in
        try context.checkInterruption()
        let image: Tensor<Double> = inputs.test.batch([digit])
        let truth = try codes(inputs, of: image, k)
        var noisy = inputs.model.synthesizeFirst(truth[0])
        let noise = Tensor<Double>.normal(1, noisy.count, from: &stream)
        noisy = Tensor(
          shape: noisy.shape,
          elements: zip(noisy.elements, noise.elements).map {
            $0 + settings.noiseDeviation * $1
          })
        let projected = try codes(inputs, of: noisy, k)
        let supports = truth.map { SparsityMeasures.support($0.elements) }
        let layered = try layeredPursuit(
          inputs, noisy, supports.map(\.count), settings.layeredIndependence)
        func errors(_ estimate: [Tensor<Double>]) -> [Double] {
          zip(estimate, truth).map { SparsityMeasures.relativeError($0.elements, $1.elements) }
        }
        func intersections(_ estimate: [Tensor<Double>]) -> [Double] {
          zip(estimate, supports).map {
            SparsityMeasures.supportIntersection(SparsityMeasures.support($0.elements), $1)
          }
        }
        return Row(
          digit: digit, sparsity: k, cardinalities: supports.map(\.count),
          projectionErrors: errors(projected), projectionSupports: intersections(projected),
          layeredErrors: errors(layered), layeredSupports: intersections(layered))
      }
    }
  }

  /// γ₁ … γ_L of a signal's projection with k atoms.
  private static func codes(
    _ inputs: DigitModel, of signal: Tensor<Double>, _ k: Int
  ) throws -> [Tensor<Double>] {
    let projection = try Projection(
      inputs.model, limits: inputs.limits(deepest: k),
      measures: [LayerSparsity](repeating: .cardinality, count: inputs.layers.count - 1),
      method: .subspacePursuit, effective: inputs.effective, threshold: 0)
    let found = try projection.project(signal)
    return inputs.model.propagate(found.map(\.deepest).densified(inputs.effective.atomCount))
  }

  private static func layeredPursuit(
    _ inputs: DigitModel, _ signal: Tensor<Double>, _ cardinalities: [Int],
    _ independence: Double
  ) throws -> [Tensor<Double>] {
    var codes = [signal]
    for (layer, k) in zip(inputs.layers, cardinalities) {
      var pursuit = try SubspacePursuit<Double>(layer, sparsity: max(k, 1))
      pursuit.leastIndependence = independence
      codes.append(try pursuit.codes(codes[codes.count - 1]).densified(layer.atomCount))
    }
    return Array(codes.dropFirst())
  }

  static func tables(
    _ settings: Settings, _ results: [CellResult<NumberedCell, Row>]
  ) throws -> [Table] {
    let rows = results.flatMap(\.rows)
    var recovery = [[Value]]()
    for method in ["projection", "layered"] {
      for k in settings.sparsities {
        let found = rows.filter { $0.sparsity == k }
        for layer in 0..<(found.first?.cardinalities.count ?? 0) {
          let isProjection = method == "projection"
          let errors = found.map {
            isProjection ? $0.projectionErrors[layer] : $0.layeredErrors[layer]
          }
          let supports = found.map {
            isProjection ? $0.projectionSupports[layer] : $0.layeredSupports[layer]
          }
          recovery.append([
            .text(method), .integer(k), .integer(layer + 1),
            .real(Statistics.mean(errors)), .real(Statistics.standardError(errors)),
            .real(Statistics.mean(supports)), .real(Statistics.standardError(supports)),
            .real(Statistics.mean(found.map { Double($0.cardinalities[layer]) })),
            .integer(found.count),
          ])
        }
      }
    }
    return [
      try Table(
        "recovery",
        [
          .key("method"), .key("k"), .key("layer"),
          .measured("error_relative_l2", absolute: 0.02, relative: 0.02),
          .measured("error_standard_error", absolute: 0.02, relative: 0.05),
          .measured("support_intersection", absolute: 0.02),
          .measured("support_standard_error", absolute: 0.02),
          .measured("cardinality_mean", absolute: 1), .exact("digits"),
        ], rows: recovery)
    ]
  }

  static func claims(
    _ settings: Settings, _ results: [CellResult<NumberedCell, Row>]
  ) throws -> [Claim] {
    let rows = results.flatMap(\.rows)
    return (0..<(rows.first?.cardinalities.count ?? 0)).map { layer in
      // One number a digit: its mean over k, so that digits are the independent draws.
      let byDigit = [Int: [Row]](grouping: rows, by: \.digit).sorted { $0.key < $1.key }
      func gain(_ value: (Row) -> Double) -> Estimate {
        Statistics.bootstrapMean(byDigit.map { Statistics.mean($0.value.map(value)) })
      }
      let error = gain { $0.layeredErrors[layer] - $0.projectionErrors[layer] }
      let support = gain { $0.projectionSupports[layer] - $0.layeredSupports[layer] }
      func mean(_ value: (Row) -> Double) -> String {
        Wording.number(Statistics.mean(rows.map(value)))
      }
      func interval(_ e: Estimate) -> String {
        "[\(Wording.number(e.lower)), \(Wording.number(e.upper))]"
      }
      let better = error.lower > 0 && support.lower > 0
      let worse = error.upper < 0 || support.upper < 0
      return Claim(
        id: "layer-\(layer + 1)",
        sentence: "Projection recovers γ\(layer + 1) better than layered pursuit",
        source: "P Fig. 3",
        measured: "error \(mean { $0.projectionErrors[layer] }) against "
          + "\(mean { $0.layeredErrors[layer] }), gain \(Wording.number(error.value)) \(interval(error)); "
          + "support \(mean { $0.projectionSupports[layer] }) against "
          + "\(mean { $0.layeredSupports[layer] }), gain \(Wording.number(support.value)) "
          + "\(interval(support)); \(byDigit.count) digits, mean cardinality "
          + "\(mean { Double($0.cardinalities[layer]) })",
        verdict: byDigit.count < 20
          ? .undecided : better ? .holds : worse ? .doesNotHold : .undecided)
    }
  }
}
