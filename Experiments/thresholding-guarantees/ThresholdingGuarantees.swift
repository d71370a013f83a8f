import ExperimentSuite
import MLCSCKit
import RealModule

/// S's guarantees of layered thresholding, layered basis pursuit and ML-ISTA put to the test.
///
/// Two-layer models of low coherence on a line, a plane and with [I H/√n] as D₁ (Models.swift). Codes
/// γ₂ have a few entries of like magnitude, anywhere for thresholding, close together for basis
/// pursuit, where the stripe norm is what the premise is about. Noise is white, or ±ε₀ times the atom
/// that endangers the support most. Thresholds and penalties are those of the theorems (the smallest
/// threshold that serves; λᵢ = 4ε_{i−1}), basis pursuit is solved to a certified gap. The slides leave
/// both open, and the constants of the ML-ISTA theorem too (see the library).
@main
struct ThresholdingGuarantees: Experiment {
  static let identity = ExperimentIdentity(
    name: "thresholding-guarantees",
    paper: "S: slides",
    figure: "stability of layered thresholding, of layered BP; convergence of ML-ISTA",
    title: "Support recovery and local errors of layered pursuits inside and outside guarantees",
    question: "Do S's guarantees hold wherever their premises do, and what happens outside?")

  struct Settings: Codable {
    /// Blocks for each family and noise level, or for each family and number of entries.
    var blocks: Int
    var drawsPerBlock: Int
    var lineSignal = 640
    var lineFilter = 127
    var delay = 18
    var planeSignal = 32
    var planeFilter = 11
    var hadamard = 256
    var flips: Int
    /// Magnitudes of γ₂ are uniform in [1, 1 + spread].
    var spread = 0.02
    /// Thresholding: ε₀ in units of the largest noise that the premise admits for one entry of γ₂.
    var noiseOverEdge = [0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.1, 1.5, 2, 3, 5, 10]
    /// Thresholding: entries of γ₂, in turn.
    var entries = [1, 2]
    /// Basis pursuit: entries of γ₂ close together, and ε₀ log-uniform.
    var crowded = [1, 2, 3, 4, 6, 9, 14, 20]
    /// Draws a block for one or two entries, where the premise of basis pursuit can hold.
    var pursuitDraws: Int
    var pursuitNoise = [1e-4, 1e-2]
    /// ML-ISTA: problems a cell, cells, dimensions, range of λ, C = μ‖D₁‖², iterates looked at.
    var biasProblems = 25
    var biasCells: Int
    var biasDimensions = [20, 28, 24]
    var biasPenalties = [0.01, 0.2]
    var biasScales = [1, 0.1, 0.01, 0.001]
    var biasIterations = [1, 10, 100, 1_000]
  }

