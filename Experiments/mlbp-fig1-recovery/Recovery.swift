import Algorithms
import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// Recovery errors of γ₁ and γ₂ against λ₂ (B, Figure 1).
///
/// Basis pursuit (λ₁ = 0) against multi-layer basis pursuit (the best λ₁ for each λ₂).
/// Every problem is solved to a certified duality gap: an under-converged basis pursuit would fake
/// the claim. B's "SNR = 10" is read both as 10 dB and as an amplitude ratio of 10 (20 dB).
/// Dictionaries have unit columns (B does not say) and are drawn anew for every realisation.
@main
struct Recovery: Experiment {
  static let identity = ExperimentIdentity(
    name: "mlbp-fig1-recovery",
    paper: "B: On multi-layer basis pursuit, efficient algorithms and CNNs",
    figure: "Fig. 1",
    title: "Errors of γ1 and γ2 against λ2: basis pursuit and multi-layer basis pursuit",
    question: "Does penalising the intermediate code help to recover both codes?")

  struct Settings: CosparseSettings, Codable {
    var realisations: Int
    var realisationsPerCell = 5
    var dimensions = [50, 70, 60]  // Sec. 2.3
    var sparsity = 30  // ‖γ₂‖₀, Sec. 2.3
    var cosparsity = 28  // gives ‖γ₁‖₀ = 42, Sec. 2.3
    /// ‖x‖/‖w‖: 10 dB, and the other reading of "SNR = 10".
    var amplitudeRatios = [3.1622776601683795, 10]
    /// λ₂, and with 0 before them λ₁: from 10^first to 10^last.
    var firstExponent = -4.0
    var lastExponent = -0.5
    var lambdasPerDecade: Int
    /// Relative duality gap of every solution.
    var tolerance = 1e-9
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke: Settings(realisations: 6, realisationsPerCell: 3, lambdasPerDecade: 2)
    case .quick: Settings(realisations: 120, lambdasPerDecade: 4)
    case .standard, .paper: Settings(realisations: 400, lambdasPerDecade: 8)
    }
  }

  static func grid(_ settings: Settings) -> PenaltyGrid {
    PenaltyGrid(
      LogarithmicGrid.powersOfTen(
        from: settings.firstExponent, through: settings.lastExponent,
        perDecade: settings.lambdasPerDecade))
  }

  /// One realisation at one noise level.
  struct Row: Codable {
    let realisation: Int
    let amplitudeRatio: Double
    /// As in `PenaltyGrid.Errors`.
    let errors: [[[Double]]]
    let floor: [Double]
    let largestRelativeGap: Double
  }

  static func rules(for settings: Settings) -> [SettingRule] {
    settings.instanceRules + [
      SettingRule("realisations", "be at least 2", settings.realisations >= 2),
      .distinct("amplitudeRatios", settings.amplitudeRatios),
      SettingRule(
        "lastExponent", "be above firstExponent", settings.lastExponent > settings.firstExponent),
    ]
  }

  static func cells(_ settings: Settings, _ inputs: NoInputs) -> [NumberedCell] {
    NumberedCell.blocks(of: settings.realisationsPerCell, upTo: settings.realisations)
  }

  static func measure(
    _ cell: NumberedCell, _ settings: Settings, _ inputs: NoInputs, _ context: CellContext
  ) throws -> [Row] {
    let block = cell.block(of: settings.realisationsPerCell, upTo: settings.realisations)
    return try block.flatMap { realisation in
      try context.checkInterruption()
      var stream = RandomStream(identity.name, "realisation", "\(realisation)", "\(context.seed)")
      let instance = try settings.instance(from: &stream)
      return try settings.amplitudeRatios.map { ratio in
        let y = instance.noisy(amplitudeRatio: ratio, from: &stream)
        let found = try grid(settings).errors(
          of: instance, seenAs: y, tolerance: settings.tolerance)
        let oracle = try HolisticPursuit(instance.model()).codes(
          Matrix(shape: [1, y.count], elements: y), support: instance.support,
          cosupports: [instance.cosupport])[0].codes
        return Row(
          realisation: realisation, amplitudeRatio: ratio, errors: found.relative,
          floor: zip(oracle, instance.codes).map(SparsityMeasures.relativeError),
          largestRelativeGap: found.largestRelativeGap)
      }
    }
  }

  // MARK: What the figure shows

  /// One point of a curve: the mean error over the realisations at a λ₂.
  struct CurveRow: TableRow {
    @Field("snr_db", .key) var decibels = 0.0
    @Field("layer", .key) var layer = 0
    @Field("method", .key) var method = ""
    @Field("lambda2", .key) var lambda2 = 0.0
    @Field("lambda1", .note) var lambda1: Double? = nil
    @IntervalField("error_relative_l2", .measured(absolute: 1e-4)) var error: Estimate? = nil
    @Field("floor_relative_l2", .measured(absolute: 1e-6)) var floor = 0.0
  }

  /// One realisation judged with penalties that were chosen on other realisations.
  struct DrawRow: TableRow {
    @Field("snr_db", .key) var decibels = 0.0
    @Field("realisation", .key) var realisation = 0
    @Field("layer", .key) var layer = 0
    @Field("bp_error_relative_l2", .measured(absolute: 1e-4)) var basisPursuit = 0.0
    @Field("ml_bp_error_relative_l2", .measured(absolute: 1e-4)) var multiLayer = 0.0
    @Field("ml_bp_oracle_error_relative_l2", .measured(absolute: 1e-4)) var oracle = 0.0
    @Field("floor_relative_l2", .measured(absolute: 1e-6)) var floor = 0.0
    @Field("largest_certified_relative_gap", .note) var gap = 0.0
  }

  static func scale(_ settings: Settings) -> [String] {
    [
      "\(settings.realisations) realisations", "\(grid(settings).values.count) values of λ₂",
      "relative duality gap \(settings.tolerance)",
    ]
  }

  static func tables(
    _ settings: Settings, _ results: [CellResult<NumberedCell, Row>]
  ) throws -> [Table] {
    let levels = settings.amplitudeRatios.map { ratio in
      (
        SignalToNoise.decibels(amplitudeRatio: ratio),
        results.flatMap(\.rows).filter { $0.amplitudeRatio == ratio }
      )
    }
    return [
      try Table("recovery", levels.flatMap { curves($0, $1, grid(settings)) }),
      try Table("draws", levels.flatMap { draws($0, $1) }),
      try Table("decreases", levels.flatMap { DecreaseRow.rows($0, $1, grid(settings).values) }),
    ]
  }

  private static func curves(
    _ decibels: Double, _ rows: [Row], _ grid: PenaltyGrid
  ) -> [CurveRow] {
    let choice = PenaltyGrid.Choice(rows.map(\.errors))
    let best = grid.values.indices.map { choice.first(at: $0) }
    // The number of λ₁, 0 for none, that a method takes at a λ₂ for a realisation.
    let methods: [(name: String, first: (Row, Int) -> Int)] = [
      ("bp", { _, _ in 0 }), ("ml-bp", { _, second in best[second] }),
      ("ml-bp-oracle", { row, second in PenaltyGrid.Choice([row.errors]).first(at: second) }),
    ]
    return product(product([0, 1], methods), grid.values.indices).map { curve, second in
      let (layer, method) = curve
      let chosen = rows.map { method.first($0, second) }
      return CurveRow(
        decibels: decibels, layer: layer + 1, method: method.name, lambda2: grid.values[second],
        lambda1: method.name == "ml-bp-oracle" ? nil : chosen.first.map { grid.firstValues[$0] },
        error: Statistics.studentMean(zip(rows, chosen).map { $0.errors[layer][$1][second] }),
        floor: Statistics.mean(rows.map { $0.floor[layer] }))
    }
  }

  /// λ is chosen on one half of the realisations and judged on the other, both ways round.
  private static func draws(_ decibels: Double, _ rows: [Row]) -> [DrawRow] {
    let halves = [0, 1].map { half in rows.filter { $0.realisation % 2 == half } }
    let choices = halves.reversed().map { half in
      let choice = PenaltyGrid.Choice(half.map(\.errors))
      return (bp: choice.bestPair(multiLayer: false), ml: choice.bestPair(multiLayer: true))
    }
    return product(rows, [0, 1]).map { row, layer in
      let (bp, ml) = choices[row.realisation % 2]
      let errors = row.errors[layer]
      return DrawRow(
        decibels: decibels, realisation: row.realisation, layer: layer + 1,
        basisPursuit: errors[0][bp.second], multiLayer: errors[ml.first][ml.second],
        oracle: errors[PenaltyGrid.Choice([row.errors]).first(at: ml.second)][ml.second],
        floor: row.floor[layer], gap: row.largestRelativeGap)
    }
  }
}
