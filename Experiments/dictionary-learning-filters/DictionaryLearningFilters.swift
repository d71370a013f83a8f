import Algorithms
import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// D and the slides' "Learning Multi-Layer CSC Models": dictionaries learned from MNIST digits.
///
/// The journal version has 32 filters 7×7 (stride 2), 128 of 5×5 and 1024 of 7×7, which as
/// remembered cover 27 of 28 pixels; here kernels 6 (stride 2), 6 (stride 2) and 4 cover 28 exactly.
/// In place of the documents' penalty ‖Dᵢ‖₀ every filter of D₂ and D₃ has a least and a most number of
/// non-zeros, and D₁'s coherence is penalised: see `DictionaryLearning`. A second cell learns the same
/// model without these, so that their price is known. Sparse coding is orthogonal matching pursuit.
@main
struct DictionaryLearningFilters: Experiment {
  static let identity = ExperimentIdentity(
    name: "dictionary-learning-filters",
    paper: "D: ML-CSC pursuit and dictionary learning; S: slides",
    figure: "Learning Multi-Layer CSC Models",
    title: "Online multi-layer convolutional dictionary learning on MNIST",
    question: "Can sparse D2 and D3 be learned from digits, and what does their sparsity cost?",
    dataSets: ["mnist"], version: 5)

  struct Settings: Codable {
    var filterCounts: [Int]
    var kernelSizes = [6, 6, 4]
    var strides = [2, 2, 1]
    var trainingDigits: Int
    var testDigits: Int
    var epochs: Int
    var fullData: Bool
    /// The fewest non-zeros of a filter of D₂ and D₃.
    var leastNonzeros = 3
    /// The most.
    var mostNonzeros = 6
    /// The parts of the epochs after which pruning begins and ends.
    var pruning: [Double] = [0.1, 0.6]
    /// The magnitude below which entries of a unit filter are dropped after pruning.
    var filterThreshold: Double = 0.05
    /// Digits whose patches D₁'s filters are at first.
    var patchDigits = 1_000
    /// What is penalised of the coherence of D₁'s atoms, and how much.
    var coherence = CoherencePenalty(limit: 0.7, weight: 1)
    /// Of deepest atoms that are closer, one is replaced.
    var twinCoherence: Double = 0.9
    var batchSize = 100
    /// k, the non-zeros of γ₃.
    var sparsity = 10
    var learningRate: Double = 2e-3
    /// The parts of the epochs after which Adam's step is halved.
    var rateHalvings: [Double] = [0.7, 0.85]
    var leastUses = 5
    /// Atoms of each layer in the mosaic, those that test digits use most.
    var shownAtoms = [32, 36, 64]
    /// Shapes in each of the families beside which atoms are judged (ours).
    var referenceShapes = 3_000

