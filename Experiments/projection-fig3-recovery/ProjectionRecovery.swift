import Algorithms
import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// Recovery of γ₁, γ₂, γ₃ by projection and by layered pursuits (P, Figure 3).
///
/// Test digits are projected on the learned model by Algorithm 1, so that they belong to it exactly;
/// then y = x + v. Projection: Algorithm 1 with subspace pursuit and the oracle k. Layered: subspace
/// pursuit layer by layer with the oracle cardinalities (P, Sec. 4), basis pursuit layer by layer (P's
/// abstract) with the penalty that is best for each signal and layer, and subspace pursuit of γ₂ and
/// γ₃ that is given the true γ₁. Beside the digits: draws of a model of low coherence, for which layered
/// pursuit has a guarantee. The digits' strides are two, for which stripes are not defined: λᵢ bound
/// plain cardinalities (with P's λ_{i−1} = ‖Dᵢ‖₀λᵢ they cannot be exceeded).
@main
struct ProjectionRecovery: Experiment {
  static let identity = ExperimentIdentity(
    name: "projection-fig3-recovery",
    paper: "P: Projecting onto the ML-CSC model",
    figure: "Fig. 3",
    title: "Error and support recovery of γ1, γ2, γ3: projection, layered pursuits",
    question: "Does projecting onto the model recover every layer better than layered pursuit?",
    dataSets: ["mnist"], version: 3)

  struct Settings: Codable {
    /// Signals for every k, of either family.
    var signals: Int
    var signalsPerCell = 50
    /// k, the cardinality of γ₃.
    var sparsities: [Int]
    var noiseDeviation = 0.02  // Sec. 4, on pixels in [0, 1]
    /// ‖v‖/‖x‖ of the low-coherence draws, about that of the digits.
    var noiseShare = 0.06
    /// The low-coherence model has signals of 2^degree − 1 entries and three layers.
    var kasamiDegree: Int
    /// λᵢ of layered basis pursuit as shares of the smallest λᵢ that gives zero; the best is taken.
    var penaltyShares = [0.5, 0.3, 0.2, 0.1, 0.05]
    /// The relative duality gap of its solutions.
    var gap = 1e-4
    /// Least squared sine between merged atoms in layered subspace pursuit (ours).
    ///
    /// Keeps least squares well-posed where the true support is as large as half the signal.
    var layeredIndependence = 0.1
    var fullScale: Bool
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke:
      Settings(
        signals: 4, signalsPerCell: 4, sparsities: [1, 5], kasamiDegree: 8, fullScale: false)
    case .quick:
      Settings(signals: 200, sparsities: [1, 2, 3, 5, 10], kasamiDegree: 10, fullScale: false)
    case .standard, .paper:  // Sec. 4: 500 digits
      Settings(signals: 500, sparsities: Array(1...10), kasamiDegree: 10, fullScale: true)
    }
  }

  struct Inputs: FingerprintedInputs {
    let digits: DigitModel
    let lowCoherence: ModelUnderTest
    var fingerprint: String { digits.fingerprint }
  }

  static func rules(for settings: Settings) -> [SettingRule] {
    [
      .distinct("sparsities", settings.sparsities),
      .distinct("penaltyShares", settings.penaltyShares),
    ]
  }

  static func prepare(_ settings: Settings, _ resources: RunResources) throws -> Inputs {
    let digits = try DigitModel(fullScale: settings.fullScale, resources)
    let found = digits.test.firstOfEachClass((settings.signals + 9) / 10).count
    guard settings.signals <= found else {
      throw SettingsError.broken(
        name: "signals",
        requirement: "not be more than there are test digits, as many of each class: \(found)")
    }
    return Inputs(
      digits: digits,
      lowCoherence: try .kasamiCascade(degree: settings.kasamiDegree, depth: 3))
  }

  struct Cell: ExperimentCell {
    let family: SignalFamily
    let sparsity: Int
    let block: Int
    var id: String { "\(family.rawValue)-k\(sparsity)-\(block)" }
  }

  static func cells(_ settings: Settings, _ inputs: Inputs) -> [Cell] {
    let blocks = (settings.signals + settings.signalsPerCell - 1) / settings.signalsPerCell
    // The largest k takes longest: first, so that the others run beside it.
    return settings.sparsities.reversed().flatMap { k in
      product(SignalFamily.allCases, 0..<blocks).map { Cell(family: $0, sparsity: k, block: $1) }
    }
  }

  struct Row: Codable {
    let signal: Int
    let sparsity: Int
    /// Whether equation 4 of P, the premise of the layered pursuit's guarantee, holds.
    let isGuaranteed: Bool
    /// By layer.
    let cardinalities: [Int]
    let found: [Recovery]
  }

  /// What a method makes of a layer's code.
  struct Recovery: Codable {
    let method: RecoveryMethod
    let layer: Int
    let error: Double
    let support: Double
  }

  static func measure(
    _ cell: Cell, _ settings: Settings, _ inputs: Inputs, _ context: CellContext
  ) throws -> [Row] {
    var stream = context.stream
    let draws = try SignalDraws(cell, settings, inputs, &stream)
    try context.checkInterruption()
    let pursuits = LayeredPursuits(draws, settings)
    let estimates: [(RecoveryMethod, firstLayer: Int, codes: [Tensor<Double>])] = [
      (.projection, 1, try draws.projected()),
      (.layeredSubspacePursuit, 1, try pursuits.subspacePursuit(context)),
      (.layeredBasisPursuit, 1, try pursuits.basisPursuit(context)),
      (.givenFirstCode, 2, try pursuits.givenFirstCode(context)),
    ]
    return draws.numbers.indices.map { b in
      let found = estimates.flatMap { method, first, codes in
        codes.enumerated().map { place, code in
          let layer = first + place
          let truth = draws.codes[layer - 1].row(b)
          return Recovery(
            method: method, layer: layer,
            error: SparsityMeasures.relativeError(code.row(b), truth),
            support: SparsityMeasures.supportIntersection(
              SparsityMeasures.support(code.row(b), threshold: SignalDraws.zero),
              draws.supports[layer - 1][b]))
        }
      }
      return Row(
        signal: draws.numbers[b], sparsity: cell.sparsity, isGuaranteed: draws.areGuaranteed[b],
        cardinalities: draws.supports.map { $0[b].count }, found: found)
    }
  }

  static func scale(_ settings: Settings) -> [String] {
    [
      "\(settings.signals) test digits and as many draws",
      "k from \(settings.sparsities.min() ?? 0) to "
        + "\(settings.sparsities.max() ?? 0)", "noise \(settings.noiseDeviation)",
      settings.fullScale ? "the paper’s model" : "the small model",
    ]
  }

  static func tables(
    _ settings: Settings, _ results: [CellResult<Cell, Row>]
  ) throws -> [Table] { try RecoveryReport(settings, results).tables() }

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    try RecoveryClaims(tables).tests
  }
}

/// Where signals come from.
enum SignalFamily: String, Codable, CaseIterable, Sendable {
  /// Test digits projected on the learned model.
  case digits
  /// Draws of a model for which layered pursuit has a guarantee.
  case lowCoherence = "low-coherence"
}

/// How codes are recovered.
enum RecoveryMethod: String, Codable, CaseIterable, Sendable {
  /// Algorithm 1.
  case projection
  /// Subspace pursuit layer by layer.
  case layeredSubspacePursuit = "layered-sp"
  /// Basis pursuit layer by layer.
  case layeredBasisPursuit = "layered-bp"
  /// Subspace pursuit of γ₂ and γ₃ from the true γ₁.
  case givenFirstCode = "layered-sp-given-gamma1"
}
