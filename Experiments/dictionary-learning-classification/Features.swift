import Algorithms
import ExperimentSuite
import MLCSCKit
import MLCSCStudies

/// What a classifier sees of a digit.
struct FeatureSet {
  let name: String
  /// Coefficients of a digit's code, before signs are set apart.
  let units: Int
  let parts: [CodedDigits]

  /// All parts side by side, none outweighing another.
  func joined() -> CodedDigits {
    let scaled = parts.map { $0.normalized() }
    guard scaled.count > 1 else { return scaled[0] }
    return CodedDigits(
      training: .joiningColumns(scaled.map(\.training)), test: .joiningColumns(scaled.map(\.test)))
  }

  /// How the figure names a set.
  static func label(_ name: String, units: Int) -> String { "\(title(name)) (\(units))" }

  /// A set in words, without its size.
  static func title(_ name: String) -> String {
    switch name {
    case "pixels": "pixels"
    case "one-layer": "one layer"
    case "autoencoder": "autoencoder"
    case "third-omp": "γ_3 by OMP"
    case "third": "γ_3"
    case "second-nested": "γ_2 = D_3γ_3 pooled"
    case "second-pooled": "γ_2 pooled"
    case "second": "γ_2"
    case "second-pooled-third": "γ_2 pooled and γ_3"
    default: "γ_2 and γ_3"
    }
  }
}

/// Codes all digits, with the model or with a single layer that is learned here.
struct Coder {
  private let settings: DictionaryClassification.Settings
  private let digits: DigitModel
  private let context: CellContext
  /// Training digits, those that validate last.
  private let training: [Int]
  private let learning: [Int]
  private let test: Range<Int>
  /// Digits at the end of the training digits that choose the classifier's penalty.
  let validationCount: Int

  init(
    _ settings: DictionaryClassification.Settings, _ digits: DigitModel, _ context: CellContext
  ) {
    self.settings = settings
    self.digits = digits
    self.context = context
    let chosen = digits.training.balanced(settings.trainingDigits)
    let validation = chosen.indices.filter { $0 % settings.validationPart == 0 }
    training =
      chosen.indices.filter { $0 % settings.validationPart != 0 }.map { chosen[$0] }
      + validation.map { chosen[$0] }
    validationCount = validation.count
    learning = digits.training.balanced(settings.learningDigits)
    test = 0..<min(settings.testDigits, digits.test.count)
  }

  var trainingLabels: [Int] { training.map { Int(digits.training.labels[$0]) } }
  var testLabels: [Int] { test.map { Int(digits.test.labels[$0]) } }

  func sets(of model: String) throws -> [FeatureSet] {
    switch model {
    case "pixels":
      let pixels = CodedDigits(
        training: digits.training.batch(training), test: digits.test.batch(test))
      return [FeatureSet(name: model, units: pixels.test.columns, parts: [pixels])]
    case "one-layer":
      let layer = try learnedLayer()
      let codes = try lasso(layer)
      return [
        FeatureSet(name: model, units: codes.test.columns, parts: [codes.map(\.signsApart)])
      ]
    case "autoencoder":
      let codes = try autoencoderCodes()
      return [FeatureSet(name: model, units: codes.test.columns, parts: [codes])]
    default: return try multiLayerSets()
    }
  }

  private func multiLayerSets() throws -> [FeatureSet] {
    let (model, layers) = (digits.model, digits.layers)
    guard layers.count == 3 else {
      throw ModelError.parameterCount(name: "layers", expected: 3, found: layers.count)
    }
    let (d2, d3) = (try model.effectiveConvolution(2), try model.effectiveConvolution(3))
    let (second, third) = (try lasso(d2), try lasso(d3))
    let greedy = try pursuit(d3)
    // γ₂ = D₃γ₃ with γ₃ in units of D₃'s atoms, itself then in those of unit atoms of D⁽²⁾.
    let nested = third.map { codes in
      scaled(layers[2].synthesize(scaled(codes, d3.atomNorms) { $0 / $1 }), d2.atomNorms) {
        $0 * $1
      }
    }
    let pooling = try MaxPooling(
      channels: 2 * d2.filterCount, size: d2.geometry.codeSize,
      window: .square(settings.poolingWindow))
    let (signs2, signs3) = (second.map(\.signsApart), third.map(\.signsApart))
    let pooled = try signs2.map(pooling.pooled)
    let pooledNested = try nested.map { try pooling.pooled($0.signsApart) }
    let (n2, n3, pooledUnits) = (
      d2.atomCount, d3.atomCount, d2.filterCount * pooling.pooledSize.area
    )
    return [
      FeatureSet(name: "third-omp", units: n3, parts: [greedy.map(\.signsApart)]),
      FeatureSet(name: "third", units: n3, parts: [signs3]),
      FeatureSet(name: "second-nested", units: pooledUnits, parts: [pooledNested]),
      FeatureSet(name: "second-pooled", units: pooledUnits, parts: [pooled]),
      FeatureSet(name: "second", units: n2, parts: [signs2]),
      FeatureSet(name: "second-pooled-third", units: pooledUnits + n3, parts: [pooled, signs3]),
      FeatureSet(name: "second-third", units: n2 + n3, parts: [signs2, signs3]),
    ]
  }

