import MLCSCKit
import RealModule

/// B Fig. 3b: MNIST test error against the training epoch for 0 … 6 unfoldings of ML-ISTA.
///
/// Networks with the same parameters and the same first weights differ in the number of iterations
/// after the first; 0 is the feed-forward network. Trainings are shared with `mlbp-fig4-svhn` and
/// `mlbp-table1-classification` through the cell cache. Settings and their sources are in
/// `UnfoldedStudy`; `--protocol code` trains as the authors' later public code does.
@main
struct Unfolding: Experiment {
  static let identity = ExperimentIdentity(
    name: "mlbp-fig3-mnist-unfolding",
    paper: "B: On multi-layer basis pursuit",
    figure: "Fig. 3b",
    title: "MNIST test error against the epoch for 0 to 6 unfoldings of ML-ISTA",
    question: "Do more unfoldings of ML-ISTA lower the test error, at equal parameters?",
    dataSets: ["mnist"])

  static func settings(for profile: Profile) -> UnfoldedStudy { .settings(for: profile) }

  static func prepare(
    _ settings: UnfoldedStudy, _ resources: RunResources
  ) throws -> [ImageSource: ImageSet] {
    try ImageSource.load([settings.recipes.digits.data], resources)
  }

  static func cells(
    _ settings: UnfoldedStudy, _ inputs: [ImageSource: ImageSet]
  ) -> [TrainingRun<UnfoldedArchitecture>] {
    (1...settings.seeds).flatMap { seed in
      (0...settings.unfoldings).map { unfoldings in
        settings.run(
          settings.recipes.digits, .multiLayerISTA, unfoldings: unfoldings, seed: seed)
      }
    }
  }

  typealias Results = [CellResult<TrainingRun<UnfoldedArchitecture>, EpochRecord>]

  /// The trainings by their number of unfoldings.
  static func comparison(_ settings: UnfoldedStudy, _ results: Results) -> TrainingComparison<Int> {
    TrainingComparison(results, lastEpochs: settings.lastEpochs) { $0.architecture.unfoldings }
  }

  static func error(_ training: TrainingComparison<Int>.Training) -> Double {
    100 * (1 - training.summary.meanOfLastTestAccuracy)
  }

  static func tables(_ settings: UnfoldedStudy, _ results: Results) throws -> [Table] {
    let all = comparison(settings, results)
    let keys = [(column: "unfoldings", value: { (model: Int) in Value.integer(model) })]
    return try [
      all.curves("curves", keys: keys), all.accuracies("accuracies", keys: keys),
      Table(
        "error_against_unfoldings",
        [
          .key("unfoldings"), .measured("test_error_percent", absolute: 3, relative: 0),
          .note("lower_percent"), .note("upper_percent"),
        ],
        rows: all.models.map { model in
          let error = all.mean(of: model, error)
          return [
            .integer(model), .real(error.value), Value(finite: error.lower),
            Value(finite: error.upper),
          ]
        }),
    ]
  }

  static func claims(_ settings: UnfoldedStudy, _ results: Results) throws -> [Claim] {
    let all = comparison(settings, results)
    let recipe = settings.recipes.digits
    let scale =
      "protocol \(settings.protocol.rawValue), \(recipe.trainingImages ?? 60_000) digits, "
      + "\(recipe.plan.epochs) epochs, \(settings.seeds) seeds, mean of the last "
      + "\(settings.lastEpochs) epochs"
    // A line through the errors of every seed.
    let slopes = Set(all.trainings.map(\.seed)).sorted().map { seed in
      let trainings = all.trainings.filter { $0.seed == seed }
      return Statistics.line(trainings.map { Double($0.model) }, trainings.map(error)).slope
    }
    let fall = Statistics.studentMean(slopes.map { -$0 })
    let errors = all.models.map { "\($0): \(Wording.number(all.mean(of: $0, error).value))" }
    let gains = all.models.dropFirst().compactMap { model in
      all.difference(model - 1, minus: model, error).map { (model, $0) }
    }
    let worse = gains.filter { $0.1.upper < 0 }.map(\.0)
    let better = gains.filter { $0.1.lower > 0 }.map(\.0)
    let last = all.difference(0, minus: settings.unfoldings, error)
    return [
      Claim(
        id: "more-unfoldings-lower-error",
        sentence: "More unfoldings lower the test error", source: "B Sec. 4, Fig. 3b",
        measured: "the error falls by \(Wording.interval(fall)) points an unfolding; errors in % "
          + "by unfoldings: \(errors.joined(separator: ", ")); \(scale)",
        verdict: fall.verdictOnPositive),
      Claim(
        id: "unfolded-beats-feed-forward",
        sentence: "\(settings.unfoldings) unfoldings err less than the feed-forward network",
        source: "B Sec. 4, Fig. 3b, Table 1", paper: "0.72 % against 1.21 %",
        measured: last.map {
          "\(Wording.number(all.mean(of: settings.unfoldings, error).value)) % against "
            + "\(Wording.number(all.mean(of: 0, error).value)) %: better by "
            + "\(Wording.interval($0)) points; \(scale)"
        } ?? "not measured",
        verdict: last?.verdictOnPositive ?? .undecided),
      Claim(
        id: "every-unfolding-improves",
        sentence: "Further unfoldings consistently improve on the performance",
        source: "B Sec. 4",
        measured: "better than the one before, beyond the interval over seeds: "
          + "\(better.isEmpty ? "none" : better.map(String.init).joined(separator: ", ")); worse: "
          + "\(worse.isEmpty ? "none" : worse.map(String.init).joined(separator: ", ")) "
          + "of 1 to \(settings.unfoldings); \(scale)",
        verdict: !worse.isEmpty
          ? .doesNotHold : better.count == settings.unfoldings ? .holds : .undecided),
    ]
  }
}
