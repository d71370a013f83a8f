import MLCSCKit

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
    let all = settings.comparison(of: settings.sources[0], in: results)
    return try [
      all.curves("curves", keys: DenseStudy.keys),
      all.accuracies("accuracies", keys: DenseStudy.keys),
    ]
  }

  static func claims(_ settings: DenseStudy, _ results: DenseStudy.Results) throws -> [Claim] {
    let source = "R Sec. VII B, Fig. 8 A"
    // R draws its deepest network.
    let depth = settings.models.filter { $0.kind == .mixedScale }.map(\.depth).max() ?? 12
    func dense(_ unfoldings: Int, accelerated: Bool = false) -> DenseModel {
      DenseModel(.mixedScale, depth, unfoldings, accelerated: accelerated)
    }
    var claims = [
      settings.claim(
        "one-unfolding-beats-none",
        "MSD-CSC with one unfolding is more accurate than MSDNet of the same parameters", source,
        dense(1), over: dense(0), in: results),
      settings.claim(
        "two-unfoldings-beat-none",
        "MSD-CSC-ISTA with two unfoldings is more accurate than MSDNet of the same parameters",
        source, dense(2), over: dense(0), in: results),
      settings.claim(
        "fista-beats-none",
        "MSD-CSC-FISTA with two unfoldings is more accurate than MSDNet of the same parameters",
        source, dense(2, accelerated: true), over: dense(0), in: results),
      settings.claim(
        "two-unfoldings-fit-better",
        "MSD-CSC-ISTA with two unfoldings fits its training images better than MSDNet",
        "ours: beside R's Fig. 8 A", dense(2), over: dense(0), inLoss: true, in: results),
    ]
    let best = dense(2, accelerated: true)
    for (id, title, other) in [
      ("feed-forward", "a feed-forward network", DenseModel(.multiLayer, 6, 0)),
      ("ml-csc-ista", "ML-CSC-ISTA", DenseModel(.multiLayer, 6, 2)),
      ("ml-csc-fista", "ML-CSC-FISTA", DenseModel(.multiLayer, 6, 2, accelerated: true)),
    ] {
      claims.append(
        settings.claim(
          "msd-csc-beats-\(id)",
          "MSD-CSC with two unfoldings is more accurate than \(title) of 4.0 M parameters",
          "R Sec. VII B, Fig. 8 B", best, over: other, in: results))
    }
    return claims
  }
}
