import Algorithms
import ExperimentSuite
import MLCSCKit

/// How ρ runs in a training of B's network.
enum Relaxation: String, Codable, CaseIterable, ValueConvertible {
  /// B's sigmoid from 0 to 1, over the epochs that there are.
  case schedule = "from 0 to 1"
  /// The model is enforced from the first step on.
  case enforced = "1 throughout"
  /// It never is.
  case ignored = "0 throughout"

  /// The schedule; nil for ρ = 1.
  func schedule(epochs: Int) -> ConsistencySchedule? {
    switch self {
    case .schedule: ConsistencySchedule(limit: 1, steepness: 20 / Double(epochs))
    case .enforced: nil
    case .ignored: ConsistencySchedule(limit: 0)
    }
  }
}

/// An epoch of a training with one ρ: the same first weights, digits and order for all.
struct RelaxationRow: MeasuredRow {
  @Field("seed", .key) var seed = 0
  @Field("rho", .key) var rho = Relaxation.schedule
  @Field("epoch", .key) var epoch = 0
  @Field("rho_of_epoch", .exact) var consistency = 0.0
  @Field("training_loss", .note) var loss = 0.0
  @Field("test_error_percent", .note) var error = 0.0

  static func rows(
    _ seed: Int, _ settings: NetworkTheory.Settings, _ digits: ImageSet, _ context: CellContext
  ) throws -> [RelaxationRow] {
    try Relaxation.allCases.flatMap { rho -> [RelaxationRow] in
      let shape = UnfoldedArchitecture.document(
        signalSize: 28, filters: settings.digitFilters, .multiLayerISTA,
        unfoldings: settings.relaxationUnfoldings)
      var small = shape
      small.initialScale = settings.initialScales.min() ?? 1
      let epochs = settings.relaxationEpochs
      let network = try UnfoldedNetwork<Float>(
        small, channels: 1, size: .square(28), classes: digits.classes,
        stream: RandomStream(NetworkTheory.identity.name, "network", "\(context.seed)", "\(seed)"))
      let trainer = try Trainer(
        network,
        plan: TrainingPlan(
          batchSize: settings.batchSize, epochs: epochs, optimizer: .adam(epsilon: 1e-4),
          learningRate: settings.relaxationRate, consistency: rho.schedule(epochs: epochs)),
        training: digits.training,
        indices: digits.training.balanced(settings.relaxationImages, classes: digits.classes),
        test: digits.test,
        testIndices: digits.test.balanced(settings.relaxationTests, classes: digits.classes),
        seed: "\(context.seed) \(seed)")
      var surroundings = TrainingSurroundings()
      surroundings.checkInterruption = context.checkInterruption
      return try trainer.train(surroundings).map { record in
        RelaxationRow(
          seed: seed, rho: rho, epoch: record.epoch, consistency: record.consistency,
          loss: record.trainingLoss, error: 100 * (1 - record.testAccuracy))
      }
    }
  }

  static func claims(_ rows: [RelaxationRow]) -> [ClaimTest] {
    let epochs = rows.map(\.epoch).max() ?? 1
    /// The mean loss of each seed over some epochs.
    func losses(_ rho: Relaxation, _ some: ClosedRange<Int>) -> [Double] {
      rows.filter { $0.rho == rho && some.contains($0.epoch) }.grouped(by: \.seed)
        .sorted { $0.key < $1.key }.map { Statistics.mean($0.value.map(\.loss)) }
    }
    func claim(_ id: String, _ sentence: String, _ some: ClosedRange<Int>) -> ClaimTest {
      ClaimTest(
        id, decides: ["B24"], sentence, source: "B Sec. 4, Suppl. B",
        .difference(of: "training loss", "ρ = 1", minus: "ρ from 0 to 1", unit: ""),
        .mean(zip(losses(.enforced, some), losses(.schedule, some)).map(-), of: "seeds"),
        details: Relaxation.allCases.compactMap { rho in
          let values = losses(rho, some)
          return values.isEmpty ? nil : Detail("ρ \(rho.rawValue)", Statistics.mean(values))
        }, holdsWhen: .above(0))
    }
    return [
      claim(
        "rho-eases-the-first-epochs",
        "Training is easier in the first epochs with ρ going from 0 to 1 than with ρ = 1",
        1...max(epochs / 2, 1)),
      claim(
        "rho-eases-the-end",
        "Training ends at a lower loss with ρ going from 0 to 1 than with ρ = 1", epochs...epochs),
    ]
  }
}

/// Means over the seeds.
struct RelaxationSummary: TableRow {
  @Field("rho", .key) var rho = Relaxation.schedule
  @Field("epoch", .key) var epoch = 0
  @IntervalField("training_loss", .note) var loss: Estimate? = nil
  @IntervalField("test_error_percent", .note) var error: Estimate? = nil

  static func rows(_ rows: [RelaxationRow]) -> [RelaxationSummary] {
    Relaxation.allCases.flatMap { rho in
      rows.filter { $0.rho == rho }.grouped(by: \.epoch).sorted { $0.key < $1.key }.map {
        epoch, rows in
        RelaxationSummary(
          rho: rho, epoch: epoch, loss: Statistics.studentMean(rows.map(\.loss)),
          error: Statistics.studentMean(rows.map(\.error)))
      }
    }
  }
}
