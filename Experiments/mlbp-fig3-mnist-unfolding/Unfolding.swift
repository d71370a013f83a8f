import MLCSCKit
import RealModule

/// MNIST test error against the training epoch for 0 … 6 unfoldings of ML-ISTA (B, figure 3b).
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

  /// What is compared: the deviation of the first filters times √fan-in, and the unfoldings.
  struct Model: Hashable {
    let initialScale: Double
    let unfoldings: Int
  }

  static func cells(
    _ settings: UnfoldedStudy, _ inputs: [ImageSource: ImageSet]
  ) -> [TrainingRun<UnfoldedArchitecture>] {
    let recipe = settings.recipes.digits
    let starts =
      [(recipe.architecture.initialScale, settings.seeds)]
      + settings.otherInitialScales.map { ($0, settings.otherSeeds) }
    return starts.flatMap { scale, seeds in
      (1...seeds).flatMap { seed in
        (0...settings.unfoldings).map { unfoldings in
          settings.run(
            recipe, .multiLayerISTA, unfoldings: unfoldings, seed: seed, initialScale: scale)
        }
      }
    }
  }

  typealias Results = [CellResult<TrainingRun<UnfoldedArchitecture>, EpochRecord>]

  static func comparison(
    _ settings: UnfoldedStudy, _ results: Results
  ) -> TrainingComparison<Model> {
    TrainingComparison(results, lastEpochs: settings.lastEpochs) {
      Model(
        initialScale: $0.architecture.initialScale, unfoldings: $0.architecture.unfoldings)
    }
  }

  static func error(_ training: TrainingComparison<Model>.Training) -> Double {
    100 * (1 - training.summary.meanOfLastTestAccuracy)
  }

  static func tables(_ settings: UnfoldedStudy, _ results: Results) throws -> [Table] {
    let all = comparison(settings, results)
    let keys = [
      (column: "first_filters_scale", value: { (model: Model) in Value.real(model.initialScale) }),
      (column: "unfoldings", value: { (model: Model) in Value.integer(model.unfoldings) }),
    ]
    return try [
      all.curves("curves", keys: keys), all.accuracies("accuracies", keys: keys),
      Table(
        "error_against_unfoldings",
        [
          .key("first_filters_scale"), .key("unfoldings"),
          .measured("test_error_percent", absolute: 3, relative: 0),
          .note("lower_percent"), .note("upper_percent"),
        ],
        rows: all.models.map { model in
          let error = all.mean(of: model, error)
          return [
            .real(model.initialScale), .integer(model.unfoldings), .real(error.value),
            Value(finite: error.lower),
            Value(finite: error.upper),
          ]
        }),
    ]
  }

  static func claims(_ settings: UnfoldedStudy, _ results: Results) throws -> [Claim] {
    let recipe = settings.recipes.digits
    return claims(settings, results, recipe.architecture.initialScale, "")
      + settings.otherInitialScales.flatMap {
        claims(settings, results, $0, "-filters-from-\(Wording.number($0))")
      } + betterStarts(settings, results)
  }

  /// The comparison that favours neither: each model from the first filters that suit it better.
  private static func betterStarts(_ settings: UnfoldedStudy, _ results: Results) -> [Claim] {
    guard !settings.otherInitialScales.isEmpty else { return [] }
    let all = comparison(settings, results)
    func best(_ unfoldings: Int) -> Model? {
      all.models.filter { $0.unfoldings == unfoldings }
        .min { all.mean(of: $0, error).value < all.mean(of: $1, error).value }
    }
    guard let plain = best(0), let unfolded = best(settings.unfoldings),
      let gain = all.difference(plain, minus: unfolded, error)
    else { return [] }
    func words(_ model: Model) -> String {
      "\(Wording.number(all.mean(of: model, error).value)) % from "
        + "\(Wording.number(model.initialScale))/√fan-in"
    }
    return [
      Claim(
        id: "unfolded-beats-feed-forward-from-better-starts",
        sentence: "\(settings.unfoldings) unfoldings err less than the feed-forward network, each "
          + "from the first filters that suit it better",
        source: "ours: a reference beside B Fig. 3b",
        measured: "\(words(unfolded)) against \(words(plain)): better by "
          + "\(Wording.interval(gain)) points; the starts are chosen on the test digits",
        verdict: gain.verdictOnPositive)
    ]
  }

  /// The claims for one deviation of the first filters.
  private static func claims(
    _ settings: UnfoldedStudy, _ results: Results, _ initialScale: Double, _ suffix: String
  ) -> [Claim] {
    let recipe = settings.recipes.digits
    let all = comparison(
      settings,
      results.filter {
        $0.cell.architecture.initialScale == initialScale
      })
    func model(_ unfoldings: Int) -> Model {
      Model(initialScale: initialScale, unfoldings: unfoldings)
    }
    let seeds = Set(all.trainings.map(\.seed)).sorted()
    let scale =
      "protocol \(settings.protocol.rawValue), filters from "
      + "\(Wording.number(initialScale))/√fan-in, \(recipe.trainingImages ?? 60_000) digits, "
      + "\(recipe.plan.epochs) epochs, \(seeds.count) seeds, mean of the last "
      + "\(settings.lastEpochs) epochs"
    // A line through the errors of every seed.
    let slopes = seeds.map { seed in
      let trainings = all.trainings.filter { $0.seed == seed }
      return Statistics.line(trainings.map { Double($0.model.unfoldings) }, trainings.map(error))
        .slope
    }
    let fall = Statistics.studentMean(slopes.map { -$0 })
    let errors = all.models.map {
      "\($0.unfoldings): \(Wording.number(all.mean(of: $0, error).value))"
    }
    let gains = (1...settings.unfoldings).compactMap { unfoldings in
      all.difference(model(unfoldings - 1), minus: model(unfoldings), error)
        .map { (unfoldings, $0) }
    }
    let worse = gains.filter { $0.1.upper < 0 }.map(\.0)
    let better = gains.filter { $0.1.lower > 0 }.map(\.0)
    let last = all.difference(model(0), minus: model(settings.unfoldings), error)
    func list(_ numbers: [Int]) -> String {
      numbers.isEmpty ? "none" : numbers.map(String.init).joined(separator: ", ")
    }
    return [
      Claim(
        id: "more-unfoldings-lower-error" + suffix,
        sentence: "More unfoldings lower the test error", source: "B Sec. 4, Fig. 3b",
        measured: "the error falls by \(Wording.interval(fall)) points an unfolding; errors in % "
          + "by unfoldings: \(errors.joined(separator: ", ")); \(scale)",
        verdict: fall.verdictOnPositive),
      Claim(
        id: "unfolded-beats-feed-forward" + suffix,
        sentence: "\(settings.unfoldings) unfoldings err less than the feed-forward network",
        source: "B Sec. 4, Fig. 3b, Table 1", paper: "0.72 % against 1.21 %",
        measured: last.map {
          "\(Wording.number(all.mean(of: model(settings.unfoldings), error).value)) % against "
            + "\(Wording.number(all.mean(of: model(0), error).value)) %: better by "
            + "\(Wording.interval($0)) points; \(scale)"
        } ?? "not measured",
        verdict: last?.verdictOnPositive ?? .undecided),
      Claim(
        id: "every-unfolding-improves" + suffix,
        sentence: "Further unfoldings consistently improve on the performance",
        source: "B Sec. 4",
        measured: "better than the one before, beyond the interval over seeds: \(list(better)); "
          + "worse: \(list(worse)) of 1 to \(settings.unfoldings); \(scale)",
        verdict: !worse.isEmpty
          ? .doesNotHold : better.count == settings.unfoldings ? .holds : .undecided),
    ]
  }
}
