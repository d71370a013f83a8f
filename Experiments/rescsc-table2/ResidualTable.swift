import MLCSCKit

/// R Table II: accuracies of plain, Res-CSC-Simplified, ResNet and Res-CSC networks of 20 to 218
/// layers on CIFAR-10, CIFAR-100 and SVHN.
///
/// Every cell of the table is one training: cached, sharded, resumed, and shared with
/// `rescsc-fig7-degradation`. A cell that was not run, or whose data are absent, is empty; while a
/// larger profile fills, `--gather` writes what is there. Settings and readings are in
/// `ResidualStudy` and `ResidualPair`.
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

  /// The columns of the table.
  static let models: [ResidualModel] = [.plain, .simplified, .resNet, .resCSC]
  /// Parameters in millions by layers.
  static let millions: [(layers: Int, millions: Double)] = [
    (20, 0.27), (32, 0.46), (44, 0.66), (56, 0.85), (110, 1.70), (218, 3.40),
  ]

  static func tables(_ settings: ResidualStudy, _ results: ResidualStudy.Results) throws -> [Table]
  {
    try [
      ResidualStudy.published.table(settings, results),
      Table(
        "parameters",
        [
          .key("layers"), .exact("paper_millions"), .exact("parameters"),
          .exact("parameters_with_coefficients"),
        ],
        rows: try zip(millions, counts.get()).map { row, count in
          [
            .integer(row.layers), .real(row.millions), .integer(count),
            .integer(count + (row.layers - 2) / 2),
          ]
        }),
    ]
  }

  /// Counted once: the deepest network draws three million filters' numbers.
  private static let counts = Result {
    try millions.map { layers, _ in
      try ResidualNetwork<Float>(
        .plain, depth: layers, classes: 10, stream: RandomStream("parameters")
      ).parameterCount
    }
  }

  static func claims(
    _ settings: ResidualStudy, _ results: ResidualStudy.Results
  ) throws -> [Claim] {
    let source = "R Table II"
    let published = ResidualStudy.published
    var claims = published.levels(settings, results)
    for data in published.sets {
      guard let set = published.source(data, settings) else { continue }
      let all = settings.comparison(of: set, in: results)
      if !all.trainings.isEmpty { claims.append(order(data, settings, all)) }
    }
    let counts = zip(millions, try counts.get()).map { ($0.millions, $1, $0.layers) }
    let wrong = counts.filter { abs(Double($0.1) * 1e-6 - $0.0) >= 0.005 }
    claims.append(
      Claim(
        id: "parameters", sentence: "The networks have 0.27 to 3.40 million parameters",
        source: source, paper: "0.27, 0.46, 0.66, 0.85, 1.70, 3.40 M",
        measured: counts.map { "\($0.2): \($0.1)" }.joined(separator: ", ")
          + "; rounded otherwise: \(wrong.map { "\($0.2) layers" }.joined(separator: ", ")); "
          + "with the refinement one more for every pair",
        verdict: wrong.isEmpty ? .holds : .doesNotHold))
    return claims
  }

  /// R's order of the four models at the largest of its usual depths.
  private static func order(
    _ data: String, _ settings: ResidualStudy, _ all: TrainingComparison<ResidualArchitecture>
  ) -> Claim {
    let depth = settings.depths.filter { $0 <= 56 }.max() ?? 56
    let steps = zip(models, models.dropFirst()).compactMap { worse, better in
      all.difference(
        ResidualArchitecture(better, depth: depth),
        minus: ResidualArchitecture(worse, depth: depth),
        \.testPercent
      ).map { (better, $0) }
    }
    let published = models.compactMap {
      ResidualStudy.published.percent(of: ResidualArchitecture($0, depth: depth), on: data)
    }.map { "\($0)" }
    let words = steps.map { better, gain in
      "\(better.title) \(gain.value < 0 ? "−" : "+")\(Wording.number(abs(gain.value))) "
        + "[\(Wording.number(gain.lower)), \(Wording.number(gain.upper))]"
    }
    return Claim(
      id: "order-\(data.lowercased())",
      sentence:
        "With \(depth) layers plain, Res-CSC-Simplified, ResNet, Res-CSC get better in this "
        + "order on \(data)",
      source: "R Table II",
      paper: published.isEmpty ? nil : "\(published.joined(separator: ", ")) %",
      measured: steps.isEmpty
        ? "not measured with two seeds"
        : "each against the one before, points: \(words.joined(separator: ", ")); \(settings.scale), "
          + "\(settings.seeds) seeds",
      verdict: steps.count < 3 || !settings.isDecisive
        ? .undecided
        : steps.contains { $0.1.upper < 0 }
          ? .doesNotHold : steps.allSatisfy { $0.1.lower > 0 } ? .holds : .undecided)
  }
}
