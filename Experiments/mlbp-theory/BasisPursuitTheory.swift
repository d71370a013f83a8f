import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// B's statements on convergence, thresholds and uniqueness, each on random instances.
///
/// The rates of Theorems 1 and 2 with the inequalities of their proofs, beside ISTA and FISTA on basis
/// pursuit, which keep theirs (RateRow.swift); the thresholds of eq. (5) (ThresholdRow.swift); the
/// problem without λ₂ (KernelRow.swift). Instances are those of B Fig. 1 at 10 dB, every optimum is
/// certified. Iterations start at zero with the steps 1/‖Dᵢ‖².
@main
struct BasisPursuitTheory: Experiment {
  static let identity = ExperimentIdentity(
    name: "mlbp-theory",
    paper: "B: On multi-layer basis pursuit, efficient algorithms and CNNs",
    figure: "Thm 1, 2, Suppl. A, eq. (5), Sec. 2",
    title: "B's rates, inequalities and thresholds, checked on random instances",
    question: "At which rate do ML-ISTA and ML-FISTA approach what, and which thresholds are right?"
  )

  struct Settings: CosparseSettings, Codable {
    var draws: Int
    var dimensions = [50, 70, 60]  // Sec. 2.3
    var sparsity = 30
    var cosparsity = 28
    var amplitudeRatio = 3.1622776601683795  // 10 dB
    /// The best pair of mlbp-fig1-recovery at 10 dB.
    var lambda1 = 0.01
    var lambda2 = 0.0056
    /// Iterations on a logarithmic grid of so many points a decade.
    var iterations: Int
    var pointsPerDecade = 10
    /// A fixed point is reached when 1,000 iterations change the code by less.
    var changeTolerance = 1e-12
    var iterationLimit = 1_000_000
    /// ‖D₁‖, to which dictionary, signal and penalties are scaled together.
    var firstNorms = [0.25, 0.5, 1, 2, 4]
    /// Dimensions of the problem without λ₂: D₂ is wide, so that it has a kernel.
    var wideDimensions = [50, 70, 90]
    /// Directions in the kernel that are tried on each draw.
    var kernelDirections = 5
    /// ADMM's iterations there.
    var kernelIterations = 1_000
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke: Settings(draws: 3, iterations: 2_000, kernelIterations: 200)
    case .quick: Settings(draws: 20, iterations: 20_000)
    case .standard, .paper: Settings(draws: 100, iterations: 200_000)
    }
  }

  /// What one draw measured.
  struct Row: Codable {
    var rates = [RateRow]()
    var thresholds = [ThresholdRow]()
    var kernel = [KernelRow]()
  }

  static func rules(for settings: Settings) -> [SettingRule] {
    settings.instanceRules + [
      .entries("wideDimensions", settings.wideDimensions, 3, "n, m1, m2"),
      SettingRule(
        "sparsity", "be at most m2, the third of wideDimensions",
        settings.sparsity <= settings.wideDimensions.last ?? 0),
      SettingRule(
        "wideDimensions", "have m2 above m1, so that D2 has a kernel",
        settings.wideDimensions.count != 3
          || settings.wideDimensions[2] > settings.wideDimensions[1]),
      .distinct("firstNorms", settings.firstNorms),
    ]
  }

  static func cells(_ settings: Settings, _ inputs: NoInputs) -> [NumberedCell] {
    NumberedCell.cells(settings.draws)
  }

  static func measure(
    _ cell: NumberedCell, _ settings: Settings, _ inputs: NoInputs, _ context: CellContext
  ) throws -> [Row] {
    var stream = context.stream
    let instance = try settings.instance(from: &stream)
    let y = instance.noisy(amplitudeRatio: settings.amplitudeRatio, from: &stream)
    let problem = try MultiLayerProblem(
      model: instance.model(), signals: Tensor(shape: [1, y.count], elements: y),
      penalties: [settings.lambda1, settings.lambda2])
    let (draw, interrupted) = (cell.index, context.checkInterruption)
    return try [
      Row(
        rates: RateRow.rows(draw, problem, settings, interrupted),
        thresholds: ThresholdRow.rows(draw, problem, settings, interrupted),
        kernel: KernelRow.rows(draw, settings, from: &stream))
    ]
  }

  static func scale(_ settings: Settings) -> [String] {
    [
      "\(settings.draws) draws", "\(Wording.count(settings.iterations)) iterations",
      "optima certified to a relative 1e-12",
    ]
  }

  static func tables(
    _ settings: Settings, _ results: [CellResult<NumberedCell, Row>]
  ) throws -> [Table] {
    let rows = results.flatMap(\.rows)
    let rates = rows.flatMap(\.rates)
    let thresholds = rows.flatMap(\.thresholds)
    return try [
      Table("rates", rates), Table("curves", CurveRow.rows(rates)),
      Table("thresholds", thresholds), Table("limits", LimitRow.rows(thresholds)),
      Table("kernel", rows.flatMap(\.kernel)),
    ]
  }

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    try RateRow.claims(tables.rows("rates")) + ThresholdRow.claims(tables.rows("thresholds"))
      + [KernelRow.claim(tables.rows("kernel"))]
  }
}
