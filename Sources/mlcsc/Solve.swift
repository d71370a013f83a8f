import ArgumentParser
import Dispatch
import ExperimentSuite
import Foundation
import MLCSCKit

/// `mlcsc solve`: the library's pursuits on the reader's own dictionaries and signals.
struct Solve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a pursuit on your own dictionaries and signals.",
    discussion: """
      Solves, over γ, ½‖y − D1…DL γ‖² + Σ_{i<L} λi ‖D(i+1)…DL γ‖₁ + λL ‖γ‖₁ for every column y of \
      the signal file. ista and fista need λi = 0 for i < L; layered-bp and layered-thresholding, \
      omp and subspace-pursuit go layer by layer; projection is Algorithm 1 of P with the limits \
      ‖γi‖₀ <= Ki; holistic is the synthesis-analysis pursuit, with ‖γi‖₀ = Ki as far as that \
      leaves γL a degree of freedom. Writes gamma1 … gammaL (one column a signal, in the signal's \
      format; for --images one array of images × filters × positions a layer) and history.csv to \
      the output folder, for --images also what the codes stand for and a picture. ml-ista and \
      ml-fista end within O(μ) of the optimum, not at it; their γ1 … are those of the inner \
      thresholds.
      """)

  /// The solvers by their names on the command line.
  enum Solver: String, ExpressibleByArgument, CaseIterable {
    case ista, fista
    case mlISTA = "ml-ista"
    case mlFISTA = "ml-fista"
    case admm, exact
    case layeredThresholding = "layered-thresholding"
    case layeredBP = "layered-bp"
    case omp
    case subspacePursuit = "subspace-pursuit"
    case projection, holistic

    var usesSparsity: Bool { [.omp, .subspacePursuit, .projection, .holistic].contains(self) }
    var usesStep: Bool { [.ista, .fista, .mlISTA, .mlFISTA].contains(self) }
    /// Whether it iterates until a tolerance is met; the others end by themselves.
    var isIterative: Bool { !usesSparsity && self != .layeredThresholding }
  }

  @Option(help: "The pursuit.")
  var solver: Solver

  @OptionGroup var input: PursuitInput

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("λ1 … λL, or the thresholds of layered-thresholding.", valueName: "x"))
  var lambda: [Double] = []

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("Non-zeros a layer, K1 … KL.", valueName: "k"))
  var sparsity: [Int] = []

  @Option(help: "The largest number of iterations (a default that suits the solver).")
  var iterations: Int?

  @Option(
    help:
      "Relative duality gap (exact, ista, fista, layered-bp) or relative change at which to stop.")
  var tolerance: Double?

  @Option(help: ArgumentHelp("C: the inner step is μ = C/‖D1‖².", valueName: "c"))
  var stepScale: Double?

  @Flag(help: "Ask for γ >= 0.")
  var nonnegative = false

  @Option(help: ArgumentHelp("Where results go.", valueName: "folder"))
  var output: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  /// A thousandth of what changes the last digit of a number in a thousand iterations.
  private static let leastStepScale = 1e-22

  mutating func validate() throws {
    if solver.usesSparsity {
      guard lambda.isEmpty else {
        throw ValidationError("--lambda: \(solver.rawValue) takes --sparsity, once a layer")
      }
      guard !nonnegative else {
        throw ValidationError("--nonnegative: \(solver.rawValue) cannot constrain the sign")
      }
    } else if !sparsity.isEmpty {
      throw ValidationError("--sparsity: \(solver.rawValue) takes --lambda, once a layer")
    }
    if lambda.contains(.infinity) {
      throw ValidationError("--lambda is inf; it must be zero or positive, and finite")
    }
    if stepScale != nil, !solver.usesStep {
      throw ValidationError("--step-scale: \(solver.rawValue) has no inner step")
    }
    if let stepScale, !(stepScale >= Self.leastStepScale && stepScale.isFinite) {
      throw ValidationError(
        "--step-scale is \(stepScale); it must be at least \(Self.leastStepScale), as no code would "
          + "come anywhere with smaller steps")
    }
    if let iterations, iterations < 1 {
      throw ValidationError("--iterations is \(iterations); it must be at least 1")
    }
    if let tolerance, !(tolerance > 0 && tolerance.isFinite) {
      throw ValidationError("--tolerance is \(tolerance); it must be positive")
    }
  }

  func run() throws {
    for (name, isGiven) in [("--iterations", iterations != nil), ("--tolerance", tolerance != nil)]
    where isGiven && !solver.isIterative {
      Terminal.note("mlcsc: \(name) changes nothing: \(solver.rawValue) ends by itself")
    }
    try ThreadAllowance.require(Parallelism.availableCores + 2)
    Parallelism.setWidth(Parallelism.availableCores)
    let model = try input.model()
    let given = try input.signals(for: model)
    let signals = given.rows
    guard signals.withElements({ Double.allFinite(signals.count, $0) }) else {
      throw PursuitError.notFinite(pursuit: solver.rawValue, iteration: 0, stepSize: 0)
    }
    if solver.usesSparsity { try refuseMixedSizes(signals) }
    // Layered thresholding squares nothing; all others run where their squares are numbers.
    let units =
      solver == .layeredThresholding
      ? BinaryUnits(depth: model.depth) : BinaryUnits(of: model, signals: signals)
    let task = Task(
      model: try units.scaled(model), signals: units.scaled(signals: signals),
      penalties: solver == .layeredThresholding
        ? lambda
        : try checked(lambda, model.depth).enumerated().map { layer, λ in
          units.scaled(penalty: λ, layer: layer)
        })
    let started = Self.clock()
    let outcome = try solve(task)
    let seconds = Self.clock() - started
    let restored = try units.restored(outcome.solution)
    let report = report(task, outcome, restored, units, seconds)
    try refuseWhatIsNotFinite(restored)
    if let output {
      try write(restored, report, of: model, given, to: URL(fileURLWithPath: output))
    }
    for note in report.notes { Terminal.note("mlcsc: \(note)") }
    if json {
      StandardOutput.print(String(decoding: try JSONText.pretty(report), as: UTF8.self))
    } else {
      StandardOutput.print(report.words)
    }
  }

  /// What is solved, in the units in which it is solved.
  struct Task {
    let model: MultiLayerModel<Double>
    let signals: Tensor<Double>
    let penalties: [Double]
  }

  /// What was found, in the same units.
  struct Outcome {
    let solution: PursuitSolution<Double>
    /// Nil for pursuits without penalties.
    let objective: Double?
    /// Why each signal's pursuit ended, layer by layer, for pursuits that choose atoms.
    var reasons: [[StoppingReason]] = []
  }

  private func checked(_ penalties: [Double], _ depth: Int) throws -> [Double] {
    guard solver.usesSparsity || penalties.count == depth else {
      throw ModelError.parameterCount(name: "lambda", expected: depth, found: penalties.count)
    }
    return penalties
  }

  private func refuseWhatIsNotFinite(_ solution: PursuitSolution<Double>) throws {
    for (i, code) in solution.codes.enumerated() where !code.elements.allSatisfy(\.isFinite) {
      throw PursuitError.notRepresentable(layer: i + 1, exponent: 1024)
    }
  }

  static func clock() -> Double { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }

  private func solve(_ task: Task) throws -> Outcome {
    if solver.usesSparsity {
      guard sparsity.count == task.model.depth else {
        throw ModelError.parameterCount(
          name: "sparsity", expected: task.model.depth, found: sparsity.count)
      }
      return try greedy(task.model, task.signals)
    }
    if solver == .layeredThresholding {
      return Outcome(
        solution: try LayeredThresholding(
          model: task.model, thresholds: task.penalties, nonnegative: nonnegative
        ).solve(task.signals), objective: nil)
    }
    let problem = try MultiLayerProblem(
      model: task.model, signals: task.signals, penalties: task.penalties,
      nonnegative: nonnegative)
    let solution = try convex(problem)
    let deepest = solution.codes[solution.codes.count - 1]
    return Outcome(
      solution: solution, objective: problem.objective(at: deepest).reduce(0, +))
  }

  private func convex(_ problem: MultiLayerProblem<Double>) throws -> PursuitSolution<Double> {
    let step = InnerStep.fixed(stepScale ?? 1)
    func iterate(
      _ pursuit: some Pursuit<Double>, _ rule: StoppingRule, _ limit: Int
    ) throws -> PursuitSolution<Double> {
      try pursuit.solution(
        stoppingAt: rule, within: iterations ?? limit, recordingHistory: true, clock: Self.clock)
    }
    switch solver {
    case .ista, .fista:
      guard lambda.dropLast().allSatisfy({ $0 == 0 }) else {
        throw UsageError(
          "\(solver.rawValue) solves basis pursuit, with --lambda 0 for all but the last layer; "
            + "use ml-fista, admm or exact")
      }
      let depth = problem.model.depth
      let single = try MultiLayerProblem(
        dictionary: effectiveDictionary(of: problem.model),
        signals: problem.signals, penalty: problem.penalty(depth - 1, 0), nonnegative: nonnegative)
      let rule = StoppingRule.dualityGap(tolerance ?? 1e-8)
      var solution =
        try solver == .ista
        ? iterate(MultiLayerISTA(single, innerStep: step), rule, 1_000_000)
        : iterate(MultiLayerFISTA(single, innerStep: step), rule, 100_000)
      solution.codes = problem.model.propagate(solution.codes[0])
      return solution
    case .mlISTA:
      return try iterate(
        MultiLayerISTA(problem, innerStep: step), .relativeChange(tolerance ?? 1e-13), 1_000_000)
    case .mlFISTA:
      return try iterate(
        MultiLayerFISTA(problem, innerStep: step), .relativeChange(tolerance ?? 1e-13), 200_000)
    case .admm:
      return try iterate(ADMM(problem), .relativeChange(tolerance ?? 1e-10), 5_000)
    case .layeredBP:
      return try LayeredBasisPursuit(solver: exactSolver).solve(problem)
    default:
      return try exactSolver.solve(problem, clock: Self.clock)
    }
  }

  /// D⁽ᴸ⁾: of convolutional layers the product's filters where it has any, of matrices their product.
  private func effectiveDictionary(
    of model: MultiLayerModel<Double>
  ) -> any SparseDictionary<Double> {
    let product = model.effectiveDictionary(model.depth)
    guard model.layers.contains(where: { $0 is ConvolutionalDictionary<Double> }) else {
      return DenseDictionary<Double>(product)
    }
    return (try? model.effectiveConvolution(model.depth)) ?? product
  }

  private var exactSolver: ExactSolver {
    ExactSolver(tolerance: tolerance ?? 1e-10, limit: iterations ?? 200_000)
  }

  private func greedy(
    _ model: MultiLayerModel<Double>, _ signals: Tensor<Double>
  ) throws -> Outcome {
    guard signals.columns == model.signalDimension else {
      throw ModelError.signalDimension(expected: model.signalDimension, found: signals.columns)
    }
    for (i, (k, layer)) in zip(sparsity, model.layers).enumerated()
    where !(1...layer.atomCount).contains(k) {
      throw PursuitError.sparsity(asked: k, atoms: layer.atomCount, layer: i + 1)
    }
    if solver == .projection {
      let projection = try Projection(
        model, limits: sparsity,
        measures: [LayerSparsity](repeating: .cardinality, count: model.depth - 1),
        effective: effectiveDictionary(of: model))
      let results = try projection.project(signals)
      let deepest: Tensor<Double> = results.map(\.deepest).densified(model.deepestDimension)
      return Outcome(
        solution: PursuitSolution(
          codes: model.propagate(deepest), iterations: results.map(\.sparsity).max() ?? 0,
          stopped: .complete), objective: nil, reasons: [results.map(\.stopped)])
    }
    if solver == .holistic {
      let zeros = zip(model.layers, sparsity).map { $0.atomCount - $1 }.dropLast()
      let found = try HolisticPursuit(model).codes(
        signals, sparsity: sparsity[model.depth - 1], cosparsities: Array(zeros))
      let solution = PursuitSolution(
        codes: model.layers.indices.map { i in
          Tensor(
            shape: [signals.rows, model.layers[i].atomCount],
            elements: found.flatMap { $0.codes[i] })
        }, iterations: found.map(\.rounds).max() ?? 0, stopped: .complete)
      return Outcome(solution: solution, objective: nil)
    }
    var codes = [Tensor<Double>]()
    var steps = 0
    var reasons = [[StoppingReason]]()
    for (k, layer) in zip(sparsity, model.layers) {
      let found = try chosen(codes.last ?? signals, layer, k)
      steps += found.map(\.iterations).max() ?? 0
      codes.append(found.densified(layer.atomCount))
      reasons.append(found.map(\.stopped))
    }
    return Outcome(
      solution: PursuitSolution(codes: codes, iterations: steps, stopped: .complete),
      objective: nil, reasons: reasons)
  }

  /// Signals are solved in one unit, in which the squares of the smallest must be numbers.
  private func refuseMixedSizes(_ signals: Tensor<Double>) throws {
    let sizes = (0..<signals.rows).map { b in signals.row(b).reduce(0) { max($0, abs($1)) } }
      .filter { $0 > 0 }
    guard let largest = sizes.max(), let smallest = sizes.min(),
      Int(largest.exponent) - Int(smallest.exponent) > 400
    else { return }
    throw UsageError(
      "the largest signal is over 1e120 times the smallest; \(solver.rawValue) finds their codes "
        + "only apart, in two calls")
  }

  private func chosen(
    _ signals: Tensor<Double>, _ layer: any SparseDictionary<Double>, _ sparsity: Int
  ) throws -> [SparseCode<Double>] {
    if solver == .omp {
      return try OrthogonalMatchingPursuit<Double>(
        layer, sparsity: sparsity, formingGramFor: signals.rows
      ).codes(signals)
    }
    var pursuit = try SubspacePursuit<Double>(layer, sparsity: sparsity)
    pursuit.leastIndependence = SubspacePursuit<Double>.numericalDependence
    return try pursuit.codes(signals)
  }
}
