import Algorithms
import ExperimentSuite
import MLCSCKit
import MLCSCStudies
import RealModule

/// The objective's distance to the optimum against iterations and against time (B, Figure 2).
///
/// The optimum comes from the exact solver with a duality gap of 1e-12. An iteration of ADMM counts
/// its inner iterations in time only; it makes a fixed number of them, or as many as an accuracy of the
/// inner problem needs, so that ISTA and FISTA inside can differ. Observing is not timed; times are medians of repetitions, and
/// cells run one at a time. Besides B's four solvers: ML-FISTA with a hundredth of the inner step and
/// with a decreasing one (B's own step stalls above the optimum, see mlista-fixed-point), and ISTA
/// and FISTA on basis pursuit (λ₁ = 0) against its own optimum.
@main
struct Solvers: Experiment {
  static let identity = ExperimentIdentity(
    name: "mlbp-fig2-solvers",
    paper: "B: On multi-layer basis pursuit, efficient algorithms and CNNs",
    figure: "Fig. 2",
    title: "Objective against iterations and time: ADMM, ML-ISTA, ML-FISTA, ISTA, FISTA",
    question: "Which solver of multi-layer basis pursuit is the fastest, to which accuracy?",
    version: 3)

  static func measuresTime(_ cell: Cell) -> Bool { true }

