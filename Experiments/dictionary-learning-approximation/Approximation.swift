import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// M-term approximation of held-out digits, ML-CSC against other dictionaries (S, D).
///
/// The slides "ML-CSC Decompositions: Signal Approximation" show curves that their text does not
/// carry; what is compared here is chosen accordingly. Error: ‖y − x̂‖²/‖y‖² of a test digit, x̂ of M
/// terms found by orthogonal matching pursuit. "The same size" has three readings, all shown: as
/// many free parameters, as many atoms, and the size of the effective atoms (28×28, one position),
/// which is a dense dictionary. All dictionaries are learned from the training digits of ML-CSC, with
/// its k and as many passes.
@main
struct DictionaryApproximation: Experiment {
  static let identity = ExperimentIdentity(
    name: "dictionary-learning-approximation",
    paper: "D: ML-CSC pursuit and dictionary learning; S: slides",
    figure: "Signal approximation",
    title: "M-term approximation of held-out digits: ML-CSC and other dictionaries",
    question: "Does ML-CSC approximate digits with fewer terms than dictionaries of the same size?",
    dataSets: ["mnist"], version: 2)

  struct Settings: Codable {
    var trainingDigits: Int
    var testDigits: Int
    /// Passes over the training digits: epochs, or iterations of K-SVD (as ML-CSC's).
    var passes: Int
    /// k in learning (as ML-CSC's).
    var sparsity = 10
    /// M.
    var terms = [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100]
    /// Kernels of one-layer dictionaries with ML-CSC's number of parameters.
    var kernels = [14, 20]
    /// Their stride, that of ML-CSC's first layers.
    var stride = 2
    var learningSeeds: Int
    var batchSize = 100
    var learningRate: Double = 2e-3
    var leastUses = 5
    /// The relative squared error whose number of terms is counted for each digit.
    var target = 0.1
    var fullScale: Bool
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke:
      Settings(
        trainingDigits: 300, testDigits: 20, passes: 1, terms: [1, 2, 5, 10, 20], learningSeeds: 1,
        fullScale: false)
    case .quick:
      Settings(
        trainingDigits: 10_000, testDigits: 300, passes: 12, kernels: [14], learningSeeds: 1,
        fullScale: false)
    case .standard:
      Settings(
        trainingDigits: 60_000, testDigits: 10_000, passes: 10,
        learningSeeds: 1, fullScale: true)
    case .paper:
      Settings(
        trainingDigits: 60_000, testDigits: 10_000, passes: 30,
        learningSeeds: 3, fullScale: true)
    }
  }

  static func rules(for settings: Settings) -> [SettingRule] {
    [
      SettingRule("testDigits", "be at least 10, one of each class", settings.testDigits >= 10),
      .distinct("terms", settings.terms), .distinct("kernels", settings.kernels),
    ]
  }

  static func prepare(_ settings: Settings, _ resources: RunResources) throws -> DigitModel {
    try DigitModel(fullScale: settings.fullScale, resources)
  }

  struct Cell: ExperimentCell {
    let kind: DictionaryKind
    let seed: Int
    var id: String { "\(kind.name)-\(seed)" }
  }

  static func cells(_ settings: Settings, _ inputs: DigitModel) -> [Cell] {
    DictionaryKind.all(settings.kernels).flatMap { kind in
      (0..<(kind.isLearnedHere ? settings.learningSeeds : 1)).map { Cell(kind: kind, seed: $0) }
    }
  }

  struct Row: Codable {
    var size: Size?
    var digit: DigitErrors?
  }

  struct Size: Codable {
    let atoms: Int
    let parameters: Int
  }

  struct DigitErrors: Codable {
    let digit: Int
    /// Relative squared errors at the settings' numbers of terms.
    let errors: [Double]
    /// The least number of terms whose error is at most the target; the largest M plus one where
    /// none is.
    let termsNeeded: Int
  }

  static func measure(
    _ cell: Cell, _ settings: Settings, _ inputs: DigitModel, _ context: CellContext
  ) throws -> [Row] {
    let digits = inputs.test.firstOfEachClass(settings.testDigits / 10)
    let test = inputs.test.batch(digits, as: Double.self)
    let limit = settings.terms.max() ?? 1
    let learned = try LearnedDictionary(cell.kind, cell.seed, settings, inputs, context)
    let errors = try learned.errors(of: test, upTo: limit)
    return [Row(size: Size(atoms: learned.atoms, parameters: learned.parameters))]
      + digits.indices.map { row in
        let path = errors.row(row)
        return Row(
          digit: DigitErrors(
            digit: digits[row], errors: settings.terms.map { path[$0] },
            termsNeeded: path.firstIndex { $0 <= settings.target } ?? limit + 1))
      }
  }

  static func tables(
    _ settings: Settings, _ results: [CellResult<Cell, Row>]
  ) throws -> [Table] {
    try ApproximationReport(settings, results).tables()
  }

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    try ApproximationClaims(tables).tests
  }

  static func scale(_ settings: Settings) -> [String] {
    [
      "\(Wording.count(settings.trainingDigits)) training digits",
      "\(Wording.count(settings.testDigits)) test digits", "k = \(settings.sparsity)",
      "\(settings.learningSeeds) learning seed\(settings.learningSeeds == 1 ? "" : "s")",
    ]
  }
}
