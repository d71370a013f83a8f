import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// The slides' table of classification errors: a linear classifier on unsupervised features of MNIST.
///
/// The multi-layer model is that of `dictionary-learning-filters`, learned without labels; then
/// multinomial logistic regression is fitted to codes of the 2nd layer, and of the 2nd and 3rd. The
/// documents give the errors and "1K units" and "2K units", but not the pursuit, the pooling, nor the
/// classifier: those below are choices. Beside them: pixels, one layer of as many atoms, learned and
/// coded in the same way, and a denoising autoencoder with a code as long as the model's.
@main
struct DictionaryClassification: Experiment {
  static let identity = ExperimentIdentity(
    name: "dictionary-learning-classification",
    paper: "S: slides; D: ML-CSC pursuit and dictionary learning",
    figure: "table of classification errors",
    title: "MNIST error of a linear classifier on unsupervised ML-CSC features",
    question: "Do codes learned without labels make digits linearly separable, and how deep ones?",
    dataSets: ["mnist"], version: 2)

  struct Settings: Codable {
    /// Digits that the single layer is learned from, without their labels.
    var learningDigits: Int
    /// Digits that the classifier is fitted to.
    var trainingDigits: Int
    var testDigits: Int
    /// Epochs in which the single layer is learned.
    var epochs: Int
    var fullScale: Bool
    // Learning: as in dictionary-learning-filters.
    var batchSize = 100
    var sparsity = 10
    var learningRate: Double = 2e-3
    var leastUses = 5
    /// Epochs of the autoencoder, the share of pixels that it does not see, and Adam's step (ours).
    var autoencoderEpochs: Int
    var maskedShare = 0.3
    var autoencoderRate: Double = 1e-3
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
    /// Stored with every result's key.
    var leastTestDigits = 1_000
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke:
      Settings(
        learningDigits: 300, trainingDigits: 300, testDigits: 100, epochs: 1, fullScale: false,
        autoencoderEpochs: 2)
    case .quick:
      Settings(
        learningDigits: 10_000, trainingDigits: 10_000, testDigits: 2_000, epochs: 6,
        fullScale: false, autoencoderEpochs: 10, codeIterations: 30)
    case .standard, .paper:
      Settings(
        learningDigits: 60_000, trainingDigits: 60_000, testDigits: 10_000, epochs: 15,
        fullScale: true, autoencoderEpochs: 30, penalties: [1e-5, 1e-6, 1e-7, 1e-8])
    }
  }

  static func rules(for settings: Settings) -> [SettingRule] {
    [
      SettingRule("learningDigits", "be at least 10", settings.learningDigits >= 10),
      SettingRule(
        "trainingDigits", "be at least 50, so that some decide the penalty",
        settings.trainingDigits >= 50),
      .within(
        "validationPart", settings.validationPart, range: 2...max(settings.trainingDigits, 2)),
    ]
  }

  static func prepare(_ settings: Settings, _ resources: RunResources) throws -> DigitModel {
    try DigitModel(fullScale: settings.fullScale, resources)
  }

  struct Cell: ExperimentCell {
    let model: String
    var id: String { model }
  }

  static func cells(_ settings: Settings, _ inputs: DigitModel) -> [Cell] {
    // The longest first, so that the others run beside it.
    ["multi-layer", "autoencoder", "one-layer", "pixels"].map { Cell(model: $0) }
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
    _ cell: Cell, _ settings: Settings, _ inputs: DigitModel, _ context: CellContext
  ) throws -> [Row] {
    let coder = Coder(settings, inputs, context)
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

  // MARK: What the table shows

  // Learning amplifies the rounding of another processor's kernels.
  private static let loose = ColumnRole.measured(absolute: 1, relative: 0.15)

  /// The error on some features, the slides' or ours.
  struct ErrorRow: TableRow {
    @Field("source", .key) var source = ""
    @Field("features", .key) var features = ""
    @Field("label", .note) var label = ""
    @Field("error_percent", loose) var error = 0.0
    @Field("lower_percent", .note) var lower = 0.0
    @Field("upper_percent", .note) var upper = 0.0
    @Field("errors", .note) var errors = 0
    @Field("test_digits", .exact) var digits = 0
    @Field("units", .exact) var units: Int? = nil
    @Field("features_count", .exact) var count: Int? = nil
    @Field("training_digits", .exact) var trainingDigits: Int? = nil
    @Field("training_error_percent", loose) var trainingError: Double? = nil
    @Field("classifier_penalty", .note) var penalty: Double? = nil
  }

  /// A penalty that was tried.
  struct ValidationRow: TableRow {
    @Field("features", .key) var features = ""
    @Field("classifier_penalty", .key) var penalty = 0.0
    @Field("label", .note) var label = ""
    @Field("error_percent", loose) var error = 0.0
  }

  /// Two sets of features on the same test digits.
  struct PairRow: TableRow {
    @Field("better", .key) var better = ""
    @Field("than", .key) var worse = ""
    @Field("only_the_first_errs", .note) var onlyFirst = 0
    @Field("only_the_second_errs", .note) var onlySecond = 0
    @Field("test_digits", .exact) var digits = 0

    /// How many points the second errs more, paired by digit.
    var gain: Measurement {
      let n = Double(max(digits, 2))
      let (mean, square) = (
        Double(onlySecond - onlyFirst) / n, Double(onlySecond + onlyFirst) / n
      )
      return .mean(
        100 * mean, standardError: 100 * ((square - mean * mean) / (n - 1)).squareRoot(),
        draws: digits, sample: [Sample(digits, "test digits")])
    }
  }

  /// The pairs that claims compare.
  private static let pairs = [
    ("second-third", "second"), ("third", "one-layer"), ("second-third", "autoencoder"),
  ]

  static func scale(_ settings: Settings) -> [String] {
    [
      "\(Wording.count(settings.trainingDigits)) training digits",
      "\(Wording.count(settings.testDigits)) test digits",
      settings.fullScale ? "the paper’s model" : "the small model", "one learning seed",
    ]
  }

  static func tables(
    _ settings: Settings, _ results: [CellResult<Cell, Row>]
  ) throws -> [Table] {
    let rows = results.reversed().flatMap(\.rows)
    func row(_ errors: Int, _ digits: Int) -> ErrorRow {
      let share = Statistics.share(errors, of: digits)
      return ErrorRow(
        error: 100 * share.value, lower: 100 * share.lower, upper: 100 * share.upper,
        errors: errors, digits: digits)
    }
    let ours = rows.map { found in
      var row = row(found.misclassified.count, found.testDigits)
      (row.source, row.features) = ("ours", found.features)
      row.label = FeatureSet.label(found.features, units: found.units)
      (row.units, row.count) = (found.units, found.featureCount)
      row.trainingDigits = settings.trainingDigits
      (row.trainingError, row.penalty) = (100 * found.trainingError, found.penalty)
      return row
    }
    // S gives no intervals: those that its 10,000 test digits imply.
    let slides = table.map { method, error in
      var row = row(Int((100 * error).rounded()), 10_000)
      (row.source, row.features, row.label) = ("slides", method, method)
      return row
    }
    let validation = rows.flatMap { row in
      zip(settings.penalties, row.validation).map { penalty, error in
        ValidationRow(
          features: row.features, penalty: penalty,
          label: FeatureSet.label(row.features, units: row.units), error: 100 * error)
      }
    }
    let compared = pairs.compactMap { better, worse -> PairRow? in
      guard let a = rows.first(where: { $0.features == better }),
        let b = rows.first(where: { $0.features == worse })
      else { return nil }
      let (first, second) = (Set(a.misclassified), Set(b.misclassified))
      return PairRow(
        better: better, worse: worse, onlyFirst: first.subtracting(second).count,
        onlySecond: second.subtracting(first).count, digits: a.testDigits)
    }
    return try [
      Table("errors", ours + slides), Table("validation", validation), Table("pairs", compared),
    ]
  }

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    let source = "S, table of classification errors"
    let errors = try tables.rows("errors", as: ErrorRow.self).filter { $0.source == "ours" }
    let pairs: [PairRow] = try tables.rows("pairs")
    func level(
      _ id: String, _ statements: [String], _ name: String, _ layer: String, _ paper: Double
    )
      -> ClaimTest
    {
      let row = errors.first { $0.features == name }
      return ClaimTest(
        id, decides: statements,
        "A linear classifier on \(layer) errs on \(paper) % of MNIST’s test digits", source: source,
        .number("error on \(layer)", unit: "%"),
        row.map { .percent($0.errors, of: $0.digits, "test digits") } ?? .none,
        paper: PaperValue(paper, unit: "%"),
        details: row.map {
          [
            Detail("units", Double($0.units ?? 0)),
            Detail("training digits", Double($0.trainingDigits ?? 0)),
          ]
        } ?? [],
        // On both sides as far as the 10,000 test digits resolve.
        holdsWhen: .within(paper - 0.25, paper + 0.25),
        premises: [
          Premise(
            "the model has S’s size and the classifier all of MNIST’s digits",
            isMet: (row?.units ?? 0) >= 1024 && (row?.trainingDigits ?? 0) == 60_000)
        ])
    }
    func order(
      _ id: String, _ statements: [String], _ sentence: String, _ source: String, _ better: String,
      than worse: String
    ) -> ClaimTest {
      let pair = pairs.first { $0.better == better && $0.worse == worse }
      func percent(_ name: String) -> [Detail] {
        errors.filter { $0.features == name }.map { Detail($0.label, $0.error, unit: "%") }
      }
      return ClaimTest(
        id, decides: statements, sentence, source: source,
        .difference(
          of: "error", FeatureSet.title(worse), minus: FeatureSet.title(better), unit: "points"),
        pair?.gain ?? .none, details: percent(better) + percent(worse), holdsWhen: .above(0))
    }
    return [
      level("second-layer-error", ["S17", "D7"], "second", "γ2 (1K units)", 1.30),
      level(
        "second-and-third-layer-error", ["S18", "D7"], "second-third", "γ2 and γ3 (2K units)", 1.15),
      order(
        "third-layer-adds", ["S19"], "γ2 and γ3 together serve better than γ2 alone", source,
        "second-third", than: "second"),
      order(
        "better-at-equal-units", [],
        "With as many units, γ3 alone serves better than the code of one layer",
        "ours, beside S’s table", "third", than: "one-layer"),
      order(
        "better-than-autoencoder", ["D7"],
        "The codes of γ2 and γ3 serve better than as long a code of a denoising autoencoder",
        "D Abstract (“competitive”); autoencoder ours", "second-third", than: "autoencoder"),
    ]
  }
}