  /// One layer of as many atoms as the model has deepest ones, each as large as an image.
  private func learnedLayer() throws -> ConvolutionalDictionary<Double> {
    let size = digits.training.size
    var learner = try DictionaryLearning(
      geometries: [ConvolutionGeometry(signalSize: size, kernelSize: size)],
      filterCounts: [digits.effective.atomCount],
      settings: DictionaryLearningSettings(
        batchSize: settings.batchSize, sparsity: settings.sparsity,
        learningRate: settings.learningRate, filterLimits: [nil], leastUses: settings.leastUses),
      streamNames: [DictionaryClassification.identity.name, "one-layer", "\(context.seed)"])
    try learner.learn(from: digits.training, learning, epochs: settings.epochs, context)
    return learner.layers[0]
  }

  /// Codes of a denoising autoencoder, as many units as γ₂ and γ₃ have together.
  private func autoencoderCodes() throws -> CodedDigits {
    let layers = digits.layers
    let units = layers[layers.count - 2].atomCount + layers[layers.count - 1].atomCount
    var stream = RandomStream(
      DictionaryClassification.identity.name, "autoencoder", "\(context.seed)")
    let network = DenoisingAutoencoder<Float>(
      signalDimension: digits.training.dimension, units: units, stream: &stream)
    let optimizer = Adam<Float>()
    for epoch in 0..<settings.autoencoderEpochs {
      let order = stream.permutation(of: learning.count)
      for part in order.chunks(ofCount: settings.batchSize) {
        try context.checkInterruption()
        let signals: Tensor<Float> = digits.training.batch(part.map { learning[$0] })
        let masked = Tensor(
          shape: signals.shape,
          elements: signals.elements.map { stream.uniform() < settings.maskedShare ? 0 : $0 })
        let tape = Tape<Float>()
        let gradients = tape.backward(
          from: network.loss(masked: masked, signals: signals, on: tape),
          seed: Tensor(shape: [1], repeating: 1 / Float(part.count)))
        optimizer.step(network.parameters, gradients, rate: Float(settings.autoencoderRate))
      }
      context.progress(
        Double(epoch + 1) / Double(settings.autoencoderEpochs), "autoencoder, epoch \(epoch + 1)")
    }
    return try CodedDigits(digits, training: training, test: test, context) { images, numbers in
      let tape = Tape<Float>()
      return tape.withoutRecording {
        network.codes(of: tape.input(images.batch(numbers)), on: tape).tensor
          .converted(to: Double.self)
      }
    }
  }

  /// LASSO codes in units of unit atoms, in single precision, by some iterations of FISTA.
  private func lasso(_ dictionary: ConvolutionalDictionary<Double>) throws -> CodedDigits {
    let atoms = try ConvolutionalDictionary<Float>(
      filters: dictionary.normalizingFilters().filters.converted(to: Float.self),
      geometry: dictionary.geometry)
    return try CodedDigits(digits, training: training, test: test, context) { images, numbers in
      let problem = try MultiLayerProblem<Float>(
        dictionary: atoms, signals: images.batch(numbers), penalty: Float(settings.codePenalty))
      return try MultiLayerFISTA(problem)
        .solution(stoppingAt: .iterations, within: settings.codeIterations)
        .codes[0].converted(to: Double.self)
    }
  }

  /// Codes as learning made them: orthogonal matching pursuit on unit atoms.
  private func pursuit(_ dictionary: ConvolutionalDictionary<Double>) throws -> CodedDigits {
    let unit = dictionary.normalizingFilters()
    let omp = try OrthogonalMatchingPursuit<Double>(unit, sparsity: settings.sparsity)
    return try CodedDigits(digits, training: training, test: test, context) { images, numbers in
      try omp.codes(images.batch(numbers)).densified(unit.atomCount)
    }
  }

  private func scaled(
    _ codes: Tensor<Double>, _ norms: [Double], _ change: (Double, Double) -> Double
  ) -> Tensor<Double> {
    var result = codes
    let (rows, columns) = (codes.rows, codes.columns)
    result.withMutableElements { c in
      for b in 0..<rows {
        for j in 0..<columns { c[b * columns + j] = change(c[b * columns + j], norms[j]) }
      }
    }
    return result
  }
}