    func learning(sparse: Bool) -> DictionaryLearningSettings {
      let limits = FilterLimits(
        least: leastNonzeros, most: mostNonzeros, threshold: filterThreshold,
        firstEpoch: pruning[0] * Double(epochs), lastEpoch: pruning[1] * Double(epochs))
      return DictionaryLearningSettings(
        batchSize: batchSize, sparsity: sparsity, learningRate: learningRate,
        rateHalvings: rateHalvings.map { Int(($0 * Double(epochs)).rounded()) },
        filterLimits: filterCounts.indices.map { $0 > 0 && sparse ? limits : nil },
        coherence: sparse ? coherence : nil, leastUses: leastUses,
        twinCoherence: sparse ? twinCoherence : 1,
        lastReplacement: Int(pruning[1] * Double(epochs)))
    }
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke:
      Settings(
        filterCounts: [8, 16, 32], trainingDigits: 300, testDigits: 50, epochs: 3,
        fullData: false, shownAtoms: [8, 9, 16], referenceShapes: 200)
    case .quick:
      Settings(
        filterCounts: [32, 64, 256], trainingDigits: 10_000, testDigits: 1_000, epochs: 12,
        fullData: false)
    case .standard:
      Settings(
        filterCounts: [32, 128, 1024], trainingDigits: 60_000, testDigits: 10_000, epochs: 15,
        fullData: true)
    case .paper:
      Settings(
        filterCounts: [32, 128, 1024], trainingDigits: 60_000, testDigits: 10_000, epochs: 30,
        fullData: true)
    }
  }

  static func rules(for settings: Settings) -> [SettingRule] {
    [
      .entries("filterCounts", settings.filterCounts, 3, "one for each layer"),
      .entries("kernelSizes", settings.kernelSizes, 3, "one for each layer"),
      .entries("strides", settings.strides, 3, "one for each layer"),
      .entries(
        "shownAtoms", settings.shownAtoms, settings.filterCounts.count, "one for each layer"),
      .entries("pruning", settings.pruning, 2, "where it begins and where it ends"),
      SettingRule("trainingDigits", "be at least 10", settings.trainingDigits >= 10),
    ]
  }

  static func prepare(_ settings: Settings, _ resources: RunResources) throws -> MNIST {
    try .digits(full: settings.fullData, resources)
  }

  struct Cell: ExperimentCell {
    let filters: String
    var id: String { filters }
  }

  static func cells(_ settings: Settings, _ digits: MNIST) -> [Cell] {
    [Cell(filters: "sparse"), Cell(filters: "dense")]
  }

  struct Row: Codable {
    var record: LearningRecord?
    var test: TestResult?
    var atom: AtomPicture?
  }

  /// The model after learning, on test digits.
  struct TestResult: Codable {
    let evaluation: LearningEvaluation
    let shapes: [AtomShape]
    let shapesBefore: [AtomShape]
  }

  static func measure(
    _ cell: Cell, _ settings: Settings, _ digits: MNIST, _ context: CellContext
  ) throws -> [Row] {
    let chosen = digits.training.balanced(settings.trainingDigits)
    let geometries = try ConvolutionGeometry.chain(
      signalSize: digits.training.size, filterCounts: settings.filterCounts,
      kernelSizes: settings.kernelSizes, strides: settings.strides)
    // Both cells start from the same filters and see the digits in the same order.
    var stream = RandomStream(identity.name, "learning", "filters")
    let start = try DictionaryLearning(
      layers: DictionaryLearning.firstFilters(
        geometries: geometries, filterCounts: settings.filterCounts,
        signals: digits.training.batch(chosen.prefix(settings.patchDigits)),
        limit: settings.coherence.limit, from: &stream),
      settings: settings.learning(sparse: cell.filters == "sparse"),
      streamNames: [identity.name, "learning"])
    var learner = start
    try learner.learn(from: digits.training, chosen, epochs: settings.epochs, context)
    let test = digits.test.batch(0..<min(settings.testDigits, digits.test.count), as: Double.self)
    let (layers, evaluation) = try learner.evaluation(on: test)
    let model = try LearnedModel(
      layers: layers,
      metadata: [
        "made_by": identity.name, "filters": cell.filters, "epochs": "\(settings.epochs)",
        "training_digits": "\(chosen.count)", "sparsity": "\(settings.sparsity)",
        "data_sha256": digits.fingerprint,
      ])
    try context.keep(model.encoded(), as: "model-\(cell.filters).safetensors")
    let ordered = try MultiLayerModel<Double>(layers)
    stream = RandomStream(identity.name, "reference shapes")
    let references = ReferenceShapes(
      count: settings.referenceShapes, images: test, side: digits.test.size.width, from: &stream)
    let result = TestResult(
      evaluation: evaluation,
      shapes: AtomShape.all(
        of: DenseDictionary(try ordered.effectiveConvolution(ordered.depth)), among: references),
      shapesBefore: try AtomShape.all(of: start.effectiveDictionary(), among: references))
    return learner.history.map { Row(record: $0) } + [Row(test: result)]
      + (try ordered.firstAtoms(counts: settings.shownAtoms)).map { Row(atom: $0) }
  }

  static func scale(_ settings: Settings) -> [String] {
    [
      "\(Wording.count(settings.trainingDigits)) digits", "\(settings.epochs) epochs",
      settings.filterCounts.map(String.init).joined(separator: "/") + " filters",
      "k = \(settings.sparsity)", "one learning seed",
    ]
  }

  static func tables(
    _ settings: Settings, _ results: [CellResult<Cell, Row>]
  ) throws -> [Table] { try FiltersReport(settings, results).tables() }

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    try FiltersClaims(tables).tests
  }
}