  struct Settings: CosparseSettings, Codable {
    var draws: Int
    var dimensions = [50, 70, 60]  // Sec. 2.3
    var sparsity = 30
    var cosparsity = 28
    var amplitudeRatio = 3.1622776601683795  // 10 dB
    /// The best pair of mlbp-fig1-recovery at 10 dB.
    var lambda1 = 0.01
    var lambda2 = 0.0056
    var repetitions: Int
    var iterations: Int
    var iterationsOfADMM: Int
    var innerIterations = 100
    /// ADMM with inner solves to an accuracy: its iterations, and the relative duality gap and the most
    /// iterations of an inner solve.
    var iterationsToGap: Int
    var innerTolerance = 1e-5
    var innerIterationLimit = 3_000
    /// Relative gaps to which times are taken.
    var accuracies = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6]
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke:
      Settings(
        draws: 1, repetitions: 1, iterations: 2_000, iterationsOfADMM: 20, iterationsToGap: 10)
    case .quick:
      Settings(
        draws: 10, repetitions: 1, iterations: 20_000, iterationsOfADMM: 200, iterationsToGap: 40)
    case .standard, .paper:
      Settings(
        draws: 20, repetitions: 11, iterations: 200_000, iterationsOfADMM: 1_000,
        iterationsToGap: 200)
    }
  }

  struct Cell: ExperimentCell {
    let draw: Int
    let method: Method
    var id: String { "\(method.rawValue)-\(draw)" }
  }

  static func rules(for settings: Settings) -> [SettingRule] {
    settings.instanceRules + [
      .distinct("accuracies", settings.accuracies)
    ]
  }

  static func cells(_ settings: Settings, _ inputs: NoInputs) -> [Cell] {
    product(0..<settings.draws, Method.allCases).map { Cell(draw: $0, method: $1) }
  }

  /// A run: the optimum and the states about two per cent of the iterations apart.
  struct Row: Codable {
    let optimum: Double
    let states: [HistoryEntry]
    /// ADMM's inner iterations up to each state.
    let inner: [Int]

    /// (F − F*)/F*, below which rounding begins.
    func relativeGap(_ state: HistoryEntry) -> Double {
      max(state.objective / optimum - 1, 1e-13)
    }
  }

  static func measure(
    _ cell: Cell, _ settings: Settings, _ inputs: NoInputs, _ context: CellContext
  ) throws -> [Row] {
    // All methods see the same draw.
    var stream = RandomStream(identity.name, "draw", "\(cell.draw)", "\(context.seed)")
    let instance = try settings.instance(from: &stream)
    let y = instance.noisy(amplitudeRatio: settings.amplitudeRatio, from: &stream)
    let model = try instance.model()
    let problem =
      cell.method.isOnBasisPursuit
      ? try MultiLayerProblem(
        model: MultiLayerModel([DenseDictionary(model.effectiveDictionary(2))]), signal: y,
        choices: [[settings.lambda2]])
      : try MultiLayerProblem(
        model: model, signal: y, choices: [[settings.lambda1, settings.lambda2]])
    let exact = try ExactSolver(tolerance: 1e-12).solve(problem)
    let pursuit = try cell.method.pursuit(problem, settings)
    var inner = [Int]()
    let runs = try (0..<settings.repetitions).map { repetition in
      try context.checkInterruption()
      return try history(pursuit, cell.method.iterations(settings), context) {
        if repetition == 0 { inner.append($0) }
      }
    }
    let states = runs[0].enumerated().map { i, state in
      HistoryEntry(
        iteration: state.iteration, seconds: Statistics.median(runs.map { $0[i].seconds }),
        objective: state.objective)
    }
    let optimum = problem.objective(at: exact.codes[exact.codes.count - 1])[0]
    return [Row(optimum: optimum, states: states, inner: inner)]
  }

  /// The recorded states of a run; `count` hears ADMM's inner iterations at each.
  private static func history(
    _ pursuit: some Pursuit<Double>, _ iterations: Int, _ context: CellContext,
    counting count: @escaping (Int) -> Void
  ) throws -> [HistoryEntry] {
    try pursuit.solution(
      stoppingAt: .iterations, within: iterations, recordingHistory: true, clock: context.seconds
    ) { iterator, _ in
      if let iterator = iterator as? ADMMIterator<Double> { count(iterator.innerIterationsMade) }
    }.history
  }

  // MARK: What the figure shows

  /// One point of a curve.
  struct CurveRow: TableRow {
    @Field("method", .key) var method = Method.mlISTA
    @Field("iteration", .key) var iteration = 0
    @Field("seconds", .timing) var seconds = 0.0
    @IntervalField("relative_gap", .measured(absolute: 1e-8, relative: 1e-3))
    var gap: Estimate? = nil
  }

  /// When a run first comes within a relative gap; empty where it never does.
  struct ArrivalRow: TableRow {
    @Field("method", .key) var method = Method.mlISTA
    @Field("draw", .key) var draw = 0
    @Field("relative_gap", .key) var accuracy = 0.0
    @Field("iterations", .measured(absolute: 1, relative: 0.05)) var iterations: Int? = nil
    @Field("seconds", .timing) var seconds: Double? = nil
    @Field("inner_iterations", .measured(absolute: 5, relative: 0.1)) var inner: Int? = nil
  }

  static func scale(_ settings: Settings) -> [String] {
    [
      "\(settings.draws) draws",
      "\(settings.repetitions) repetition\(settings.repetitions == 1 ? "" : "s")",
      "\(Wording.count(settings.iterations)) iterations (ADMM: \(settings.iterationsOfADMM) of "
        + "\(settings.innerIterations) inner ones)",
    ]
  }

  static func tables(
    _ settings: Settings, _ results: [CellResult<Cell, Row>]
  ) throws -> [Table] {
    let runs = results.flatMap { result in result.rows.map { (cell: result.cell, row: $0) } }
    let arrivals = product(runs, settings.accuracies).map { run, accuracy in
      let place = run.row.states.firstIndex { run.row.relativeGap($0) <= accuracy }
      let state = place.map { run.row.states[$0] }
      return ArrivalRow(
        method: run.cell.method, draw: run.cell.draw, accuracy: accuracy,
        iterations: state?.iteration, seconds: state?.seconds,
        inner: place.flatMap { $0 < run.row.inner.count ? run.row.inner[$0] : nil })
    }
    return [
      try Table(
        "curves",
        Method.allCases.flatMap { method in
          curve(method, runs.filter { $0.cell.method == method }.map(\.row))
        }), try Table("arrivals", arrivals),
    ]
  }

  /// Some twenty points a decade of iterations, each a geometric mean over the draws.
  private static func curve(_ method: Method, _ rows: [Row]) -> [CurveRow] {
    let iterations = rows.first?.states.map(\.iteration) ?? []
    return iterations.indices.chunked { Int(20 * Double.log10(Double(iterations[$0]))) }
      .compactMap(\.1.last).map { i in
        let states = rows.map { $0.states[i] }
        let gaps = zip(rows, states).map { $0.relativeGap($1) }
        return CurveRow(
          method: method, iteration: iterations[i],
          seconds: Statistics.median(states.map(\.seconds)),
          gap: Measurement.geometricMean(gaps, of: "draws").estimate)
      }
  }
}
