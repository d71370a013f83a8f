import MLCSCKit

/// R Table II: accuracies of plain, Res-CSC-Simplified, ResNet and Res-CSC networks of 20 to 218
/// layers on CIFAR-10, CIFAR-100 and SVHN.
///
/// Every cell of the table is one training: cached, sharded, resumed, and shared with
/// `rescsc-fig7-degradation`. A cell that was not run, or whose data are absent, is empty; while a
/// larger profile fills, `--gather` writes what is there. Settings and readings are in
/// `ResidualStudy` and `ResidualPair`.
@main
struct ResidualTable: Experiment {
  static let identity = ExperimentIdentity(
    name: "rescsc-table2",
    paper: "R: Residual and dilated dense networks via CSC",
    figure: "Table II",
    title: "Accuracies of plain, Res-CSC-Simplified, ResNet and Res-CSC networks",
    question: "Is Res-CSC as accurate as ResNet, at every depth and on every data set?",
    dataSets: ["cifar10", "cifar100", "svhn"])

  static let allowsMissingCells = true

  static func settings(for profile: Profile) -> ResidualStudy { .settings(for: profile) }

  static func prepare(
    _ settings: ResidualStudy, _ resources: RunResources
  ) throws -> [ImageSource: ImageSet] {
    try ImageSource.loadSome(settings.sources, resources)
  }

  static func cells(
    _ settings: ResidualStudy, _ inputs: [ImageSource: ImageSet]
  ) -> [TrainingRun<ResidualArchitecture>] { settings.runs(inputs) }

  typealias Results = [CellResult<TrainingRun<ResidualArchitecture>, EpochRecord>]
  typealias Training = TrainingComparison<ResidualArchitecture>.Training

  /// Accuracies in percent, in the order of `models`; nothing where R prints ×.
  static let published: [(data: String, layers: Int, accuracies: [Double?])] = [
    ("CIFAR10", 20, [90.74, 91.86, 91.30, 91.82]), ("CIFAR10", 32, [90.34, 90.95, 92.52, 93.31]),
    ("CIFAR10", 44, [89.41, 90.19, 92.92, 92.89]), ("CIFAR10", 56, [87.04, 88.75, 93.15, 93.55]),
    ("CIFAR10", 110, [nil, nil, 93.41, 93.56]), ("CIFAR10", 218, [nil, nil, 94.02, 94.28]),
    ("CIFAR100", 20, [66.02, 66.33, 67.81, 68.55]), ("CIFAR100", 32, [64.31, 65.35, 69.79, 69.35]),
    ("CIFAR100", 44, [61.54, 63.24, 70.59, 70.68]), ("CIFAR100", 56, [59.28, 60.58, 71.09, 71.40]),
    ("CIFAR100", 110, [nil, nil, 72.47, 73.13]), ("CIFAR100", 218, [nil, nil, 73.28, 73.50]),
    ("SVHN", 20, [96.67, 96.70, 96.57, 96.81]), ("SVHN", 32, [96.55, 96.63, 96.63, 96.83]),
    ("SVHN", 44, [96.36, 96.51, 96.74, 96.91]), ("SVHN", 56, [96.09, 96.38, 96.88, 97.01]),
    ("SVHN", 110, [nil, nil, 96.96, 97.11]), ("SVHN", 218, [nil, nil, 97.05, 97.22]),
  ]
  /// The columns of the table.
  static let models: [ResidualModel] = [.plain, .simplified, .resNet, .resCSC]
  /// Parameters in millions by layers.
  static let millions: [(layers: Int, millions: Double)] = [
    (20, 0.27), (32, 0.46), (44, 0.66), (56, 0.85), (110, 1.70), (218, 3.40),
  ]

  /// Which of the study's sets stands for a data set of the table.
  private static func source(_ data: String, _ settings: ResidualStudy) -> ImageSource? {
    settings.sources.first { $0.family == data }
  }

  private static func paper(_ data: String, _ layers: Int, _ model: ResidualModel) -> Double? {
    published.first { $0.data == data && $0.layers == layers }
      .flatMap { row in models.firstIndex(of: model).flatMap { row.accuracies[$0] } }
  }

  static func tables(_ settings: ResidualStudy, _ results: Results) throws -> [Table] {
    let depths = Set(millions.map(\.layers) + settings.depths).sorted()
    let rows = ["CIFAR10", "CIFAR100", "SVHN"].flatMap { data -> [[Value]] in
      let all = source(data, settings).map { settings.comparison(of: $0, in: results) }
      return models.flatMap { model in
        depths.map { depth -> [Value] in
          let network = ResidualArchitecture(model, depth: depth)
          let found = all?.trainings(of: network) ?? []
          func ours(_ measure: (Training) -> Double) -> Estimate? {
            found.isEmpty ? nil : all?.mean(of: network, measure)
          }
          let mean = ours { 100 * $0.summary.meanOfLastTestAccuracy }
          return [
            .text(data), .text(model.title), .integer(depth),
            Value(finite: paper(data, depth, model)), Value(finite: mean?.value),
            Value(finite: mean?.lower), Value(finite: mean?.upper),
            Value(finite: ours { 100 * $0.summary.finalTestAccuracy }?.value),
            Value(finite: ours { 100 * $0.summary.bestTestAccuracy }?.value),
            Value(finite: ours { 100 * $0.summary.finalTrainingAccuracy }?.value),
            found.isEmpty ? .missing : .integer(found.count),
            found.isEmpty ? .missing : .text(settings.scale),
          ]
        }
      }
    }
    func loose(_ name: String) -> Column { .measured(name, absolute: 5, relative: 0) }
    return try [
      Table(
        "accuracies",
        [
          .key("data"), .key("model"), .key("layers"), .exact("paper_percent"),
          loose("ours_mean_of_last_percent"), .note("ours_lower_percent"),
          .note("ours_upper_percent"), loose("ours_final_percent"),
          loose("ours_best_percent_chosen_on_test"), loose("ours_training_percent"),
          .exact("seeds"), .exact("scale"),
        ], rows: rows),
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

  static func claims(_ settings: ResidualStudy, _ results: Results) throws -> [Claim] {
    let source = "R Table II"
    var claims = [Claim]()
    for data in ["CIFAR10", "CIFAR100", "SVHN"] {
      guard let set = self.source(data, settings) else { continue }
      let all = settings.comparison(of: set, in: results)
      guard !all.trainings.isEmpty else { continue }
      let cells = all.models.compactMap { network -> (found: Double, paper: Double)? in
        paper(data, network.depth, network.model).map { paper in
          (all.mean(of: network) { 100 * $0.summary.meanOfLastTestAccuracy }.value, paper)
        }
      }
      let reached = cells.count { $0.found >= $0.paper - 1 }
      claims.append(
        Claim(
          id: "levels-\(data.lowercased())",
          sentence: "The accuracies of Table II on \(data)", source: source,
          paper: "\(cells.map(\.paper).min() ?? 0) to \(cells.map(\.paper).max() ?? 0) %",
          measured: "\(reached) of \(cells.count) cells within a point of the paper or above; "
            + settings.scale,
          verdict: !settings.isFullScale || cells.isEmpty
            ? .undecided : reached == cells.count ? .holds : .doesNotHold))
      claims.append(order(data, settings, all))
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
        ResidualArchitecture(better, depth: depth), minus: ResidualArchitecture(worse, depth: depth)
      ) { 100 * $0.summary.meanOfLastTestAccuracy }
      .map { (better, $0) }
    }
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
      paper: depth == 56 && data == "CIFAR10"
        ? "87.04, 88.75, 93.15, 93.55 %" : nil,
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
