import ExperimentSuite
import MLCSCKit

/// The slides' table of classification errors: a linear classifier on unsupervised features of MNIST.
///
/// A multi-layer model is learned without labels; then multinomial logistic regression is fitted to
/// codes of the 2nd layer, and of the 2nd and 3rd. The documents give the errors and "1K units" and
/// "2K units", but not the pursuit, the pooling, nor the classifier: those below are choices. Beside
/// them: pixels, and one layer of as many atoms, learned and coded in the same way.
@main
struct DictionaryClassification: Experiment {
  static let identity = ExperimentIdentity(
    name: "dictionary-learning-classification",
    paper: "S: slides; D: ML-CSC pursuit and dictionary learning",
    figure: "table of classification errors",
    title: "MNIST error of a linear classifier on unsupervised ML-CSC features",
    question: "Do codes learned without labels make digits linearly separable, and how deep ones?",
    dataSets: ["mnist"])

  struct Settings: Codable {
    var filterCounts: [Int]
    var kernelSizes = [6, 6, 4]
    var strides = [2, 2, 1]
    /// Digits that the model is learned from, without their labels.
    var learningDigits: Int
    /// Digits that the classifier is fitted to.
    var trainingDigits: Int
    var testDigits: Int
    var epochs: Int
    var fullData: Bool
    // Learning: as in dictionary-learning-filters.
    var filterThreshold: Double = 2.25e-3
    var batchSize = 100
    var sparsity = 10
    var learningRate: Double = 2e-3
    var leastUses = 5
    /// λ of the LASSO on unit atoms that gives the codes; chosen on training digits.
    var codePenalty: Double = 0.2
    /// Iterations of FISTA.
    var codeIterations = 50
    /// Codes of the 2nd layer are pooled over windows of this side.
    var poolingWindow = 2
    /// λ of the classifier, tried from the first on; one digit in `validationPart` decides.
    var penalties: [Double] = [1e-4, 1e-5, 1e-6]
    var validationPart = 5
    /// Largest excess of the classifier's objective over its minimum, in nats a digit, while the
    /// penalty is chosen and in the end.
    var choiceGap: Double = 1e-2
    var classifierGap: Double = 1e-3
    /// Fewer test digits decide nothing.
    var leastTestDigits = 1_000
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke:
      Settings(
        filterCounts: [8, 16, 32], learningDigits: 300, trainingDigits: 300, testDigits: 100,
        epochs: 1, fullData: false)
    case .quick:
      Settings(
        filterCounts: [32, 64, 256], learningDigits: 10_000, trainingDigits: 10_000,
        testDigits: 2_000, epochs: 5, fullData: false)
    case .standard, .paper:
      // 64 · 4 · 4 = 1,024 units in the 2nd layer and 1,024 in the 3rd: S's "1K" and "2K units".
      Settings(
        filterCounts: [32, 64, 1024], learningDigits: 60_000, trainingDigits: 60_000,
        testDigits: 10_000, epochs: 30, fullData: true, penalties: [1e-5, 1e-6, 1e-7, 1e-8])
    }
  }

  static func prepare(_ settings: Settings, _ resources: RunResources) throws -> MNIST {
    let digits = try settings.fullData ? MNIST.full() : MNIST.embedded()
    digits.provenance.forEach(resources.note)
    return digits
  }

  static func fingerprint(of digits: MNIST) -> String { digits.fingerprint }

  struct Cell: ExperimentCell {
    let model: String
    var id: String { model }
  }

  static func cells(_ settings: Settings, _ digits: MNIST) -> [Cell] {
    // The longest first, so that the others run beside it.
    ["multi-layer", "one-layer", "pixels"].map { Cell(model: $0) }
  }

  /// One set of features with its classifier.
  struct Row: Codable {
    let features: String
    /// Coefficients that a digit's code has, before signs are set apart.
    let units: Int
    let featureCount: Int
    /// Validation errors by penalty, as shares.
    let validation: [Double]
    let penalty: Double
    let trainingError: Double
    /// The test digits that the classifier errs on.
    let misclassified: [Int]
    let testDigits: Int
    let gap: Double
  }

  static func measure(
    _ cell: Cell, _ settings: Settings, _ digits: MNIST, _ context: CellContext
  ) throws -> [Row] {
    let coder = Coder(settings, digits, context)
    let sets = try coder.sets(of: cell.model)
    return try sets.enumerated().map { number, set in
      context.progress(Double(number) / Double(sets.count), "classifier on \(set.name)")
      return try classify(set, coder, settings, context)
    }
  }

  /// Chooses the penalty on the digits that validate, then fits to all training digits.
  private static func classify(
    _ set: FeatureSet, _ coder: Coder, _ settings: Settings, _ context: CellContext
  ) throws -> Row {
    let features = set.joined()
    let labels = coder.trainingLabels
    let fitted = labels.count - coder.validationCount
    let validation = features.training.gathering(rows: Array(fitted..<labels.count))
    let part = features.training.gathering(rows: Array(0..<fitted))
    func fit(
      _ features: Tensor<Double>, _ labels: [Int], _ penalty: Double, gap: Double,
      _ start: LinearClassifier?
    ) throws -> LogisticRegression.Fit {
      try LogisticRegression(features: features, labels: labels, classCount: 10, penalty: penalty)
        .fit(gap: gap, from: start, interrupted: context.checkInterruption)
    }
    func share(_ errors: [Bool]) -> Double {
      Double(errors.count { $0 }) / Double(max(errors.count, 1))
    }
    var path = [(error: Double, penalty: Double, classifier: LinearClassifier)]()
    for penalty in settings.penalties {
      let classifier = try fit(
        part, Array(labels[..<fitted]), penalty, gap: settings.choiceGap, path.last?.classifier
      ).classifier
      let errors = try classifier.errors(validation, labels: Array(labels[fitted...]))
      path.append((share(errors), penalty, classifier))
    }
    // The first of equal ones has the largest penalty.
    let best = path.reduce(path[0]) { $1.error < $0.error ? $1 : $0 }
    let final = try fit(
      features.training, labels, best.penalty, gap: settings.classifierGap, best.classifier)
    let wrong = try final.classifier.errors(features.test, labels: coder.testLabels)
    return Row(
      features: set.name, units: set.units, featureCount: features.training.columns,
      validation: path.map(\.error), penalty: best.penalty,
      trainingError: share(try final.classifier.errors(features.training, labels: labels)),
      misclassified: wrong.indices.filter { wrong[$0] }, testDigits: wrong.count, gap: final.gap)
  }

  /// S, "ML-CSC Decompositions", the table after it: errors in percent.
  static let table: [(method: String, error: Double)] = [
    ("Stacked Denoising Autoencoder (3 layers)", 1.28),
    ("k-Sparse Autoencoder (1K units)", 1.35),
    ("Shallow WTA Autoencoder (2K units)", 1.20),
    ("Stacked WTA Autoencoder (2K units)", 1.11),
    ("ML-CSC (1K units) 2nd layer", 1.30),
    ("ML-CSC (2K units) 2nd and 3rd layer", 1.15),
  ]

  static func tables(
    _ settings: Settings, _ results: [CellResult<Cell, Row>]
  ) throws -> [Table] {
    let rows = results.reversed().flatMap(\.rows)
    let ours = rows.map { row -> [Value] in
      let error = Statistics.share(row.misclassified.count, of: row.testDigits)
      return [
        "ours", .text(row.features), .text(FeatureSet.label(row.features, units: row.units)),
        .real(100 * error.value), .real(100 * error.lower), .real(100 * error.upper),
        .integer(row.testDigits), .integer(row.units), .integer(row.featureCount),
        .real(100 * row.trainingError), .real(row.penalty),
      ]
    }
    // S gives no intervals: those that its 10,000 test digits imply.
    let papers = table.map { method, error -> [Value] in
      let interval = Statistics.share(Int((100 * error).rounded()), of: 10_000)
      return [
        "slides", .text(method), .text(method), .real(error), .real(100 * interval.lower),
        .real(100 * interval.upper), 10_000, .missing, .missing, .missing, .missing,
      ]
    }
    let validation = rows.flatMap { row in
      zip(settings.penalties, row.validation).map { penalty, error -> [Value] in
        [
          .text(row.features), .real(penalty),
          .text(FeatureSet.label(row.features, units: row.units)), .real(100 * error),
        ]
      }
    }
    // Learning amplifies the rounding of another processor's kernels.
    func loose(_ name: String) -> Column { .measured(name, absolute: 1, relative: 0.15) }
    return try [
      Table(
        "errors",
        [
          .key("source"), .key("features"), .note("label"), loose("error_percent"),
          loose("lower_percent"), loose("upper_percent"), .exact("test_digits"),
          .exact("units"), .exact("features_count"), loose("training_error_percent"),
          .note("classifier_penalty"),
        ], rows: ours + papers),
      Table(
        "validation",
        [.key("features"), .key("classifier_penalty"), .note("label"), loose("error_percent")],
        rows: validation),
    ]
  }

  static func claims(
    _ settings: Settings, _ results: [CellResult<Cell, Row>]
  ) throws -> [Claim] {
    let rows = [String: Row](
      uniqueKeysWithValues: results.flatMap(\.rows).map { ($0.features, $0) })
    func error(_ row: Row) -> Estimate {
      let share = Statistics.share(row.misclassified.count, of: row.testDigits)
      return Estimate(
        value: 100 * share.value, lower: 100 * share.lower, upper: 100 * share.upper)
    }
    func words(_ e: Estimate) -> String { Wording.interval(e) + " %" }
    func level(_ id: String, _ name: String, _ layer: String, _ paper: Double) -> Claim? {
      rows[name].map { row in
        let found = error(row)
        return Claim(
          id: id,
          sentence: "A linear classifier on \(layer) errs on \(paper) % of MNIST's test digits",
          source: "S, table of classification errors", paper: "\(paper) %",
          measured: "\(words(found)) of \(row.testDigits) test digits (Wilson 95 %); "
            + "\(row.units) units, filters \(settings.filterCounts), "
            + "\(settings.trainingDigits) training digits",
          // A smaller model of fewer digits says nothing about the paper's number.
          verdict: settings.fullData && settings.filterCounts.last == 1024
            && row.testDigits == 10_000
            ? found.lower <= paper ? .holds : .doesNotHold : .undecided)
      }
    }
    func order(
      _ id: String, _ sentence: String, _ better: String, than worse: String,
      source: String = "ours: a reference beside S's table"
    ) -> Claim? {
      guard let a = rows[better], let b = rows[worse] else { return nil }
      let (wrongA, wrongB) = (Set(a.misclassified), Set(b.misclassified))
      let gain = Statistics.bootstrapMean(
        (0..<a.testDigits).map { digit in
          100 * ((wrongB.contains(digit) ? 1.0 : 0) - (wrongA.contains(digit) ? 1 : 0))
        })
      return Claim(
        id: id, sentence: sentence, source: source,
        measured: "\(words(error(a))) (\(a.units) units) against \(words(error(b))) "
          + "(\(b.units) units); paired gain \(Wording.interval(gain)) points on \(a.testDigits) test digits",
        verdict: a.testDigits < settings.leastTestDigits
          ? .undecided : gain.lower > 0 ? .holds : gain.upper < 0 ? .doesNotHold : .undecided)
    }
    return [
      level("second-layer-error", "second", "γ2 (1K units)", 1.30),
      level("second-and-third-layer-error", "second-third", "γ2 and γ3 (2K units)", 1.15),
      order(
        "third-layer-adds", "γ2 and γ3 together serve better than γ2 alone", "second-third",
        than: "second", source: "S, table of classification errors"),
      order(
        "better-than-pixels", "Unsupervised features serve a linear classifier better than pixels",
        "second", than: "pixels"),
      order(
        "better-than-one-layer",
        "γ2 and γ3 serve better than the code of one layer with as many deepest atoms",
        "second-third", than: "one-layer"),
      order(
        "better-at-equal-units",
        "With as many units, γ3 alone serves better than the code of one layer", "third",
        than: "one-layer"),
    ].compactMap { $0 }
  }
}
