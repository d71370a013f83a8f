import ExperimentSuite
import MLCSCKit

/// How many dimensions of a signal ML-CSC and MSD-CSC do not reconstruct during training: R, Figure 4.
///
/// Definition 1 calls dimension j of a signal x failed where |ξ_j − x_j| > 2β, ξ = DΓ, β = b·L. R says
/// neither how one β comes from the biases of a layer, nor what Γ is (the network's features, or the
/// optimum of the LASSO in whose name the definition speaks), nor which F stands beside the identity.
/// Every answer is a reading (`CodingRule`, `PenaltyReading`, `CodingModel`); all are measured.
///
/// L is λ_max(DᵀD) (erratum 5), so that L of MSD-CSC is that of ML-CSC + 1; R's 2λ_max is one of the
/// readings. Signals have no layout, so the layers are dense. "The bias term of MSD-CSC has been updated
/// to ensure that it has the same regularization parameter": b ← b L_ML/L_MSD when its features are
/// computed.
@main
struct Failures: Experiment {
  static let identity = ExperimentIdentity(
    name: "msdcsc-fig4-failures",
    paper: "R: Residual and dilated dense networks via CSC",
    figure: "Fig. 4, Definition 1",
    title: "Unsuccessfully reconstructed dimensions during training, ML-CSC against MSD-CSC",
    question: "Does the identity in the dictionary bring the number of dimensions that a trained "
      + "network does not reconstruct to zero, and in which reading of Definition 1?",
    version: 3)

  struct Settings: Codable {
    var dimension = 100  // Sec. V-B
    var classes = 100  // Sec. V-B
    var trainingPoints = 10_000  // Sec. V-B
    var testPoints = 2_000  // Sec. V-B
    /// Units of the hidden layers: R has two, how wide is ours.
    var widths = [200, 200]
    /// How the class centres are drawn: standard normal, or uniform in [0, 1).
    var centres = ["gaussian", "uniform"]
    /// σ of the noise around a centre (ours).
    var noise = 0.3
    var seeds: Int
    var batchSize = 100
    var learningRate = 1e-3
    /// The iterations (mini-batches) after which dimensions are counted.
    var iterations: [Int]
    /// The test points that are coded.
    var codedPoints: Int
    /// The relative duality gap of every LASSO.
    var certifiedGap = 1e-9
    /// The smallest penalty of a unit over the mean one, where each unit has its own.
    var leastWeight = 0.1
    /// By how much a deviation may exceed β where β is the bound: the optimum reaches β exactly.
    var edgeSlack = 1e-3
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke:
      Settings(
        dimension: 30, classes: 20, trainingPoints: 1_000, testPoints: 200, widths: [60, 60],
        seeds: 1, iterations: [0, 10, 100], codedPoints: 10)
    case .quick:
      Settings(
        seeds: 3, iterations: [0, 1, 3, 10, 30, 100, 300, 1_000, 2_000, 5_000, 10_000],
        codedPoints: 20)
    case .standard, .paper:
      Settings(
        seeds: 20,
        iterations: [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000],
        codedPoints: 500)
    }
  }

  static func rules(for settings: Settings) -> [SettingRule] {
    [
      .entries("widths", settings.widths, 2, "units of the hidden layers"),
      .distinct("centres", settings.centres),
      SettingRule(
        "iterations", "begin with 0, rise and have two entries at least",
        settings.iterations.first == 0 && settings.iterations.count >= 2
          && zip(settings.iterations, settings.iterations.dropFirst()).allSatisfy { $0 < $1 }),
      SettingRule(
        "centres", "be gaussian, uniform or both",
        settings.centres.allSatisfy { ["gaussian", "uniform"].contains($0) }),
      SettingRule(
        "codedPoints", "be at most testPoints", settings.codedPoints <= settings.testPoints),
    ]
  }

  struct Cell: ExperimentCell {
    let centres: String
    let seed: Int
    var id: String { "\(centres)-\(seed)" }
  }

  struct Row: Codable {
    var counts = [CountRow]()
    var networks = [NetworkRow]()
  }

  static func cells(_ settings: Settings, _ inputs: NoInputs) -> [Cell] {
    settings.centres.flatMap { centres in
      (0..<settings.seeds).map { Cell(centres: centres, seed: $0) }
    }
  }

  static func measure(
    _ cell: Cell, _ settings: Settings, _ inputs: NoInputs, _ context: CellContext
  ) throws -> [Row] {
    var stream = context.stream
    let data = PointClasses(
      dimension: settings.dimension, classes: settings.classes,
      centres: PointClasses.Centres(rawValue: cell.centres) ?? .gaussian, noise: settings.noise,
      trainingPoints: settings.trainingPoints, testPoints: settings.testPoints, from: &stream)
    var networks = NetworkPair(settings, from: &stream)
    let signals = data.test.converted(to: Double.self)
      .gathering(rows: Array(0..<min(settings.codedPoints, settings.testPoints)))
    let start = try networks.snapshot(after: 0)
    var row = Row()
    let last = settings.iterations.last ?? 0
    for iteration in settings.iterations {
      try context.checkInterruption()
      context.progress(Double(iteration) / Double(max(last, 1)), "iteration \(iteration)")
      networks.train(on: data, until: iteration, settings)
      let now = try networks.snapshot(after: iteration)
      let readings = iteration == last ? PenaltyReading.allCases : [.mean]
      let counter = FailureCounter(
        settings: settings, signals: signals, start: start, now: now)
      for reading in readings { row.counts += try counter.rows(reading) }
      row.networks += networks.rows(on: data, after: iteration)
    }
    return [row]
  }

  static func scale(_ settings: Settings) -> [String] {
    [
      "\(settings.seeds) seeds", "\(Wording.count(settings.iterations.last ?? 0)) iterations",
      "\(settings.codedPoints) test points",
    ]
  }

  static func tables(
    _ settings: Settings, _ results: [CellResult<Cell, Row>]
  ) throws -> [Table] {
    try FailureTables(settings: settings, results: results).tables()
  }
}
