import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// Test accuracy against the epoch for plain, Res-CSC-Simplified, ResNet and Res-CSC networks of
/// several depths.
///
/// Training accuracy and loss stand beside the test accuracy: a deeper network that is worse on both
/// is degraded, one that is worse on test images alone only overfits. Trainings are shared
/// through the cell cache with `rescsc-table2`, where the same comparisons are made on the other sets.
/// Settings and readings are in `ResidualStudy` and `ResidualPair`, comparisons in `ResidualComparisons`.
@main
struct DegradationFigure: StudyExperiment {
  static let identity = ExperimentIdentity(
    name: "rescsc-fig7-degradation",
    paper: "R: Residual and dilated dense networks via CSC",
    figure: "Fig. 7",
    title: "Accuracy of plain, Res-CSC-Simplified, ResNet and Res-CSC networks as they get deeper",
    question: "Does a start at the pair's input keep deep networks from degradation?",
    dataSets: ["cifar10"])

  // The figure is about one set; the table has the others.
  static func settings(for profile: Profile) -> ResidualStudy {
    ResidualStudy.settings(for: profile).ofFirstSet
  }

  private static let comparisons = ResidualComparisons(on: .cifar10)

  static func tables(_ settings: ResidualStudy, _ results: ResidualStudy.Results) throws -> [Table]
  {
    let trainings = settings.trainings(results)
    return try [Table("curves", trainings.curves)]
      + trainings.tables(comparisons.contrasts(settings.depths), isFullScale: settings.isFullScale)
  }

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    let claims = try NetworkClaims<ResidualKey>(tables)
    return comparisons.claims(claims) + [untrainable(claims.rows)]
  }

  /// R's "×": whether plain networks of more than a hundred layers stay near chance.
  private static func untrainable(_ networks: [NetworkRow<ResidualKey>]) -> ClaimTest {
    let deep = networks.filter { $0.key.layers > 100 }
    let isPlain = [ResidualModel.plain.title, ResidualModel.simplified.title]
    let residual = deep.filter { $0.key.model == ResidualModel.resNet.title }
    return ClaimTest(
      "plain-beyond-hundred-layers", decides: ["R27"],
      "Plain and Res-CSC-Simplified networks of more than a hundred layers do not train",
      source: "R Sec. VII A, Table II", .number("test accuracy", unit: "%"),
      parts: deep.filter { isPlain.contains($0.key.model) }.map {
        ClaimTest.Part($0.network, $0.measurement)
      },
      // Chance is 10 %; a network that trains at all is far above twice that after R's 200 epochs.
      holdsWhen: .below(20),
      premises: [
        Premise(
          "ResNet of the same depth trains", isMet: residual.contains(where: \.isTrained))
      ])
  }
}
