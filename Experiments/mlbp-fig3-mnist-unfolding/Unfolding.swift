import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// MNIST test error against the training epoch for 0 … 6 unfoldings of ML-ISTA (B, figure 3b).
///
/// Networks with the same parameters and the same first weights differ in the number of iterations
/// after the first; 0 is the feed-forward network. The authors published two plans within four days;
/// of the second the ends are trained, and a feed-forward network whose first filters have the gain of
/// the unfolded ones. Trainings are shared with `mlbp-table1-classification` through the cell cache.
/// Settings and their sources are in `UnfoldedStudy`; `--protocol code` trains as the authors' later
/// public code does.
@main
struct Unfolding: Experiment {
  static let identity = ExperimentIdentity(
    name: "mlbp-fig3-mnist-unfolding",
    paper: "B: On multi-layer basis pursuit",
    figure: "Fig. 3b",
    title: "MNIST test error against the epoch for 0 to 6 unfoldings of ML-ISTA",
    question: "Do more unfoldings of ML-ISTA lower the test error, at equal parameters?",
    dataSets: ["mnist"])

  // A figure is filled over days, and shown before it is full.
  static var allowsMissingCells: Bool { true }

  static func settings(for profile: Profile) -> UnfoldedStudy { .settings(for: profile) }

  static func scale(_ settings: UnfoldedStudy) -> [String] {
    settings.scale([settings.recipes.digits])
  }

  /// What is trained by the second plan.
  static let ends: [UnfoldedModel] = [.feedForward, .matchedFeedForward, .multiLayerISTA]

  static func prepare(
    _ settings: UnfoldedStudy, _ resources: RunResources
  ) throws -> [ImageSource: ImageSet] {
    try ImageSource.load([settings.recipes.digits.data], resources)
  }

  static func cells(
    _ settings: UnfoldedStudy, _ inputs: [ImageSource: ImageSet]
  ) -> [TrainingRun<UnfoldedArchitecture>] {
    // Both ends first: they say most while the others are missing.
    let digits = settings.recipes.digits
    let seeds = 1...settings.seeds
    let ends = seeds.flatMap { seed in
      [UnfoldedModel.feedForward, .multiLayerISTA].map { settings.run(digits, $0, seed: seed) }
        + (settings.recipes.otherDigits.map { other in
          Self.ends.map { settings.run(other, $0, seed: seed) }
        } ?? [])
    }
    return ends
      + seeds.flatMap { seed in
        (1..<max(settings.unfoldings, 1)).reversed().map {
          settings.run(digits, .multiLayerISTA, unfoldings: $0, seed: seed)
        }
      }
  }

  static func tables(_ settings: UnfoldedStudy, _ results: UnfoldedStudy.Results) throws -> [Table]
  {
    // In the order of the curves, not of the campaign: first one plan, then the other.
    func place(_ run: TrainingRun<UnfoldedArchitecture>) -> (Int, Int) {
      (
        run.architecture.initialDeviation == nil ? 0 : 1,
        run.architecture.matchedUnfoldings == nil ? run.architecture.unfoldings : -1
      )
    }
    let trainings = settings.trainings(results.sorted { place($0.cell) < place($1.cell) })
    let comparisons =
      contrasts(settings) + contrasts(settings, settings.recipes.digits, [.feedForward])
      + (settings.recipes.otherDigits.map {
        contrasts(settings, $0, [.feedForward, .matchedFeedForward])
      } ?? [])
    return try [Table("curves", trainings.curves)]
      + trainings.tables(comparisons, isFullScale: settings.isFullScale)
  }

  /// What the comparisons of a plan end in: "-july-a".
  private static func suffix(_ plan: String) -> String {
    "-" + plan.lowercased().replacing(" ", with: "-")
  }

  /// ML-ISTA with some unfoldings by the first plan.
  private static func key(_ settings: UnfoldedStudy, _ unfoldings: Int) -> UnfoldedKey {
    UnfoldedKey(
      settings.run(settings.recipes.digits, .multiLayerISTA, unfoldings: unfoldings, seed: 1))
  }

