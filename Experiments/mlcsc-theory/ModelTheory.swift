import Algorithms
import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// D's statements on the model itself: sampling from it, and alternatives for its pursuit.
///
/// A signal is sampled by drawing its deepest code: γ_L with k entries anywhere, γ_{i−1} = Dᵢγᵢ. On the
/// learned model of digits it is counted how many draws satisfy all constraints, beside digits that are
/// projected on it and a model of random filters (SampleRow.swift). On a model with a guarantee OMP,
/// subspace pursuit, basis pursuit and iterative hard thresholding on D⁽ᴸ⁾ look for the codes of the
/// same noisy signals (PursuitRow.swift), and so do both layered pursuits (LayeredRow.swift).
@main
struct ModelTheory: Experiment {
  static let identity = ExperimentIdentity(
    name: "mlcsc-theory",
    paper: "D: Multi-layer convolutional sparse modeling, abstract; P, S",
    figure: "statements on sampling and on pursuits; P Sec. 3.2",
    title: "Signals sampled from the model, and pursuits of the same codes",
    question: "Do drawn signals meet the model's constraints, and which pursuit finds their codes?",
    dataSets: ["mnist"])

  struct Settings: Codable {
    /// Blocks of draws for each number of entries.
    var blocks: Int
    var drawsPerBlock: Int
    /// The line of projection-bounds: two filters of low coherence, then a rotation with delays.
    var lineSignal = 450
    var lineFilter = 63
    var lineAngle = 0.129
    var lineDelays = [18, 11]
    var flips = 20_000
    /// Entries of γ₂, anywhere.
    var entries = [1, 2, 4, 8, 16, 24, 32, 48, 64, 96]
    /// ‖v‖/‖x‖.
    var noise = 0.02
    /// Basis pursuit: penalties over the largest |dᵀy|, from which the first with k entries is taken.
    var penalties = [0.6, 0.4, 0.25, 0.15, 0.1, 0.06, 0.04, 0.025, 0.015, 0.01]
    /// Layered pursuits: thresholds and penalties over the largest |dᵀγ̂| of a signal and layer.
    var layeredShares = [0.01, 0.02, 0.04, 0.08, 0.15, 0.25, 0.4, 0.6]
    /// Sampling: entries of γ₃, draws of each, pictures, and whose model.
    var sampledEntries = [1, 2, 4, 6, 8, 10]
    var samples: Int
    var shownEntries = 6
    var pictures = 8
    var fullScale = false
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke: Settings(blocks: 2, drawsPerBlock: 5, entries: [1, 4, 24], samples: 20)
    case .quick: Settings(blocks: 6, drawsPerBlock: 14, samples: 200)
    case .standard, .paper:
      Settings(blocks: 50, drawsPerBlock: 40, samples: 2_000, fullScale: true)
    }
  }

  struct Inputs: Sendable {
    let digits: DigitModel
    let line: ModelUnderTest
  }

  static func prepare(_ settings: Settings, _ resources: RunResources) throws -> Inputs {
    let inputs = Inputs(
      digits: try DigitModel(fullScale: settings.fullScale, resources),
      line: try PursuitRow.model(settings))
    for (name, entries, atoms) in [
      ("entries", settings.entries, inputs.line.layers[inputs.line.depth - 1].atomCount),
      ("sampledEntries", settings.sampledEntries, inputs.digits.model.deepestDimension),
    ] where !entries.allSatisfy({ $0 <= atoms }) {
      throw SettingsError.broken(
        name: name, requirement: "be at most \(atoms), the number of deepest atoms")
    }
    return inputs
  }

  static func fingerprint(of inputs: Inputs) -> String { inputs.digits.fingerprint }

  /// A block of draws of so many entries, for the pursuits or for sampling.
  struct Cell: ExperimentCell {
    let part: Part
    let entries: Int
    let block: Int
    var id: String { "\(part.rawValue)-\(entries)-\(block)" }

    enum Part: String, Codable { case pursuits, samples }
  }

  static func rules(for settings: Settings) -> [SettingRule] {
    [
      .entries("lineDelays", settings.lineDelays, 2, "of the two atoms of D2"),
      SettingRule("lineFilter", "be at least 3", settings.lineFilter >= 3),
      .distinct("entries", settings.entries), .distinct("penalties", settings.penalties),
      .distinct("layeredShares", settings.layeredShares),
      .distinct("sampledEntries", settings.sampledEntries),
    ]
  }

  static func cells(_ settings: Settings, _ inputs: Inputs) -> [Cell] {
    product(settings.entries, 0..<settings.blocks).map {
      Cell(part: .pursuits, entries: $0, block: $1)
    } + settings.sampledEntries.map { Cell(part: .samples, entries: $0, block: 0) }
  }

  struct Row: Codable {
    var pursuits = [PursuitRow]()
    var layered: LayeredRow?
    var samples = [SampleRow]()
    var pictures = [[Double]]()
  }

  static func measure(
    _ cell: Cell, _ settings: Settings, _ inputs: Inputs, _ context: CellContext
  ) throws -> [Row] {
    try context.checkInterruption()
    var stream = context.stream
    switch cell.part {
    case .pursuits:
      let model = inputs.line
      let draws = try model.draws(
        settings.drawsPerBlock, cardinality: cell.entries, withinSpan: false,
        noise: [settings.noise, settings.noise], from: &stream)
      return [
        Row(
          pursuits: try PursuitRow.rows(cell, settings, model, draws),
          layered: try LayeredRow(cell, settings, model, draws))
      ]
    case .samples:
      return try SampleKind.allCases.map {
        let found = try SampleRow.rows($0, cell.entries, settings, inputs.digits, from: &stream)
        return Row(samples: found.rows, pictures: found.pictures)
      }
    }
  }

  static func scale(_ settings: Settings) -> [String] {
    [
      "\(settings.blocks * settings.drawsPerBlock) draws for each number of entries",
      "\(settings.samples) samples of each cardinality",
      settings.fullScale ? "the paper’s model of digits" : "the small model of digits",
    ]
  }

  static func tables(_ settings: Settings, _ results: [CellResult<Cell, Row>]) throws -> [Table] {
    let rows = results.flatMap(\.rows)
    let tiles = rows.flatMap(\.pictures).map { Mosaic.Tile(group: 0, size: 28, pixels: $0) }
    return try [
      Table("pursuits", PursuitSummary.rows(rows.flatMap(\.pursuits))),
      Table("layered", LayeredSummary.rows(rows.compactMap(\.layered))),
      Table("samples", SampleSummary.rows(rows.flatMap(\.samples))),
    ] + Mosaic.tables("pictures", tiles, perRow: settings.pictures)
  }

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    try PursuitSummary.claims(tables.rows("pursuits"))
      + [LayeredSummary.claim(tables.rows("layered"))]
      + SampleSummary.claims(tables.rows("samples"))
  }
}
