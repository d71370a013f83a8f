import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// The dictionaries that are compared.
enum DictionaryKind: Codable, Hashable {
  /// D⁽ᴸ⁾ of the learned multi-layer model.
  case multiLayer
  /// One layer with ML-CSC's first filters' number and size.
  case firstLayer
  /// One layer with ML-CSC's number of parameters, of a kernel size.
  case oneLayer(kernel: Int)
  /// K-SVD with ML-CSC's numbers of atoms and parameters: atoms sparse in the cosine basis.
  case sparseKSVD
  /// One layer of filters as large as the image, learned online: ML-CSC's atoms, unconstrained.
  case online
  /// K-SVD with ML-CSC's number of atoms.
  case ksvd
  /// The best terms of the cosine basis.
  case cosine
  /// The best terms of the principal components.
  case principal
  /// The first principal components, the same for all digits.
  case principalLinear

  static func all(_ kernels: [Int]) -> [DictionaryKind] {
    [.multiLayer, .firstLayer] + kernels.map { .oneLayer(kernel: $0) }
      + [.sparseKSVD, .online, .ksvd, .cosine, .principal, .principalLinear]
  }

  var name: String {
    switch self {
    case .multiLayer: "ml-csc"
    case .firstLayer: "one-layer-first"
    case .oneLayer(let kernel): "one-layer-\(kernel)"
    case .sparseKSVD: "sparse-k-svd"
    case .online: "one-layer-28"
    case .ksvd: "k-svd"
    case .cosine: "dct"
    case .principal: "pca-best"
    case .principalLinear: "pca-first"
    }
  }

  /// Whether it depends on a learning seed of this experiment.
  var isLearnedHere: Bool {
    switch self {
    case .multiLayer, .cosine, .principal, .principalLinear: false
    default: true
    }
  }
}

/// A dictionary, ready to approximate.
struct LearnedDictionary {
  let atoms: Int
  /// Free numbers that were learned.
  let parameters: Int
  private let approximate: (Tensor<Double>, Int) throws -> Matrix<Double>

  func errors(of signals: Tensor<Double>, upTo limit: Int) throws -> Matrix<Double> {
    try approximate(signals, limit)
  }

  init(
    _ kind: DictionaryKind, _ seed: Int, _ settings: DictionaryApproximation.Settings,
    _ inputs: DigitModel, _ context: CellContext
  ) throws {
    let budget = Self.nonzeros(inputs.layers)
    let chosen = inputs.training.balanced(settings.trainingDigits)
    let names = [DictionaryApproximation.identity.name, kind.name, "\(context.seed)", "\(seed)"]
    func convolution(_ filters: Int, _ geometry: ConvolutionGeometry) throws -> LearnedDictionary {
      var learner = try DictionaryLearning(
        geometries: [geometry], filterCounts: [filters], settings: settings.learning,
        streamNames: names)
      try learner.learn(from: inputs.training, chosen, epochs: settings.passes, context)
      let layer = learner.layers[0]
      return LearnedDictionary(
        geometry.codeSize.area == 1 ? DenseDictionary(layer) : layer,
        parameters: layer.filters.count)
    }
    func ksvd(_ constraint: AtomConstraint) throws -> LearnedDictionary {
      try .ksvd(
        inputs.effective.atomCount, constraint, names, settings,
        inputs.training.batch(chosen), context)
    }
    let image = inputs.test.size
    switch kind {
    case .multiLayer: self.init(inputs.effective, parameters: budget)
    case .firstLayer:
      self = try convolution(inputs.layers[0].filterCount, inputs.layers[0].geometry)
    case .oneLayer(let kernel):
      self = try convolution(
        max(1, budget / (kernel * kernel)),
        ConvolutionGeometry(
          signalSize: image, kernelSize: .square(kernel), stride: .square(settings.stride)))
    case .online:
      self = try convolution(
        inputs.effective.atomCount, ConvolutionGeometry(signalSize: image, kernelSize: image))
    case .ksvd:
      self = try ksvd(.none)
    case .sparseKSVD:
      self = try ksvd(
        .sparse(
          basis: .cosineTransform(image), nonzeros: max(1, budget / inputs.effective.atomCount)))
    case .cosine:
      let basis = try DenseDictionary<Double>.cosineTransform(image)
      self.init(basis.atomCount, 0) {
        try TermApproximation.bestErrors(of: $0, inBasis: basis, upTo: $1)
      }
    case .principal, .principalLinear:
      let basis = try PrincipalComponents(of: inputs.training.batch(chosen)).basis
      self.init(basis.atomCount, basis.atomRows.count) {
        kind == .principal
          ? try TermApproximation.bestErrors(of: $0, inBasis: basis, upTo: $1)
          : try TermApproximation.leadingErrors(of: $0, inBasis: basis, upTo: $1)
      }
    }
  }

  private init(
    _ atoms: Int, _ parameters: Int,
    _ approximate: @escaping (Tensor<Double>, Int) throws -> Matrix<Double>
  ) {
    self.atoms = atoms
    self.parameters = parameters
    self.approximate = approximate
  }

  private init(_ dictionary: any SparseDictionary<Double>, parameters: Int) {
    self.init(dictionary.atomCount, parameters) {
      try TermApproximation.greedyErrors(of: $0, in: dictionary, upTo: $1)
    }
  }

  private static func nonzeros(_ layers: [ConvolutionalDictionary<Double>]) -> Int {
    layers.reduce(0) { $0 + $1.filters.elements.count { $0 != 0 } }
  }

  private static func ksvd(
    _ atoms: Int, _ constraint: AtomConstraint, _ names: [String],
    _ settings: DictionaryApproximation.Settings, _ signals: Tensor<Double>,
    _ context: CellContext
  ) throws -> LearnedDictionary {
    var stream = RandomStream(names: names + ["first atoms"])
    var learner = try KSVD(
      signals: signals, atomCount: min(atoms, signals.rows), sparsity: settings.sparsity,
      constraint: constraint, stream: &stream)
    try learner.learn(passes: settings.passes, context)
    return LearnedDictionary(learner.dictionary, parameters: learner.parameterCount)
  }
}

extension DictionaryApproximation.Settings {
  /// Settings of online learning of one layer.
  fileprivate var learning: DictionaryLearningSettings {
    DictionaryLearningSettings(
      batchSize: batchSize, sparsity: sparsity, learningRate: learningRate, filterLimits: [nil],
      leastUses: leastUses)
  }
}
