import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// Why an unfolding of MSD-CSC costs accuracy: one thing of R's network or training changed at a time.
///
/// R's Table III and Fig. 8 say that unfoldings help; as `msdcsc-fig8-curves` reads the text they do
/// not. Every reading here changes one thing of that network for all unfoldings alike; images, epochs,
/// schedule and first filters stay (but for the public code's start, which is another one). A cause is
/// a change that takes the loss away.
@main
struct UnfoldingCost: Experiment {
  static let identity = ExperimentIdentity(
    name: "msdcsc-unfolding-cost",
    paper: "R: Residual and dilated dense networks via CSC",
    figure: "Table III, Fig. 8: interventions",
    title: "What an unfolding costs MSD-CSC when one thing of network or training is changed",
    question: "Which reading of R's Algorithm 2 takes away the loss of accuracy by unfolding?",
    dataSets: ["cifar10"])

  struct Settings: Codable {
    var source = ImageSource.smallEmbeddedCIFAR10
    var readings = Reading.allCases
    /// d.
    var depth = 6
    /// w.
    var width = 32
    var unfoldings = [0, 1]
    var seeds: Int
    /// As many of each class; 0: all of the source.
    var trainingImages: Int
    var testImages = 0
    var epochs: Int
    var batchSize: Int
    /// η at the top of one cycle, as at quick in `msdcsc-fig8-curves`; of the public code's start 0.01.
    var learningRate = 0.05
    var publicCodeRate = 0.01
    /// What the lower rate is a share of.
    var lowerRateFactor = 0.2
    var weightDecay = 1e-4
    /// ‖F‖ of a layer at the start.
    var initialNorm = 0.5
    var lastEpochs = 1
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke:
      Settings(
        depth: 3, width: 8, seeds: 2, trainingImages: 80, testImages: 50, epochs: 2, batchSize: 20)
    case .quick: Settings(seeds: 3, trainingImages: 100, testImages: 100, epochs: 2, batchSize: 50)
    case .standard: Settings(seeds: 3, trainingImages: 0, epochs: 8, batchSize: 50)
    case .paper:
      Settings(unfoldings: [0, 1, 2], seeds: 5, trainingImages: 0, epochs: 30, batchSize: 50)
    }
  }

  static func scale(_ settings: Settings) -> [String] {
    [
      settings.source.title,
      Wording.count(
        settings.trainingImages == 0
          ? settings.source.trainingImageCount : settings.trainingImages) + " images",
      "\(settings.epochs) epochs", "\(settings.seeds) seeds",
    ]
  }

  static func prepare(
    _ settings: Settings, _ resources: RunResources
  ) throws -> [ImageSource: ImageSet] {
    try ImageSource.load([settings.source], resources)
  }

  static func cells(
    _ settings: Settings, _ inputs: [ImageSource: ImageSet]
  ) -> [TrainingRun<DenseArchitecture>] {
    (1...settings.seeds).flatMap { seed in
      settings.readings.flatMap { reading in
        settings.unfoldings.reversed().map { run(reading, unfoldings: $0, seed: seed, settings) }
      }
    }
  }

  private static func run(
    _ reading: Reading, unfoldings: Int, seed: Int, _ settings: Settings
  ) -> TrainingRun<DenseArchitecture> {
    let isPublic = reading == .publicStart
    let norm = settings.initialNorm
    let architecture = DenseArchitecture(
      DenseModel(.mixedScale, settings.depth, unfoldings), width: settings.width,
      initialNorm: norm, initialStep: isPublic ? 1 : 1 / (1 + norm * norm),
      layers: .sixLayers(.multiLayerISTA, unfoldings: 0), reading: reading.layers)
    let rate =
      switch reading {
      case .publicStart: settings.publicCodeRate
      case .lowerRate: settings.lowerRateFactor * settings.learningRate
      default: settings.learningRate
      }
    return TrainingRun(
      data: settings.source,
      trainingImages: settings.trainingImages == 0 ? nil : settings.trainingImages,
      testImages: settings.testImages == 0 ? nil : settings.testImages,
      architecture: architecture,
      plan: TrainingPlan(
        batchSize: settings.batchSize, epochs: settings.epochs,
        optimizer: .descent(
          momentum: 0.9, nesterov: false, weightDecay: isPublic ? 0 : settings.weightDecay),
        learningRate: rate, schedule: .oneCycle(start: 0.1, rise: 0.3, end: 0.001),
        normalization: .photographs,
        decaysWeightsAlone: reading == .noDecay ? true : nil),
      seed: seed)
  }

  static func tables(
    _ settings: Settings, _ results: [CellResult<TrainingRun<DenseArchitecture>, EpochRecord>]
  ) throws -> [Table] {
    let trainings = NetworkTrainings<ReadingKey>(results, lastEpochs: settings.lastEpochs) { cell in
      let unfoldings = cell.architecture.model.unfoldings
      return settings.readings.first {
        run($0, unfoldings: unfoldings, seed: cell.seed, settings).id == cell.id
      }.map { ReadingKey($0, unfoldings: unfoldings) }
    }
    return try [Table("curves", trainings.curves)] + trainings.tables(contrasts(settings))
  }

  /// What the unfoldings cost under each reading, and how much less than under the text.
  private static func contrasts(_ settings: Settings) -> [NetworkContrast<ReadingKey>] {
    let (least, most) = (settings.unfoldings.min() ?? 0, settings.unfoldings.max() ?? 1)
    return settings.readings.flatMap { reading -> [NetworkContrast<ReadingKey>] in
      let (without, with) = (
        ReadingKey(reading, unfoldings: least), ReadingKey(reading, unfoldings: most)
      )
      let own = NetworkContrast<ReadingKey>("cost-\(reading.rawValue)", of: without, minus: with)
      let loss = NetworkContrast<ReadingKey>(
        "loss-\(reading.rawValue)", .trainingLoss, of: with, minus: without)
      guard reading != .text else { return [own, loss] }
      return [
        own, loss,
        .init(
          "relief-\(reading.rawValue)", .testAccuracy, "what unfoldings cost under the text",
          [
            (1, ReadingKey(.text, unfoldings: least)), (-1, ReadingKey(.text, unfoldings: most)),
          ],
          minus: "under \(reading.words)", [(1, without), (-1, with)], unit: "points"),
      ]
    }
  }

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    let claims = try NetworkClaims<ReadingKey>(tables)
    func reading(_ row: ContrastRow, _ prefix: String) -> Reading? {
      Reading(rawValue: String(row.id.dropFirst(prefix.count)))
    }
    let costs = claims.comparisons(like: "cost-").compactMap { row in
      reading(row, "cost-").map {
        claims.claim(
          row.id, decides: [], "Unfolding lowers the accuracy of MSD-CSC (\($0.words))",
          source: "ours, beside R Table III")
      }
    }
    let reliefs = claims.comparisons(like: "relief-").compactMap { row in
      reading(row, "relief-").map {
        claims.claim(
          row.id, decides: [],
          "\($0.words.prefix(1).uppercased() + $0.words.dropFirst()): it takes "
            + "away a part of what unfolding costs under the text", source: "ours")
      }
    }
    return costs + reliefs
  }
}
