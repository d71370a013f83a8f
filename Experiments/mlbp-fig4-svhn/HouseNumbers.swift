import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// Test accuracy against the epoch of four networks with the same parameters (B, figure 4).
///
/// Feed-forward, Layered BP, ML-ISTA and ML-FISTA, six unfoldings.
///
/// B shows SVHN, the slides CIFAR-10. SVHN's licence forbids embedding it: it is trained on by the
/// profiles that ask for whole data sets, where it was fetched or given; CIFAR-10 stands beside it at
/// all profiles, and `mlbp-table1-classification` decides what is claimed of it. Trainings are shared
/// with that experiment through the cell cache; settings and their sources are in `UnfoldedStudy`.
@main
struct HouseNumbers: Experiment {
  static let identity = ExperimentIdentity(
    name: "mlbp-fig4-svhn",
    paper: "B: On multi-layer basis pursuit; S: slides",
    figure: "Fig. 4",
    title: "Test accuracy against the epoch: feed-forward, Layered BP, ML-ISTA, ML-FISTA",
    question: "Do ML-ISTA and ML-FISTA networks classify photographs better at equal parameters?",
    dataSets: ["cifar10", "svhn"])

  // A figure is filled over days, and shown before it is full.
  static var allowsMissingCells: Bool { true }

  static func settings(for profile: Profile) -> UnfoldedStudy { .settings(for: profile) }

  static func recipes(_ settings: UnfoldedStudy) -> [UnfoldedStudy.Recipe] {
    [settings.recipes.photographs]
      + (settings.decidesHouseNumbers ? [settings.recipes.houseNumbers] : [])
  }

  static func scale(_ settings: UnfoldedStudy) -> [String] { settings.scale(recipes(settings)) }

  static func prepare(
    _ settings: UnfoldedStudy, _ resources: RunResources
  ) throws -> [ImageSource: ImageSet] {
    try ImageSource.loadSome(recipes(settings).map(\.data), resources)
  }

  static func cells(
    _ settings: UnfoldedStudy, _ inputs: [ImageSource: ImageSet]
  ) -> [TrainingRun<UnfoldedArchitecture>] {
    recipes(settings).filter { inputs[$0.data] != nil }.flatMap(settings.comparison)
  }

  static func tables(_ settings: UnfoldedStudy, _ results: UnfoldedStudy.Results) throws -> [Table]
  {
    let trainings = settings.trainings(results)
    return try [Table("curves", trainings.curves)]
      + trainings.tables(
        settings.orderContrasts(settings.recipes.houseNumbers, "svhn"),
        isFullScale: settings.isFullScale)
  }

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    UnfoldedStudy.orderClaims(
      "svhn", "SVHN", source: "B Fig. 4, Table 1", decides: { _, _ in ["B35", "S35"] },
      try NetworkClaims<UnfoldedKey>(tables))
  }
}
