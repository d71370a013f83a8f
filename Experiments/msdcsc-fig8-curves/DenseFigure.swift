import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// Test accuracy against the epoch for MSD-CSC with 0, 1 and 2 unfoldings, and beside feed-forward
/// and ML-CSC networks.
///
/// All unfoldings have the same parameters. Trainings are shared with `msdcsc-table3` through the
/// cell cache; settings and readings are in `DenseStudy` and `MixedScaleNetwork`.
@main
struct DenseFigure: StudyExperiment {
  static let identity = ExperimentIdentity(
    name: "msdcsc-fig8-curves",
    paper: "R: Residual and dilated dense networks via CSC",
    figure: "Fig. 8",
    title: "Test accuracy of MSD-CSC against the epoch, by unfoldings and beside other networks",
    question: "Do further iterations in every layer improve a dense network of equal parameters?",
    dataSets: ["cifar10"])

  // The figure is about one set; the table has the others.
  static func settings(for profile: Profile) -> DenseStudy {
    DenseStudy.settings(for: profile).ofFirstSet
  }

  static func tables(_ settings: DenseStudy, _ results: DenseStudy.Results) throws -> [Table] {
    let trainings = settings.trainings(results)
    // R draws its deepest network.
    let depth = settings.models.filter { $0.kind == .mixedScale }.map(\.depth).max() ?? 12
    return try [Table("curves", trainings.curves)]
      + trainings.tables(contrasts(depth), isFullScale: settings.isFullScale)
  }

  private static func contrasts(_ depth: Int) -> [NetworkContrast<DenseKey>] {
    func dense(_ unfoldings: Int, accelerated: Bool = false) -> DenseKey {
      DenseKey(DenseModel(.mixedScale, depth, unfoldings, accelerated: accelerated))
    }
    func plain(_ unfoldings: Int, accelerated: Bool = false) -> DenseKey {
      DenseKey(DenseModel(.multiLayer, 6, unfoldings, accelerated: accelerated))
    }
    let best = dense(2, accelerated: true)
    return [
      .init("one-unfolding-beats-none", of: dense(1), minus: dense(0)),
      .init("two-unfoldings-beat-none", of: dense(2), minus: dense(0)),
      .init("fista-beats-none", of: best, minus: dense(0)),
      .init("two-unfoldings-fit-better", .trainingLoss, of: dense(0), minus: dense(2)),
      .init("msd-csc-beats-feed-forward", of: best, minus: plain(0)),
      .init("msd-csc-beats-ml-csc-ista", of: best, minus: plain(2)),
      .init("msd-csc-beats-ml-csc-fista", of: best, minus: plain(2, accelerated: true)),
    ]
  }

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    let claims = try NetworkClaims<DenseKey>(tables)
    let (first, second) = ("R Sec. VII B, Fig. 8 A", "R Sec. VII B, Fig. 8 B")
    return [
      claims.claim(
        "one-unfolding-beats-none", decides: ["R39"],
        "MSD-CSC with one unfolding is more accurate than MSDNet of the same parameters",
        source: first),
      claims.claim(
        "two-unfoldings-beat-none", decides: ["R39"],
        "MSD-CSC-ISTA with two unfoldings is more accurate than MSDNet of the same parameters",
        source: first),
      claims.claim(
        "fista-beats-none", decides: ["R39"],
        "MSD-CSC-FISTA with two unfoldings is more accurate than MSDNet of the same parameters",
        source: first),
      claims.claim(
        "two-unfoldings-fit-better", decides: [],
        "MSD-CSC-ISTA with two unfoldings fits its training images better than MSDNet",
        source: "ours, beside R Fig. 8 A"),
      claims.claim(
        "msd-csc-beats-feed-forward", decides: ["R40"],
        "MSD-CSC with two unfoldings is more accurate than a feed-forward network of 4.0 million "
          + "parameters", source: second),
      claims.claim(
        "msd-csc-beats-ml-csc-ista", decides: ["R40"],
        "MSD-CSC with two unfoldings is more accurate than ML-CSC-ISTA of 4.0 million parameters",
        source: second),
      claims.claim(
        "msd-csc-beats-ml-csc-fista", decides: ["R40"],
        "MSD-CSC with two unfoldings is more accurate than ML-CSC-FISTA of 4.0 million parameters",
        source: second),
    ]
  }
}
