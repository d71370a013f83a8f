import MLCSCKit

/// Test accuracy against the epoch of four networks with the same parameters (B, figure 4).
///
/// Feed-forward, Layered BP, ML-ISTA and ML-FISTA, six unfoldings.
///
/// B shows SVHN, the slides CIFAR-10. SVHN's licence forbids embedding it: its panel is there where
/// the set was fetched or given, that of CIFAR-10 always. Trainings are shared with
/// `mlbp-table1-classification` through the cell cache; settings and their sources are in
/// `UnfoldedStudy`.
@main
struct HouseNumbers: Experiment {
  static let identity = ExperimentIdentity(
    name: "mlbp-fig4-svhn",
    paper: "B: On multi-layer basis pursuit; S: slides",
    figure: "Fig. 4",
    title: "Test accuracy against the epoch: feed-forward, Layered BP, ML-ISTA, ML-FISTA",
    question: "Do ML-ISTA and ML-FISTA networks classify photographs better at equal parameters?",
    dataSets: ["cifar10", "svhn"])

  static func settings(for profile: Profile) -> UnfoldedStudy { .settings(for: profile) }

  static func prepare(
    _ settings: UnfoldedStudy, _ resources: RunResources
  ) throws -> [ImageSource: ImageSet] {
    try ImageSource.load([settings.recipes.photographs.data], resources)
      .merging(ImageSource.loadPresent([settings.recipes.houseNumbers.data], resources)) { $1 }
  }

  static func cells(
    _ settings: UnfoldedStudy, _ inputs: [ImageSource: ImageSet]
  ) -> [TrainingRun<UnfoldedArchitecture>] {
    [settings.recipes.photographs, settings.recipes.houseNumbers]
      .filter { inputs[$0.data] != nil }.flatMap(settings.comparison)
  }

  typealias Results = [CellResult<TrainingRun<UnfoldedArchitecture>, EpochRecord>]

  static func tables(_ settings: UnfoldedStudy, _ results: Results) throws -> [Table] {
    let recipes = settings.recipes
    let keys = [(column: "model", value: { (model: UnfoldedModel) in Value.text(model.label) })]
    var tables = [Table]()
    for (name, source) in [
      ("cifar10", recipes.photographs.data), ("svhn", recipes.houseNumbers.data),
    ] {
      let all = settings.comparison(of: source, in: results)
      // SVHN is compared with a baseline only where every user of the profile must have it.
      let isCompared = name != "svhn" || settings.decidesHouseNumbers
      guard !all.trainings.isEmpty else { continue }
      tables += [
        try all.curves("curves_\(name)", keys: keys, isCompared: isCompared),
        try all.accuracies("accuracies_\(name)", keys: keys, isCompared: isCompared),
      ]
    }
    return tables
  }

  static func claims(_ settings: UnfoldedStudy, _ results: Results) throws -> [Claim] {
    settings.orderClaims(
      settings.recipes.photographs, "cifar10", "CIFAR-10", "S, image classification", in: results)
      + (settings.decidesHouseNumbers
        ? settings.orderClaims(
          settings.recipes.houseNumbers, "svhn", "SVHN", "B Fig. 4, Table 1", in: results) : [])
  }
}