  static func rules(for settings: Settings) -> [SettingRule] {
    [
      .range("pursuitNoise", settings.pursuitNoise, from: 1e-300),
      .range("biasPenalties", settings.biasPenalties, from: 0),
      .entries("biasDimensions", settings.biasDimensions, 3, "n, m1, m2"),
      .distinct("noiseOverEdge", settings.noiseOverEdge), .distinct("crowded", settings.crowded),
      .distinct("biasScales", settings.biasScales),
      .distinct("biasIterations", settings.biasIterations),
    ]
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke:
      Settings(blocks: 1, drawsPerBlock: 10, flips: 5_000, pursuitDraws: 10, biasCells: 2)
    case .quick:
      Settings(blocks: 6, drawsPerBlock: 80, flips: 60_000, pursuitDraws: 260, biasCells: 100)
    case .standard, .paper:
      Settings(blocks: 100, drawsPerBlock: 80, flips: 60_000, pursuitDraws: 260, biasCells: 1_000)
    }
  }

  struct Inputs: Sendable { let models: [ModelUnderTest] }

  static func prepare(_ settings: Settings, _ resources: RunResources) throws -> Inputs {
    Inputs(models: try ModelUnderTest.all(settings))
  }

  /// Draws of one family at one noise level or crowding, or problems for ML-ISTA.
  struct Cell: ExperimentCell {
    let method: String
    let family: String
    /// Index of the noise level or of the number of entries.
    let step: Int
    let block: Int
    var id: String { "\(method)-\(family)-\(step)-\(block)" }
  }

  static func cells(_ settings: Settings, _ inputs: Inputs) -> [Cell] {
    func cells(_ method: String, _ steps: Int) -> [Cell] {
      inputs.models.flatMap { model in
        (0..<steps).flatMap { step in
          (0..<settings.blocks).map {
            Cell(method: method, family: model.name, step: step, block: $0)
          }
        }
      }
    }
    return cells("thresholding", settings.noiseOverEdge.count)
      + cells("basis pursuit", settings.crowded.count)
      + (0..<settings.biasCells).map {
        Cell(method: "ml-ista", family: "gaussian", step: 0, block: $0)
      }
  }

  /// Draws of one cell that agree in all keys.
  struct Row: Codable {
    var method = ""
    var family = ""
    var layer = 0
    /// Noise over edge; the stripe norm; the inner step C.
    var place = 0.0
    /// Iterations, for ML-ISTA.
    var iteration = 0
    /// Supports as the theorem promises, of all draws.
    var supports = 0
    /// Local errors; for ML-ISTA gaps relative to the optimum.
    var tally = GuaranteeTally()
    /// µ(Dᵢ), and the largest noise that thresholding's premise admits for one entry.
    var coherence = 0.0
    var edge = 0.0

    /// Adds one draw.
    mutating func add(_ guarantee: Guarantee, error: Double, isSupported: Bool, unit: Double = 1) {
      supports += isSupported ? 1 : 0
      tally.add(guarantee, error: error, unit: unit, isPromised: isSupported)
    }
  }

  static func measure(
    _ cell: Cell, _ settings: Settings, _ inputs: Inputs, _ context: CellContext
  ) throws -> [Row] {
    try context.checkInterruption()
    var stream = context.stream
    guard let model = inputs.models.first(where: { $0.name == cell.family }) else {
      return try StepBias.rows(settings, from: &stream)
    }
    return cell.method == "thresholding"
      ? try thresholding(cell, settings, model, &stream)
      : try basisPursuit(cell, settings, model, &stream)
  }

  private static let noises = ModelUnderTest.LocalNoise.allCases

  private static func thresholding(
    _ cell: Cell, _ settings: Settings, _ model: ModelUnderTest, _ stream: inout RandomStream
  ) throws -> [Row] {
    let ratio = settings.noiseOverEdge[cell.step]
    let edge = try model.thresholdingEdge(spread: settings.spread)
    var rows = model.emptyRows(cell.method, place: ratio, edge: edge)
    for draw in 0..<settings.drawsPerBlock {
      let entries = settings.entries[draw % settings.entries.count]
      let truth = try model.localDraw(
        entries: entries, spread: settings.spread, isCrowded: false, from: &stream)
      let signal = model.noisySignal(
        of: truth, localNorm: ratio * edge, noises[draw / 2 % noises.count], from: &stream)
      let layers = ThresholdingStability.layers(
        noise: model.localNoise(signal, of: truth), truth.profiles)
      let found = try LayeredThresholding(
        model: MultiLayerModel(model.layers), thresholds: layers.map(\.threshold)
      ).solve(signal).codes.map(\.elements)
      for i in layers.indices {
        let isExact =
          SparsityMeasures.support(found[i])
          == SparsityMeasures.support(
            truth.codes[i], threshold: 1e-12)
        rows[i].add(
          layers[i].guarantee, error: model.localError(found[i], truth.codes[i], layer: i),
          isSupported: isExact)
      }
    }
    return rows
  }

  private static func basisPursuit(
    _ cell: Cell, _ settings: Settings, _ model: ModelUnderTest, _ stream: inout RandomStream
  ) throws -> [Row] {
    let range = settings.pursuitNoise
    var truths = [ModelUnderTest.LocalDraw]()
    var signals = [Double]()
    var layers = [[BasisPursuitStability.Layer]]()
    let entries = settings.crowded[cell.step]
    for draw in 0..<(entries <= 2 ? settings.pursuitDraws : settings.drawsPerBlock) {
      let truth = try model.localDraw(entries: entries, spread: 1, isCrowded: true, from: &stream)
      let ε = range[0] * Double.pow(range[1] / range[0], stream.uniform())
      let signal = model.noisySignal(
        of: truth, localNorm: ε, noises[draw % noises.count], from: &stream)
      layers.append(
        BasisPursuitStability.layers(noise: model.localNoise(signal, of: truth), truth.profiles))
      truths.append(truth)
      signals += signal.elements
    }
    var current = Tensor(shape: [truths.count, signals.count / truths.count], elements: signals)
    var rows = [String: Row]()
    for (i, dictionary) in model.layers.enumerated() {
      current = try WorkingSetBasisPursuit(dictionary)
        .codes(current, penalties: layers.map { $0[i].penalty }).densified(dictionary.atomCount)
      for (b, truth) in truths.enumerated() {
        let found = current.row(b)
        let support = Set(SparsityMeasures.support(truth.codes[i], threshold: 1e-12))
        let stripe = truth.profiles[i].stripe
        let key = "\(i)/" + String(1_000 + stripe)
        var row =
          rows[key] ?? model.emptyRows(cell.method, place: Double(stripe), edge: 0)[i]
        row.add(
          layers[b][i].guarantee, error: model.localError(found, truth.codes[i], layer: i),
          isSupported: support.isSuperset(of: SparsityMeasures.support(found)))
        rows[key] = row
      }
    }
    return rows.sorted { $0.key < $1.key }.map(\.value)
  }
}
