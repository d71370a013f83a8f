import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// R Table II: accuracies of plain, Res-CSC-Simplified, ResNet and Res-CSC networks of 20 to 218
/// layers on CIFAR-10, CIFAR-100 and SVHN.
///
/// Every cell of the table is one training: cached, sharded, resumed, and shared with
/// `rescsc-fig7-degradation`, which decides the order of the models on CIFAR-10; that on the other sets
/// is decided here, as far as they are trained on. A cell that was not run, or whose
/// data are absent, is empty; while a larger profile fills, `--gather` writes what is there. Settings
/// and readings are in `ResidualStudy` and `ResidualPair`.
@main
struct ResidualTable: StudyExperiment {
  typealias Settings = ResidualStudy

  static let identity = ExperimentIdentity(
    name: "rescsc-table2",
    paper: "R: Residual and dilated dense networks via CSC",
    figure: "Table II",
    title: "Accuracies of plain, Res-CSC-Simplified, ResNet and Res-CSC networks",
    question: "Is Res-CSC as accurate as ResNet, at every depth and on every data set?",
    dataSets: ["cifar10", "cifar100", "svhn"])

  /// R's comparisons on the sets that `rescsc-fig7-degradation` does not show.
  private static let comparisons = [
    ImageSource.svhn, .svhnSubset, .cifar100, .cifar100Subset,
  ].map(ResidualComparisons.init)

  /// Parameters in millions by layers, as the table prints them.
  static let millions: [(layers: Int, millions: Double)] = [
    (20, 0.27), (32, 0.46), (44, 0.66), (56, 0.85), (110, 1.70), (218, 3.40),
  ]

  /// The parameters of networks of one depth.
  struct ParameterRow: TableRow {
    @Field("layers", .key) var layers = 0
    @Field("paper_millions", .exact) var millions = 0.0
    @Field("parameters", .exact) var plain = 0
    @Field("parameters_with_coefficients", .exact) var refined = 0
  }

  static func tables(_ settings: ResidualStudy, _ results: ResidualStudy.Results) throws -> [Table]
  {
    try settings.trainings(results).tables(
      comparisons.flatMap { $0.contrasts(settings.depths) }, published: ResidualStudy.published,
      isFullScale: settings.isFullScale)
      + [Table("parameters", parameters.get())]
  }

  /// Counted once: the deepest network draws three million filters' numbers.
  private static let parameters = Result {
    try millions.map { layers, millions in
      let network = try ResidualNetwork<Float>(
        .plain, depth: layers, classes: 10, stream: RandomStream("parameters"))
      // Res-CSC has one coefficient c more for every pair of layers.
      return ParameterRow(
        layers: layers, millions: millions, plain: network.parameterCount,
        refined: network.parameterCount + (layers - 2) / 2)
    }
  }

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    let claims = try NetworkClaims<ResidualKey>(tables)
    let parameters: [ParameterRow] = try tables.rows("parameters")
    let source = "R Table II"
    // Printed to two decimals.
    let rounding = 0.005
    return [("CIFAR10", "R36"), ("CIFAR100", "R37"), ("SVHN", "R38")].map { data, statement in
      claims.levels(
        "levels-\(data.lowercased())", decides: [statement],
        "The accuracies of Table II on \(data)",
        source: source
      ) { $0.data == data }
    } + [
      ClaimTest(
        "parameters", decides: ["R35"], "The networks have 0.27 to 3.40 million parameters",
        source: source, .number("parameters minus the paper’s", unit: "million"),
        parts: parameters.map {
          ClaimTest.Part("\($0.layers) layers", .exact(Double($0.plain) * 1e-6 - $0.millions))
        }, paper: PaperValue(0.27, to: 3.4, unit: "million"),
        holdsWhen: .equals(0, tolerance: rounding)),
      ClaimTest(
        "same-parameters", decides: ["R33"], "Res-CSC has as many parameters as ResNet",
        source: "R Sec. VII A, Table II",
        .number("parameters of Res-CSC minus those of ResNet", unit: "million"),
        parts: parameters.map {
          ClaimTest.Part("\($0.layers) layers", .exact(Double($0.refined - $0.plain) * 1e-6))
        }, holdsWhen: .equals(0, tolerance: rounding)),
    ]
      + comparisons.flatMap { $0.claims(claims) }
  }
}
