import ExperimentSuite
import Foundation
import MLCSCKit
import MLCSCStudies

/// D and the slides' "Learning Multi-Layer CSC Models": dictionaries learned from MNIST digits.
///
/// The journal version has 32 filters 7×7 (stride 2), 128 of 5×5 and 1024 of 7×7, which as
/// remembered cover 27 of 28 pixels; here kernels 6 (stride 2), 6 (stride 2) and 4 cover 28 exactly.
/// A second cell learns the same model without the threshold that makes D₂ and D₃ sparse, so that
/// the price of sparsity is known. Sparse coding is orthogonal matching pursuit.
@main
struct DictionaryLearningFilters: Experiment {
  static let identity = ExperimentIdentity(
    name: "dictionary-learning-filters",
    paper: "D: ML-CSC pursuit and dictionary learning; S: slides",
    figure: "Learning Multi-Layer CSC Models",
    title: "Online multi-layer convolutional dictionary learning on MNIST",
    question: "Can sparse D2 and D3 be learned from digits, and what does their sparsity cost?",
    dataSets: ["mnist"])

  struct Settings: Codable {
    var filterCounts: [Int]
    var kernelSizes = [6, 6, 4]
    var strides = [2, 2, 1]
    var trainingDigits: Int
    var testDigits: Int
    var epochs: Int
    var fullData: Bool
    /// Soft threshold after each step on D₂, D₃; D₁ stays dense.
    var filterThreshold: Double = 2.25e-3
    var batchSize = 100
    /// k, the non-zeros of γ₃.
    var sparsity = 10
    var learningRate: Double = 2e-3
    var leastUses = 5
    /// Atoms of each layer in the mosaic.
    var shownAtoms = [32, 36, 64]
    /// Error with sparse filters over error with dense ones that still counts as close (ours).
    var acceptedFactor: Double = 1.5
  }

