import Algorithms
import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// Statements of B and R on networks that small ones decide: gradients, ρ, codes and times.
///
/// Gradients of B's networks against the unfoldings at their start (GradientRow.swift); trainings with ρ
/// fixed and rising (RelaxationRow.swift); zeros and distances from the optimum, layer by layer, in plain
/// networks before and after training (LayerRow.swift); times of training steps (TimeRow.swift). The
/// cell that measures times runs alone.
@main
struct NetworkTheory: Experiment {
  static let identity = ExperimentIdentity(
    name: "network-theory",
    paper: "B: On multi-layer basis pursuit; R: Residual and dilated dense networks via CSC",
    figure: "B Sec. 4, Suppl. B; R Sec. IV, VI, VII",
    title: "Gradients, the schedule of ρ, codes by layer and times of unfolded networks",
    question: "Which of B's and R's remarks on their networks hold for small ones?",
    dataSets: ["mnist", "cifar10"])

  static func measuresTime(_ cell: Cell) -> Bool { cell.part == .times }

  struct Settings: Codable {
    var seeds: Int
    /// Gradients: seeds, filters of B's three layers, images of the batch, unfoldings from 0 on.
    var gradientSeeds: Int
    var digitFilters = [16, 32, 128]
    var gradientImages = 50
    var unfoldings = 6
    /// Deviations of the first filters times √fan-in: the code of 3 July, and the later code.
    var initialScales = [1, 0.1]
    /// ρ: images, epochs, unfoldings, and the plan of mlbp-fig3-mnist-unfolding at quick.
    var relaxationImages: Int
    var relaxationTests: Int
    var relaxationEpochs: Int
    var relaxationUnfoldings = 4
    var relaxationRate = 1e-3
    /// Codes: filters of a plain network of six layers, images, epochs, rate, images looked at.
    var plainFilters = [32, 32, 64, 64, 128, 128]
    var plainImages: Int
    var plainEpochs: Int
    var plainRate = 1e-3
    var codedImages: Int
    /// Iterations of each layer's own FISTA that stand for its optimum.
    var optimumIterations: Int
    var batchSize = 50
    /// Times: images a step, side of the images, rounds, and rounds before them.
    var timedImages: Int
    var timedSide = 32
    var rounds: Int
    var warmUpRounds = 2
    var residualDepth: Int
    var denseDepth = 6
    var denseWidth: Int
    var sixFilters: [Int]
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke:
      Settings(
        seeds: 2, gradientSeeds: 2, digitFilters: [4, 8, 16], unfoldings: 3, relaxationImages: 100,
        relaxationTests: 50, relaxationEpochs: 2, plainFilters: [8, 8, 8, 8, 8, 8],
        plainImages: 100, plainEpochs: 1, codedImages: 10, optimumIterations: 20, timedImages: 2,
        rounds: 3, residualDepth: 8, denseWidth: 8, sixFilters: [8, 8, 16, 16, 32, 32])
    case .quick:
      Settings(
        seeds: 4, gradientSeeds: 10, relaxationImages: 1_000, relaxationTests: 200,
        relaxationEpochs: 4,
        plainImages: 600, plainEpochs: 4, codedImages: 30, optimumIterations: 100,
        timedImages: 16, rounds: 8, residualDepth: 20, denseWidth: 32,
        sixFilters: [32, 64, 128, 256, 512, 512])
    case .standard, .paper:
      Settings(
        seeds: 10, gradientSeeds: 20, digitFilters: [64, 128, 512], relaxationImages: 10_000,
        relaxationTests: 5_000,
        relaxationEpochs: 10, plainImages: 4_000, plainEpochs: 20, codedImages: 200,
        optimumIterations: 1_000, timedImages: 64, rounds: 30, residualDepth: 56, denseWidth: 32,
        sixFilters: [32, 64, 128, 256, 512, 512])
    }
  }

  static func prepare(
    _ settings: Settings, _ resources: RunResources
  ) throws -> [ImageSource: ImageSet] {
    try ImageSource.load([.embeddedMNIST, .smallEmbeddedCIFAR10], resources)
  }

  static func fingerprint(of inputs: [ImageSource: ImageSet]) -> String {
    inputs.values.map(\.fingerprint).sorted().joined(separator: " ")
  }

  enum Part: String, Codable, CaseIterable { case gradients, relaxation, layers, times }

  struct Cell: ExperimentCell {
    let part: Part
    let seed: Int
    var id: String { "\(part.rawValue)-\(seed)" }
  }

  static func rules(for settings: Settings) -> [SettingRule] {
    [
      .entries("digitFilters", settings.digitFilters, 3, "one for each layer"),
      .entries("plainFilters", settings.plainFilters, 6, "one for each layer"),
      .entries("sixFilters", settings.sixFilters, 6, "one for each layer"),
      .distinct("initialScales", settings.initialScales),
      SettingRule(
        "gradientImages", "be at least 10, one of each class", settings.gradientImages >= 10),
    ]
  }

  static func cells(_ settings: Settings, _ inputs: [ImageSource: ImageSet]) -> [Cell] {
    (1...settings.gradientSeeds).map { Cell(part: .gradients, seed: $0) }
      + product([.relaxation, .layers], 1...settings.seeds).map { Cell(part: $0, seed: $1) }
      + [Cell(part: .times, seed: 1)]
  }

  struct Row: Codable {
    var gradients = [GradientRow]()
    var relaxation = [RelaxationRow]()
    var layers = [LayerRow]()
    var times = [TimeRow]()
  }

  static func measure(
    _ cell: Cell, _ settings: Settings, _ inputs: [ImageSource: ImageSet], _ context: CellContext
  ) throws -> [Row] {
    func images(_ source: ImageSource) throws -> ImageSet {
      guard let set = inputs[source] else {
        throw DataMissing("the images \(source.rawValue)", remedy: "mlcsc data status")
      }
      return set
    }
    var row = Row()
    switch cell.part {
    case .gradients:
      row.gradients = try GradientRow.rows(cell.seed, settings, images(.embeddedMNIST), context)
    case .relaxation:
      row.relaxation = try RelaxationRow.rows(cell.seed, settings, images(.embeddedMNIST), context)
    case .layers:
      row.layers = try LayerRow.rows(
        cell.seed, settings, images(.smallEmbeddedCIFAR10), context)
    case .times: row.times = try TimeRow.rows(settings, context)
    }
    return [row]
  }

  static func scale(_ settings: Settings) -> [String] {
    [
      "\(settings.seeds) seeds", "\(Wording.count(settings.relaxationImages)) digits",
      "\(Wording.count(settings.plainImages)) photographs of 16×16 pixels",
      "\(settings.rounds) rounds of training steps",
    ]
  }

  static func tables(_ settings: Settings, _ results: [CellResult<Cell, Row>]) throws -> [Table] {
    let rows = results.flatMap(\.rows)
    return try [
      Table("gradients", rows.flatMap(\.gradients)),
      Table("gradient_means", GradientSummary.rows(rows.flatMap(\.gradients))),
      Table("relaxation", rows.flatMap(\.relaxation)),
      Table("relaxation_means", RelaxationSummary.rows(rows.flatMap(\.relaxation))),
      Table("layers", rows.flatMap(\.layers)),
      Table("layer_means", LayerSummary.rows(rows.flatMap(\.layers))),
      Table("times", rows.flatMap(\.times)),
    ]
  }

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    try GradientRow.claims(tables.rows("gradients"))
      + RelaxationRow.claims(tables.rows("relaxation"))
      + LayerRow.claims(tables.rows("layers")) + TimeRow.claims(tables.rows("times"))
  }
}
