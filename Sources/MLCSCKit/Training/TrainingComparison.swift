/// Trainings of several models, each with several seeds, side by side.
///
/// Intervals are Student's over the seeds; differences are paired by seed, since trainings of one
/// seed begin alike and see the images in the same order.
public struct TrainingComparison<Model: Hashable & Sendable>: Sendable {
  /// One training.
  public struct Training: Sendable {
    /// What was trained.
    public let model: Model
    /// The repetition.
    public let seed: Int
    /// One record an epoch.
    public let records: [EpochRecord]
    /// Its accuracies.
    public let summary: TrainingSummary
  }

  /// All trainings, in the order of the cells.
  public let trainings: [Training]
  /// The models in the order in which they first appear.
  public let models: [Model]

  /// The trainings that an experiment measured.
  ///
  /// - Parameters:
  ///   - results: The cells; those without records are left out.
  ///   - lastEpochs: How many last epochs `TrainingSummary` averages over.
  ///   - model: What a cell belongs to; nothing for cells that are not compared here.
  public init<Architecture>(
    _ results: [CellResult<TrainingRun<Architecture>, EpochRecord>], lastEpochs: Int,
    model: (TrainingRun<Architecture>) -> Model?
  ) {
    trainings = results.compactMap { result in
      guard let model = model(result.cell),
        let summary = TrainingSummary(result.rows, lastEpochs: lastEpochs)
      else { return nil }
      return Training(
        model: model, seed: result.cell.seed, records: result.rows, summary: summary)
    }
    var seen = Set<Model>()
    models = trainings.map(\.model).filter { seen.insert($0).inserted }
  }

  /// The trainings of a model.
  public func trainings(of model: Model) -> [Training] { trainings.filter { $0.model == model } }

  /// A measure of a model, as its mean over the seeds.
  public func mean(of model: Model, _ measure: (Training) -> Double) -> Estimate {
    Statistics.studentMean(trainings(of: model).map(measure))
  }

  /// How much larger a measure is for one model than for another, paired by seed.
  ///
  /// - Returns: Nothing where fewer than two seeds have both.
  public func difference(
    _ model: Model, minus other: Model, _ measure: (Training) -> Double
  ) -> Estimate? {
    let others = [Int: Training](
      trainings(of: other).map { ($0.seed, $0) }, uniquingKeysWith: { a, _ in a })
    let differences = trainings(of: model).compactMap { training in
      others[training.seed].map { measure(training) - measure($0) }
    }
    return differences.count < 2 ? nil : Statistics.studentMean(differences)
  }

  /// A measure of every epoch of a model, as its mean over the seeds.
  ///
  /// - Returns: One estimate an epoch, as far as all seeds have it.
  public func curve(of model: Model, _ measure: (EpochRecord) -> Double) -> [Estimate] {
    let all = trainings(of: model)
    let epochs = all.map(\.records.count).min() ?? 0
    return (0..<epochs).map { epoch in
      Statistics.studentMean(all.map { measure($0.records[epoch]) })
    }
  }

  /// A table of the curves: training loss and accuracies of every epoch.
  ///
  /// - Parameters:
  ///   - name: The table's name.
  ///   - keys: The columns that name a model, with their values.
  ///   - isCompared: Whether it has a baseline.
  /// - Returns: One row an epoch of each model.
  /// - Throws: `TableError`.
  public func curves(
    _ name: String, keys: [(column: String, value: (Model) -> Value)], isCompared: Bool = true
  ) throws -> Table {
    try Table(
      name,
      keys.map { .key($0.column) } + [
        .key("epoch"), Self.loose("test_accuracy_percent"), .note("lower_percent"),
        .note("upper_percent"), Self.loose("test_error_percent"),
        Self.loose("training_accuracy_percent"),
        .measured("training_loss", absolute: 0.05, relative: 0.2), .exact("seeds"),
      ],
      rows: models.flatMap { model -> [[Value]] in
        let test = curve(of: model) { 100 * $0.testAccuracy }
        let training = curve(of: model) { 100 * $0.trainingAccuracy }
        let loss = curve(of: model) { $0.trainingLoss }
        return test.indices.map { epoch in
          keys.map { $0.value(model) } + [
            .integer(epoch + 1), .real(test[epoch].value), Value(finite: test[epoch].lower),
            Value(finite: test[epoch].upper), .real(100 - test[epoch].value),
            .real(training[epoch].value), .real(loss[epoch].value),
            .integer(trainings(of: model).count),
          ]
        }
      }, isCompared: isCompared)
  }

  /// A table of the accuracies: after the last epoch, the best, and the mean of the last ones apart.
  ///
  /// - Parameters:
  ///   - name: The table's name.
  ///   - keys: The columns that name a model, with their values.
  ///   - isCompared: Whether it has a baseline.
  /// - Returns: One row a training.
  /// - Throws: `TableError`.
  public func accuracies(
    _ name: String, keys: [(column: String, value: (Model) -> Value)], isCompared: Bool = true
  ) throws -> Table {
    try Table(
      name,
      keys.map { .key($0.column) } + [
        .key("seed"), Self.loose("final_test_accuracy_percent"),
        Self.loose("mean_of_last_test_accuracy_percent"), .exact("last_epochs"),
        Self.loose("best_test_accuracy_percent_chosen_on_test"), .note("best_epoch"),
        Self.loose("final_training_accuracy_percent"),
        .measured("final_training_loss", absolute: 0.05, relative: 0.2),
        .timing("training_seconds"),
      ],
      rows: trainings.map { training in
        let s = training.summary
        return keys.map { $0.value(training.model) } + [
          .integer(training.seed), .real(100 * s.finalTestAccuracy),
          .real(100 * s.meanOfLastTestAccuracy), .integer(s.lastEpochs),
          .real(100 * s.bestTestAccuracy), .integer(s.bestEpoch),
          .real(100 * s.finalTrainingAccuracy), .real(s.finalTrainingLoss),
          .real(training.records.reduce(0) { $0 + ($1.seconds ?? 0) }),
        ]
      }, isCompared: isCompared)
  }

  /// Training amplifies the rounding of other processors' kernels: accuracies of few images and
  /// epochs move by points.
  static func loose(_ name: String) -> Column { .measured(name, absolute: 5, relative: 0) }
}

extension Estimate {
  /// The verdict on the claim that a quantity is positive: whether its interval lies above zero,
  /// below, or around.
  public var verdictOnPositive: Verdict { verdict(above: 0) }

  /// The verdict on the claim that a quantity is above a limit.
  public func verdict(above limit: Double) -> Verdict {
    lower > limit ? .holds : upper < limit ? .doesNotHold : .undecided
  }
}
