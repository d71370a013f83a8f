import Algorithms
import ExperimentSuite
import MLCSCKit
import MLCSCStudies
import RealModule

/// S's convergence theorem against B's Theorems 1 and 2: where ML-ISTA and ML-FISTA really end.
///
/// B states convergence to the global optimum; S a distance of O(μ). Both iterations are run to
/// their fixed point for inner steps μ = C/‖D₁‖² over four decades of C, on certified optima. Each
/// run starts at the optimum, whose neighbourhood holds the fixed point (a start at zero ends at the
/// same point, only later: measured for the largest steps). The fixed point is taken as reached when
/// 1,000 iterations change the code by less than the stated tolerance.
@main
struct FixedPoint: Experiment {
  static let identity = ExperimentIdentity(
    name: "mlista-fixed-point",
    paper: "S: slides; B: On multi-layer basis pursuit",
    figure: "convergence theorem; Theorems 1, 2",
    title: "Gap of ML-ISTA's and ML-FISTA's limits to the optimum against the inner step μ",
    question: "Do ML-ISTA and ML-FISTA converge to the optimum or to within O(μ) of it?",
    version: 2)

  struct Settings: CosparseSettings, Codable {
    var draws: Int
    var dimensions = [50, 70, 60]  // B Sec. 2.3
    var sparsity = 30
    var cosparsity = 28
    var amplitudeRatio = 3.1622776601683795  // 10 dB
    /// λ₁ and λ₂ in pairs, around the best of mlbp-fig1-recovery.
    var lambdas = [[0.0056, 0.0056], [0.01, 0.01], [0.02, 0.005], [0.003, 0.01]]
    /// C = 10^0 … 10^−decades.
    var decades = 4.0
    var stepsPerDecade: Int
    var changeTolerance = 1e-11
    var iterationLimit: Int
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke: Settings(draws: 2, decades: 2, stepsPerDecade: 1, iterationLimit: 200_000)
    case .quick: Settings(draws: 5, stepsPerDecade: 2, iterationLimit: 1_000_000)
    case .standard, .paper: Settings(draws: 50, stepsPerDecade: 4, iterationLimit: 10_000_000)
    }
  }

  /// Where the iterations end on one problem with one inner step.
  struct Row: MeasuredRow {
    @Field("draw", .key) var draw = 0
    @Field("lambda1", .key) var lambda1 = 0.0
    @Field("lambda2", .key) var lambda2 = 0.0
    @Field("step_scale", .key) var scale = 0.0
    @Field("relative_gap", .measured(absolute: 1e-10, relative: 0.02)) var gap = 0.0
    /// The same for ML-ISTA, where it was run to the end too (large steps).
    @Field("relative_gap_ml_ista", .measured(absolute: 1e-10, relative: 0.02))
    var plainGap: Double? = nil
    @Field("relative_change_of_last_round", .note) var change = 0.0
    @Field("gamma1_nonzeros_propagated", .measured(absolute: 1)) var propagated = 0
    @Field("gamma1_nonzeros_thresholded", .measured(absolute: 1)) var thresholded = 0
    @Field("gamma1_nonzeros_optimum", .measured(absolute: 1)) var optimum = 0
  }

  static func rules(for settings: Settings) -> [SettingRule] {
    settings.instanceRules + [
      SettingRule(
        "lambdas", "be pairs, none of them twice",
        Set(settings.lambdas).count == settings.lambdas.count
          && settings.lambdas.allSatisfy { $0.count == 2 })
    ]
  }

  static func cells(_ settings: Settings, _ inputs: NoInputs) -> [NumberedCell] {
    NumberedCell.cells(settings.draws)
  }

  static func scales(_ settings: Settings) -> [Double] {
    LogarithmicGrid.powersOfTen(
      from: 0, through: -settings.decades, perDecade: settings.stepsPerDecade)
  }

  static func measure(
    _ cell: NumberedCell, _ settings: Settings, _ inputs: NoInputs, _ context: CellContext
  ) throws -> [Row] {
    var stream = context.stream
    let instance = try settings.instance(from: &stream)
    let y = instance.noisy(amplitudeRatio: settings.amplitudeRatio, from: &stream)
    let pairs = settings.lambdas
    let problem = try MultiLayerProblem(model: instance.model(), signal: y, choices: pairs)
    let optimum = try ExactSolver(tolerance: 1e-12).solve(problem)
    let best = problem.objective(at: optimum.codes[1])
    return try scales(settings).flatMap { scale -> [Row] in
      let limit = try MultiLayerFISTA(problem, innerStep: .fixed(scale)).makeIterator()
      let change = try limit.runToFixedPoint(
        from: optimum.codes[1], changingLessThan: settings.changeTolerance,
        within: settings.iterationLimit, interrupted: context.checkInterruption)
      let found = problem.objective(at: limit.deepest)
      var plain: [Double]?
      if scale >= 0.1 {
        let end = try MultiLayerISTA(problem, innerStep: .fixed(scale)).makeIterator()
        try end.runToFixedPoint(
          from: Tensor(shape: optimum.codes[1].shape),
          changingLessThan: settings.changeTolerance, within: settings.iterationLimit,
          interrupted: context.checkInterruption)
        plain = problem.objective(at: end.deepest)
      }
      let propagated = problem.model.propagate(limit.deepest)[0]
      return pairs.indices.map { pair in
        Row(
          draw: cell.index, lambda1: pairs[pair][0], lambda2: pairs[pair][1], scale: scale,
          gap: found[pair] / best[pair] - 1, plainGap: plain.map { $0[pair] / best[pair] - 1 },
          change: change,
          propagated: SparsityMeasures.cardinality(propagated.row(pair)),
          thresholded: SparsityMeasures.cardinality(limit.codes[0].row(pair)),
          optimum: SparsityMeasures.cardinality(optimum.codes[0].row(pair)))
      }
    }
  }

  // MARK: What the figure shows

  /// One point of a curve, over the draws.
  struct CurveRow: TableRow {
    @Field("lambda1", .key) var lambda1 = 0.0
    @Field("lambda2", .key) var lambda2 = 0.0
    @Field("step_scale", .key) var scale = 0.0
    @IntervalField("relative_gap", .measured(absolute: 1e-10, relative: 0.02))
    var gap: Estimate? = nil
    @IntervalField("relative_gap_ml_ista", .measured(absolute: 1e-10, relative: 0.02))
    var plainGap: Estimate? = nil
    @IntervalField("gamma1_nonzeros_propagated", .measured(absolute: 1))
    var propagated: Estimate? = nil
    @IntervalField("gamma1_nonzeros_thresholded", .measured(absolute: 1))
    var thresholded: Estimate? = nil
    @IntervalField("gamma1_nonzeros_optimum", .measured(absolute: 1))
    var optimum: Estimate? = nil
  }

  static func scale(_ settings: Settings) -> [String] {
    ["\(settings.draws) draws", "optima certified to a relative 1e-12"]
  }

  static func tables(
    _ settings: Settings, _ results: [CellResult<NumberedCell, Row>]
  ) throws -> [Table] {
    let rows = results.flatMap(\.rows)
    let curves = product(settings.lambdas, scales(settings)).map { pair, scale in
      let found = rows.filter { [$0.lambda1, $0.lambda2, $0.scale] == pair + [scale] }
      func count(_ nonzeros: (Row) -> Int) -> Estimate {
        Statistics.studentMean(found.map { Double(nonzeros($0)) })
      }
      return CurveRow(
        lambda1: pair[0], lambda2: pair[1], scale: scale,
        gap: geometricMean(found.map(\.gap)).estimate,
        plainGap: geometricMean(found.compactMap(\.plainGap)).estimate,
        propagated: count(\.propagated), thresholded: count(\.thresholded),
        optimum: count(\.optimum))
    }
    return [try Table("limits", rows), try Table("gap", curves)]
  }

  /// Below 1e-16 a gap is rounding.
  private static func geometricMean(_ gaps: [Double]) -> Measurement {
    .geometricMean(gaps.map { max($0, 1e-16) }, of: "draws")
  }

  // MARK: Claims

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    let rows: [Row] = try tables.rows("limits")
    // The problems of a draw share dictionaries and signal, so that a draw counts once.
    let draws = rows.grouped(by: \.draw).values

    /// The slope of log gap against log μ of a draw, a mean over its pairs of penalties.
    func slopes(upTo largest: Double) -> Measurement {
      .mean(
        draws.map { draw in
          let lines = draw.filter { $0.scale <= largest }
            .grouped { [$0.lambda1, $0.lambda2] }.values
          return Statistics.mean(
            lines.map { line in
              Statistics.line(
                line.map { Double.log10($0.scale) },
                line.map { Double.log10(max($0.gap, 1e-16)) }
              ).slope
            })
        }, of: "draws")
    }
    /// The gap at μ = 1/‖D₁‖².
    func gaps(_ gap: (Row) -> Double?) -> Measurement {
      geometricMean(
        draws.compactMap { draw in
          geometricMean(draw.filter { $0.scale == 1 }.compactMap(gap)).value
        })
    }
    func mean(_ nonzeros: (Row) -> Int) -> Double {
      Statistics.mean(rows.filter { $0.scale == 1 }.map { Double(nonzeros($0)) })
    }
    let differences = rows.compactMap { row in row.plainGap.map { abs($0 / row.gap - 1) } }
    return [
      ClaimTest(
        "global-optimum", decides: ["B1", "B3", "B41"],
        "ML-ISTA and ML-FISTA converge to the global optimum", source: "B Theorems 1, 2",
        .number("relative gap to the certified optimum at μ = 1/‖D1‖²", unit: ""),
        parts: [.init("ML-FISTA", gaps(\.gap)), .init("ML-ISTA", gaps(\.plainGap))],
        details: [
          Detail("the smallest gap of all steps", rows.map(\.gap).min() ?? 0),
          Detail("non-zeros of γ1 = D2 γ2 of the limit", mean(\.propagated)),
          Detail("of γ1 as the inner threshold returns it", mean(\.thresholded)),
          Detail("of the optimum's γ1", mean(\.optimum)),
        ], holdsWhen: .below(1e-10)),
      ClaimTest(
        "gap-linear-in-mu", decides: ["S31", "S32"],
        "ML-ISTA and ML-FISTA end above the optimum by at most a multiple of μ",
        source: "S convergence theorem", .number("slope of log gap against log μ", unit: ""),
        slopes(upTo: 1), paper: PaperValue(1),
        details: slopes(upTo: 0.1).value.map { [Detail("for μ up to 0.1/‖D1‖²", $0)] } ?? [],
        holdsWhen: .within(0.9, 1.1)),
      ClaimTest(
        "same-limit", decides: ["S32"], "ML-FISTA ends where ML-ISTA ends",
        source: "S convergence theorem (erratum 1)",
        .number("problems on which their gaps differ by more than a thousandth", unit: ""),
        .violations(differences.count { $0 > 1e-3 }, of: differences.count, "problems"),
        details: [Detail("largest relative difference", differences.max() ?? 0)],
        holdsWhen: .never(atLeast: 20)),
    ]
  }
}