  static func settings(for profile: Profile) -> Settings {
    switch profile {
    case .smoke:
      Settings(
        filterCounts: [8, 16, 32], trainingDigits: 300, testDigits: 50, epochs: 2,
        fullData: false, shownAtoms: [8, 9, 16])
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

  static func prepare(_ settings: Settings, _ resources: RunResources) throws -> MNIST {
    let digits = try settings.fullData ? MNIST.full() : MNIST.embedded()
    digits.provenance.forEach(resources.note)
    return digits
  }

  static func fingerprint(of digits: MNIST) -> String { digits.fingerprint }

  struct Cell: ExperimentCell {
    let filters: String
    var id: String { filters }
  }

  static func cells(_ settings: Settings, _ digits: MNIST) -> [Cell] {
    [Cell(filters: "sparse"), Cell(filters: "dense")]
  }

  struct Row: Codable {
    var record: LearningRecord?
    var test: TestError?
    var atom: Atom?
  }

  struct TestError: Codable {
    let relativeSquaredError: Double
    let codeDensity: [Double]
    let filterSparsity: [Double]
    /// Mean over atoms of the largest |cosine| with a test digit: learned, and before learning.
    let likenessLearned: Double
    let likenessRandom: Double
  }

  struct Atom: Codable {
    let layer: Int
    let index: Int
    let size: Int
    let pixels: [Double]
  }

  static func measure(
    _ cell: Cell, _ settings: Settings, _ digits: MNIST, _ context: CellContext
  ) throws -> [Row] {
    let threshold = cell.filters == "sparse" ? settings.filterThreshold : 0
    // Both cells start from the same filters and see the digits in the same order.
    var learner = try DictionaryLearning(
      geometries: ConvolutionGeometry.chain(
        signalSize: digits.training.size, filterCounts: settings.filterCounts,
        kernelSizes: settings.kernelSizes, strides: settings.strides),
      filterCounts: settings.filterCounts,
      settings: DictionaryLearningSettings(
        batchSize: settings.batchSize, sparsity: settings.sparsity,
        learningRate: settings.learningRate, filterThresholds: [0, threshold, threshold],
        leastUses: settings.leastUses), streamNames: [identity.name, "learning"])
    let test = digits.test.batch(0..<min(settings.testDigits, digits.test.count), as: Double.self)
    let before = try likeness(learner.effectiveDictionary(), test)
    let chosen = digits.training.balanced(settings.trainingDigits)
    try learner.learn(from: digits.training, chosen, epochs: settings.epochs, context)
    let model = try LearnedModel(
      layers: learner.layers,
      metadata: [
        "made_by": identity.name, "filters": cell.filters, "epochs": "\(settings.epochs)",
        "training_digits": "\(chosen.count)", "sparsity": "\(settings.sparsity)",
        "data_sha256": digits.fingerprint,
      ])
    try context.keep(model.encoded(), as: "model-\(cell.filters).safetensors")
    return learner.history.map { Row(record: $0) }
      + [Row(test: try evaluate(learner, settings, test, before))]
      + atoms(try learner.model(), settings).map { Row(atom: $0) }
  }

  private static func evaluate(
    _ learner: DictionaryLearning, _ settings: Settings, _ test: Tensor<Double>,
    _ likenessBefore: Double
  ) throws -> TestError {
    let effective = try learner.effectiveDictionary()
    let sparse = try OrthogonalMatchingPursuit<Double>(effective, sparsity: settings.sparsity)
      .codes(test)
    let codes = try learner.model().propagate(sparse.densified(effective.atomCount))
    return TestError(
      relativeSquaredError: sparse.reduce(0) { $0 + $1.residualNorm * $1.residualNorm }
        / Double.squaredNorm(test.count, test.elements),
      codeDensity: codes.map { code in
        Double(code.elements.count { $0 != 0 }) / Double(code.count)
      },
      filterSparsity: learner.layers.map(\.filterSparsity),
      likenessLearned: likeness(effective, test), likenessRandom: likenessBefore)
  }

  private static func likeness(_ atoms: DenseDictionary<Double>, _ digits: Tensor<Double>) -> Double
  {
    let products = atoms.analyze(digits)
    let norms = (0..<digits.rows).map { Double.norm2(digits.columns, digits.row($0)) }
    return Statistics.mean(
      (0..<atoms.atomCount).map { j in
        (0..<digits.rows).reduce(0.0) {
          max($0, abs(products[$1, j]) / max(norms[$1] * atoms.atomNorms[j], 1e-300))
        }
      })
  }

  private static func atoms(_ model: MultiLayerModel<Double>, _ settings: Settings) -> [Atom] {
    (1...model.depth).flatMap { layer -> [Atom] in
      guard let effective = try? model.effectiveConvolution(layer) else { return [] }
      let size = effective.geometry.kernelSize.width
      return (0..<min(settings.shownAtoms[layer - 1], effective.filterCount)).map { index in
        let pixels = effective.filters.row(index)
        let largest = max(pixels.map(abs).max() ?? 0, 1e-300)
        return Atom(
          layer: layer, index: index, size: size,
          pixels: pixels.map { ($0 / largest * 1000).rounded() / 1000 })
      }
    }
  }

  static func tables(
    _ settings: Settings, _ results: [CellResult<Cell, Row>]
  ) throws -> [Table] {
    let learning = results.flatMap { result in
      result.rows.compactMap(\.record).map { record -> [Value] in
        [
          .text(result.cell.filters), .integer(record.epoch), .real(record.relativeSquaredError),
          .real(record.filterSparsity[1]), .real(record.filterSparsity[2]),
          .real(record.codeDensity[0]), .real(record.codeDensity[1]),
          .integer(record.replacedAtoms),
        ]
      }
    }
    let final = results.flatMap { result in
      result.rows.compactMap(\.test).map { test -> [Value] in
        [
          .text(result.cell.filters), .real(test.relativeSquaredError),
          .real(test.filterSparsity[1]), .real(test.filterSparsity[2]),
          .real(test.codeDensity[0]), .real(test.codeDensity[1]), .real(test.codeDensity[2]),
          .real(test.likenessLearned), .real(test.likenessRandom),
        ]
      }
    }
    // Learning amplifies the rounding of another processor's kernels; the share of zeros and the
    // error are stable, single atoms are not.
    func loose(_ name: String) -> Column { .measured(name, absolute: 0.01, relative: 0.05) }
    return try [
      Table(
        "learning",
        [
          .key("filters"), .key("epoch"), loose("relative_squared_error"),
          loose("zero_share_d2"), loose("zero_share_d3"), loose("density_gamma1"),
          loose("density_gamma2"), .note("replaced_atoms"),
        ], rows: learning),
      Table(
        "test",
        [
          .key("filters"), loose("relative_squared_error"), loose("zero_share_d2"),
          loose("zero_share_d3"), loose("density_gamma1"), loose("density_gamma2"),
          loose("density_gamma3"), loose("likeness_learned"), loose("likeness_random"),
        ], rows: final),
    ]
      + Mosaic.tables(
        "atoms",
        results.filter { $0.cell.filters == "sparse" }.flatMap { $0.rows.compactMap(\.atom) }.map {
          Mosaic.Tile(group: $0.layer, size: $0.size, pixels: $0.pixels)
        })
  }

  static func claims(
    _ settings: Settings, _ results: [CellResult<Cell, Row>]
  ) throws -> [Claim] {
    func test(_ filters: String) -> TestError? {
      results.first { $0.cell.filters == filters }?.rows.compactMap(\.test).first
    }
    guard let sparse = test("sparse"), let dense = test("dense") else { return [] }
    let losses =
      results.first { $0.cell.filters == "sparse" }?.rows
      .compactMap { $0.record?.relativeSquaredError } ?? []
    let (first, last) = (losses.first ?? 0, losses.last ?? 0)
    let lateChange = losses.count > 4 ? losses[losses.count - 3] / last - 1 : .infinity
    let factor = sparse.relativeSquaredError / dense.relativeSquaredError
    let settles: Verdict =
      !lateChange.isFinite ? .undecided : last < first && lateChange < 0.05 ? .holds : .doesNotHold
    let isSparse = min(sparse.filterSparsity[1], sparse.filterSparsity[2]) > 0.95
    return [
      Claim(
        id: "loss-settles", sentence: "The loss falls over the epochs and settles",
        source: "D; S Learning Multi-Layer CSC Models",
        measured:
          "relative squared error \(Wording.number(first)) in epoch 1, \(Wording.number(last)) in epoch "
          + "\(losses.count)"
          + (lateChange.isFinite
            ? "; \(Wording.percent(lateChange)) over the last two epochs" : ""),
        verdict: settles),
      Claim(
        id: "sparse-dictionaries",
        sentence: "D2 and D3 become very sparse (here: above 95 % zeros) while digits stay well "
          + "represented",
        source: "D; S Learning Multi-Layer CSC Models", paper: "above 99 % zeros",
        measured: "zeros: D2 \(Wording.percent(sparse.filterSparsity[1])), D3 "
          + "\(Wording.percent(sparse.filterSparsity[2])); test error "
          + "\(Wording.number(sparse.relativeSquaredError)) against \(Wording.number(dense.relativeSquaredError)) "
          + "with dense filters, a factor of \(Wording.number(factor)) (accepted: "
          + "\(settings.acceptedFactor)); γ1 \(Wording.percent(sparse.codeDensity[0])) and γ2 "
          + "\(Wording.percent(sparse.codeDensity[1])) dense",
        verdict: losses.count < 5
          ? .undecided : isSparse && factor <= settings.acceptedFactor ? .holds : .doesNotHold),
      Claim(
        id: "atoms-look-like-digits",
        sentence: "The atoms of D(3) look like strokes and shapes of digits",
        source: "S Learning Multi-Layer CSC Models",
        measured: "largest |cosine| of an atom with a test digit, mean over atoms: "
          + "\(Wording.number(sparse.likenessLearned)) after learning, \(Wording.number(sparse.likenessRandom)) "
          + "before; see the mosaic",
        verdict: losses.count < 5
          ? .undecided
          : sparse.likenessLearned > 1.5 * sparse.likenessRandom ? .holds : .doesNotHold),
    ]
  }
}