  /// The comparisons of all numbers of unfoldings by the first plan.
  private static func contrasts(_ settings: UnfoldedStudy) -> [NetworkContrast<UnfoldedKey>] {
    let last = settings.unfoldings
    let suffix = suffix(key(settings, 0).plan)
    // The slope of the least-squares line through the errors of 0 … last unfoldings is the sum of
    // (u − ū) eᵤ over the sum of (u − ū)².
    let middle = Double(last) / 2
    let square = (0...last).reduce(0.0) { $0 + (Double($1) - middle) * (Double($1) - middle) }
    let weights = (0...last).map { unfoldings in
      (weight: (middle - Double(unfoldings)) / square, key: key(settings, unfoldings))
    }
    return [
      .init(
        "fall-an-unfolding" + suffix, .testError, "fall of the test error",
        weights.filter { $0.weight > 0 },
        minus: "", weights.filter { $0.weight < 0 }.map { (weight: -$0.weight, key: $0.key) },
        unit: "points an unfolding")
    ]
      + (1...last).map { unfoldings in
        .init(
          "unfolding-\(unfoldings)-improves" + suffix, .testError,
          of: key(settings, unfoldings - 1), minus: key(settings, unfoldings))
      }
  }

  /// The comparisons of the unfolded network with those of no unfoldings, by any plan.
  private static func contrasts(
    _ settings: UnfoldedStudy, _ recipe: UnfoldedStudy.Recipe, _ others: [UnfoldedModel]
  ) -> [NetworkContrast<UnfoldedKey>] {
    let unfolded = settings.key(.multiLayerISTA, recipe)
    return others.map { other in
      .init(
        "unfolded-beats-\(other.rawValue)" + suffix(unfolded.plan), .testError,
        of: settings.key(other, recipe), minus: unfolded)
    }
  }

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    let claims = try NetworkClaims<UnfoldedKey>(tables)
    // A compressed plan (a larger rate, ρ rising within a few epochs) would be what is tested.
    let premises = [claims.isOfFullScale]
    // Also those of which not every number of unfoldings is trained.
    let plans = claims.rows.reduce(into: [String]()) { all, row in
      if !all.contains(row.key.plan) { all.append(row.key.plan) }
    }
    return plans.flatMap { plan -> [ClaimTest] in
      let suffix = suffix(plan)
      let words = " (plan \(plan))"
      let beatsFeedForward = claims.claim(
        "unfolded-beats-feed-forward\(suffix)", decides: ["B26", "B45", "S34"],
        "Six unfoldings err less than the feed-forward network\(words)",
        source: "B Sec. 4, Fig. 3b, Table 1",
        paper: PaperValue(1.21, against: 0.72, unit: "%"), premises: premises)
      guard !UnfoldedPlan.isSecond(plan) else {
        // The control of the first: B compares with no such network.
        return [
          beatsFeedForward,
          claims.claim(
            "unfolded-beats-matched-feed-forward\(suffix)", decides: [],
            "Six unfoldings err less than a feed-forward network of their gain\(words) (ours)",
            source: "beside B Fig. 3b", premises: premises),
        ]
      }
      return [
        claims.claim(
          "more-unfoldings-lower-error\(suffix)", comparing: "fall-an-unfolding\(suffix)",
          decides: ["B25"], "More unfoldings lower the test error\(words)",
          source: "B Sec. 4, Fig. 3b", premises: premises), beatsFeedForward,
        claims.claim(
          "every-unfolding-improves\(suffix)",
          of: claims.comparisons(like: "unfolding-").map {
            (label: "\($0.id.split(separator: "-")[1])", id: $0.id)
          }, decides: ["B27"],
          "Further unfoldings consistently improve on the performance\(words)", source: "B Sec. 4",
          .number("fall of the test error with one unfolding more", unit: "points"),
          premises: premises),
      ]
    }
  }
}
