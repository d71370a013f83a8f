import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// MNIST test error against the training epoch for 0 … 6 unfoldings of ML-ISTA (B, figure 3b).
///
/// Networks with the same parameters and the same first weights differ in the number of iterations
/// after the first; 0 is the feed-forward network. Trainings are shared with
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

  // A figure is filled over days, and shown before it is full.
  static var allowsMissingCells: Bool { true }

  static func settings(for profile: Profile) -> UnfoldedStudy { .settings(for: profile) }

  static func scale(_ settings: UnfoldedStudy) -> [String] {
    settings.scale([settings.recipes.digits])
  }

  static func prepare(
    _ settings: UnfoldedStudy, _ resources: RunResources
  ) throws -> [ImageSource: ImageSet] {
    try ImageSource.load([settings.recipes.digits.data], resources)
  }

  static func cells(
    _ settings: UnfoldedStudy, _ inputs: [ImageSource: ImageSet]
  ) -> [TrainingRun<UnfoldedArchitecture>] {
    let recipe = settings.recipes.digits
    // Both ends first: they are the table's, and say most while the others are missing.
    let order = [0] + (1...settings.unfoldings).reversed()
    let starts =
      [(recipe.architecture.initialScale, settings.seeds)]
      + settings.otherInitialScales.map { ($0, settings.otherSeeds) }
    return starts.flatMap { scale, seeds in
      (1...seeds).flatMap { seed in
        order.map { unfoldings in
          settings.run(
            recipe, .multiLayerISTA, unfoldings: unfoldings, seed: seed, initialScale: scale)
        }
      }
    }
  }

  static func tables(_ settings: UnfoldedStudy, _ results: UnfoldedStudy.Results) throws -> [Table]
  {
    let scales =
      [settings.recipes.digits.architecture.initialScale] + settings.otherInitialScales
    // In the order of the curves, not of the campaign.
    let trainings = settings.trainings(
      scales.flatMap { scale in
        results.filter { $0.cell.architecture.initialScale == scale }
          .sorted { $0.cell.architecture.unfoldings < $1.cell.architecture.unfoldings }
      })
    return try [Table("curves", trainings.curves)]
      + trainings.tables(
        scales.flatMap { contrasts(settings, $0) }, isFullScale: settings.isFullScale)
  }

  /// The first filters as they stand in a comparison's name: "-filters-from-0.1".
  private static func suffix(_ scale: Double) -> String { "-filters-from-\(Wording.number(scale))" }

  private static func contrasts(
    _ settings: UnfoldedStudy, _ scale: Double
  ) -> [NetworkContrast<UnfoldedKey>] {
    let last = settings.unfoldings
    func key(_ unfoldings: Int) -> UnfoldedKey {
      UnfoldedKey(
        unfoldings == 0 ? .feedForward : .multiLayerISTA, unfoldings: unfoldings,
        initialScale: scale, on: settings.recipes.digits.data)
    }
    // The slope of the least-squares line through the errors of 0 … last unfoldings is the sum of
    // (u − ū) eᵤ over the sum of (u − ū)².
    let middle = Double(last) / 2
    let square = (0...last).reduce(0.0) { $0 + (Double($1) - middle) * (Double($1) - middle) }
    let weights = (0...last).map { (weight: (middle - Double($0)) / square, key: key($0)) }
    return [
      .init(
        "fall-an-unfolding" + suffix(scale), .testError, "fall of the test error",
        weights.filter { $0.weight > 0 },
        minus: "", weights.filter { $0.weight < 0 }.map { (weight: -$0.weight, key: $0.key) },
        unit: "points an unfolding"),
      .init(
        "unfolded-beats-feed-forward" + suffix(scale), .testError, of: key(0), minus: key(last)),
    ]
      + (1...last).map { unfoldings in
        .init(
          "unfolding-\(unfoldings)-improves" + suffix(scale), .testError, of: key(unfoldings - 1),
          minus: key(unfoldings))
      }
  }

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    let claims = try NetworkClaims<UnfoldedKey>(tables)
    let prefix = "fall-an-unfolding"
    // Also those of which not every number of unfoldings is trained.
    let suffixes = claims.rows.reduce(into: [String]()) { all, row in
      let suffix = suffix(row.key.initialScale)
      if !all.contains(suffix) { all.append(suffix) }
    }
    // A compressed plan (a larger rate, ρ rising within a few epochs) would be what is tested.
    let premises = [claims.isOfFullScale]
    return suffixes.flatMap { suffix -> [ClaimTest] in
      let start = suffix.dropFirst("-filters-from-".count)
      let words = " (first filters of deviation \(start)/√fan-in)"
      return [
        claims.claim(
          "more-unfoldings-lower-error\(suffix)", comparing: "\(prefix)\(suffix)", decides: ["B25"],
          "More unfoldings lower the test error\(words)", source: "B Sec. 4, Fig. 3b",
          premises: premises),
        claims.claim(
          "unfolded-beats-feed-forward\(suffix)", decides: ["B26", "B45", "S34"],
          "Six unfoldings err less than the feed-forward network\(words)",
          source: "B Sec. 4, Fig. 3b, Table 1", paper: PaperValue(1.21, against: 0.72, unit: "%"),
          premises: premises),
        claims.claim(
          "every-unfolding-improves\(suffix)",
          of: claims.comparisons(like: "unfolding-").filter { $0.id.hasSuffix(suffix) }.map {
            (label: "\($0.id.split(separator: "-")[1])", id: $0.id)
          }, decides: ["B27"],
          "Further unfoldings consistently improve on the performance\(words)", source: "B Sec. 4",
          .number("fall of the test error with one unfolding more", unit: "points"),
          premises: premises),
      ]
    }
  }
}
