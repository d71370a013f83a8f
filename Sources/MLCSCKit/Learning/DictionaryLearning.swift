/// What an epoch of learning reports.
public struct LearningRecord: Codable, Sendable, Equatable {
  /// The epoch, from 1.
  public let epoch: Int
  /// Σ‖y − D₁⋯D_Lγ‖² / Σ‖y‖² over the epoch, each batch before its step.
  public let relativeSquaredError: Double
  /// The share of zeros of every layer's filters.
  public let filterSparsity: [Double]
  /// The share of non-zeros of γ₁ … γ_L, over the epoch's last batch.
  public let codeDensity: [Double]
  /// Deepest atoms replaced at the end of the epoch.
  public let replacedAtoms: Int
}

/// Online multi-layer convolutional dictionary learning  [D; S, "Learning Multi-Layer CSC Models"].
///
///     min Σ_t ‖y_t − D₁⋯D_L γ_t‖²  subject to ‖γ_t‖₀ ≤ k, ‖d‖ = 1 for all filters d,
///                                   least ≤ ‖d‖₀ ≤ most for those of D₂ … D_L
///
/// Each step draws a mini-batch, codes it with the effective dictionary D⁽ᴸ⁾ (orthogonal matching
/// pursuit, as the constraint is a cardinality), takes a gradient step on the filters of all layers,
/// keeps the largest entries of those to be sparse and one for each filter of the layer above, and
/// scales every filter to unit norm. D and S have the penalty Σζᵢ‖Dᵢ‖₀ in place of limits, which
/// filters of one entry minimise; S prints every layer's as ζ_L, penalises D₁ too and leaves the atoms
/// unnormalised (erratum 14). The limits (see `FilterLimits`), a penalty on D₁'s coherence (see
/// `CoherencePenalty`) and the gradient step, which is Adam's, are choices, declared here.
///
/// After each epoch, deepest atoms that hardly any signal uses, and one of two that are nearly the
/// same, give way to pieces of signals that are badly represented.
///
/// Codes and gradients are in single precision, which halves the time of products; filters and Adam's
/// moments are in double.
///
/// Reads no file and draws from named streams only, so a learner restored from a checkpoint goes on
/// bit by bit.
public struct DictionaryLearning: Sendable {
  /// D₁ … D_L.
  public internal(set) var layers: [ConvolutionalDictionary<Double>]
  /// The settings.
  public let settings: DictionaryLearningSettings
  /// Epochs finished.
  public internal(set) var epoch: Int
  /// What the epochs reported.
  public internal(set) var history: [LearningRecord]
  var moments: [AdamState]
  var steps: Int
  private let streamNames: [String]

  /// A learner with random filters.
  ///
  /// - Parameters:
  ///   - geometries: One a layer, chaining.
  ///   - filterCounts: One a layer.
  ///   - settings: The settings.
  ///   - streamNames: Name the streams of the filters and of the order of the signals.
  /// - Throws: `ModelError` where layers do not chain or settings do not fit.
  public init(
    geometries: [ConvolutionGeometry], filterCounts: [Int],
    settings: DictionaryLearningSettings, streamNames: [String]
  ) throws {
    var stream = RandomStream(names: streamNames + ["filters"])
    try self.init(
      layers: zip(geometries, filterCounts).map { geometry, count in
        try .random(geometry: geometry, count: count, from: &stream)
      }, settings: settings, streamNames: streamNames)
  }

  /// A learner with random filters on images of one channel, without padding.
  ///
  /// - Parameters:
  ///   - signalSize: The images'.
  ///   - filterCounts: One a layer.
  ///   - kernelSizes: Sides of the square kernels, one a layer.
  ///   - strides: Steps along both axes, one a layer.
  ///   - settings: The settings.
  ///   - streamNames: Name the streams of the filters and of the order of the signals.
  /// - Throws: `ModelError` where layers do not chain or settings do not fit.
  public init(
    signalSize: Extent, filterCounts: [Int], kernelSizes: [Int], strides: [Int],
    settings: DictionaryLearningSettings, streamNames: [String]
  ) throws {
    try self.init(
      geometries: ConvolutionGeometry.chain(
        signalSize: signalSize, filterCounts: filterCounts, kernelSizes: kernelSizes,
        strides: strides),
      filterCounts: filterCounts, settings: settings, streamNames: streamNames)
  }

  /// A learner that goes on from given filters, scaled to unit norm.
  ///
  /// - Parameters:
  ///   - layers: D₁ … D_L, chaining.
  ///   - settings: The settings.
  ///   - streamNames: Name the stream of the order of the signals.
  /// - Throws: `ModelError` where layers do not chain or settings do not fit.
  public init(
    layers: [ConvolutionalDictionary<Double>], settings: DictionaryLearningSettings,
    streamNames: [String]
  ) throws {
    guard settings.filterLimits.count == layers.count else {
      throw ModelError.parameterCount(
        name: "filter limits", expected: layers.count, found: settings.filterLimits.count)
    }
    _ = try MultiLayerModel<Double>(layers)
    self.layers = layers.map { $0.normalizingFilters() }
    self.settings = settings
    self.streamNames = streamNames
    moments = self.layers.map { AdamState(shape: $0.filters.shape) }
    epoch = 0
    steps = 0
    history = []
  }

  /// The model learned so far.
  ///
  /// - Throws: Nothing but what `MultiLayerModel` throws for layers that do not chain.
  public func model() throws -> MultiLayerModel<Double> { try MultiLayerModel(layers) }

  /// The effective dictionary as an explicit matrix, made from the product's filters.
  ///
  /// - Throws: `ModelError.notConvolutional`.
  public func effectiveDictionary() throws -> DenseDictionary<Double> {
    DenseDictionary(try model().effectiveConvolution(layers.count))
  }

  /// The effective dictionary as sparse coding uses it: a matrix where every filter has a single
  /// position, else the product's filters as an operator, whose analysis costs less.
  private func codingDictionary(
    of model: MultiLayerModel<Float>
  ) throws -> any SparseDictionary<Float> {
    let product = try model.effectiveConvolution(model.depth)
    return product.geometry.codeSize.area == 1 ? DenseDictionary(product) : product
  }

  /// Learns from every signal once, in random order.
  ///
  /// - Parameters:
  ///   - count: The number of signals.
  ///   - batch: The signals of some numbers, shape [B, n].
  ///   - interrupted: Called before every step; what it throws ends the epoch, whose steps are then
  ///     lost: a learner is saved between epochs.
  /// - Throws: `PursuitError.notFinite`, what `batch` and `interrupted` throw.
  public mutating func learnEpoch(
    count: Int, batch: ([Int]) throws -> Tensor<Double>, interrupted: () throws -> Void
  ) throws {
    var next = self
    try next.runEpoch(count, batch, interrupted)
    self = next
  }

  private mutating func runEpoch(
    _ count: Int, _ batch: ([Int]) throws -> Tensor<Double>, _ interrupted: () throws -> Void
  ) throws {
    var stream = RandomStream(names: streamNames + ["epoch", "\(epoch)"])
    let order = stream.permutation(of: count)
    var (error, energy) = (0.0, 0.0)
    var uses = [Int](repeating: 0, count: layers[layers.count - 1].atomCount)
    var worst: [(error: Double, index: Int)] = []
    var density = [Double]()
    for start in stride(from: 0, to: count, by: settings.batchSize) {
      try interrupted()
      let indices = Array(order[start..<min(start + settings.batchSize, count)])
      let exact = try batch(indices)
      energy += exact.withElements { Double.squaredNorm(exact.count, $0) }
      let (signals, exponent) = Self.rounded(exact)
      let rounded = layers.map { $0.converted(to: Float.self) }
      let model = try MultiLayerModel<Float>(rounded)
      let effective = try codingDictionary(of: model)
      let sparse = try OrthogonalMatchingPursuit(
        effective, sparsity: settings.sparsity, formingGramFor: indices.count
      ).codes(signals)
      for (index, code) in zip(indices, sparse) {
        let norm = Double(code.residualNorm).scaled(byPowerOfTwo: exponent)
        error += norm * norm
        worst.append((norm, index))
        for j in code.support { uses[j] += 1 }
      }
      let codes = model.propagate(sparse.densified(effective.atomCount))
      density = codes.map { code in
        Double(code.elements.count { $0 != 0 }) / Double(max(code.count, 1))
      }
      let gradients = Self.gradients(rounded, signals: signals, codes: codes).map { gradient in
        Tensor<Double>(
          shape: gradient.shape,
          elements: gradient.elements.map { Double($0).scaled(byPowerOfTwo: 2 * exponent) })
      }
      try step(
        gradients, at: Double(epoch) + Double(start + indices.count) / Double(count))
    }
    let replaced = try replaceAtoms(uses, worst, batch)
    epoch += 1
    history.append(
      LearningRecord(
        epoch: epoch, relativeSquaredError: energy > 0 ? error / energy : 0,
        filterSparsity: layers.map(\.filterSparsity), codeDensity: density,
        replacedAtoms: replaced))
  }

  /// Signals in single precision, divided by a power of two where their squares might leave its range.
  private static func rounded(
    _ signals: Tensor<Double>
  ) -> (signals: Tensor<Float>, exponent: Int) {
    let largest = signals.withElements { x in
      signals.count == 0 ? 0 : abs(x[Double.indexOfLargestMagnitude(signals.count, x)])
    }
    guard largest > 0, largest.isFinite, abs(Int(largest.exponent)) > 20 else {
      return (signals.converted(to: Float.self), 0)
    }
    let exponent = Int(largest.exponent)
    return (
      Tensor(
        shape: signals.shape,
        elements: signals.elements.map { Float($0.scaled(byPowerOfTwo: -exponent)) }), exponent
    )
  }

  /// The gradients of ½‖y − D₁⋯D_Lγ‖²/B with respect to every layer's filters.
  ///
  /// - Parameters:
  ///   - layers: D₁ … D_L.
  ///   - signals: y, shape [B, n].
  ///   - codes: γ₁ … γ_L with γᵢ = D_{i+1}γ_{i+1}.
  /// - Returns: One tensor a layer, of its filters' shape.
  @_specialize(where Scalar == Float)
  public static func gradients<Scalar: NumericScalar>(
    _ layers: [ConvolutionalDictionary<Scalar>], signals: Tensor<Scalar>, codes: [Tensor<Scalar>]
  ) -> [Tensor<Scalar>] {
    var residual = layers[0].synthesize(codes[0])
    let (count, batch) = (residual.count, Scalar(max(signals.rows, 1)))
    signals.withElements { y in
      residual.withMutableElements { r in
        for i in 0..<count { r[i] = (r[i] - y[i]) / batch }
      }
    }
    var gradients = [Tensor<Scalar>]()
    for (i, layer) in layers.enumerated() {
      gradients.append(layer.filterGradient(signals: residual, codes: codes[i]))
      if i + 1 < layers.count { residual = layer.analyze(residual) }
    }
    return gradients
  }

  private mutating func step(_ ofError: [Tensor<Double>], at time: Double) throws {
    var gradients = ofError
    if let penalty = settings.coherence {
      let (extra, count) = (penalty.gradient(of: layers[0]).gradient, gradients[0].count)
      extra.withElements { extra in
        gradients[0].withMutableElements { Double.axpy(count, 1, extra, $0) }
      }
    }
    let rate = settings.rate(inEpoch: epoch)
    steps += 1
    for (i, gradient) in gradients.enumerated() {
      guard gradient.withElements({ Double.allFinite(gradient.count, $0) }) else {
        throw PursuitError.notFinite(
          pursuit: "dictionary learning", iteration: steps, stepSize: rate)
      }
      var filters = layers[i].filters
      moments[i].update(&filters, gradient: gradient, rate: rate, step: steps)
      settings.filterLimits[i]?.apply(
        to: &filters, at: time, keeping: layers[i].geometry.channels)
      layers[i] = layers[i].replacingFilters(filters).normalizingFilters()
    }
  }
}

extension ConvolutionalDictionary where Scalar == Double {
  /// The share of zeros of the filters.
  public var filterSparsity: Double {
    Double(filters.elements.count { $0 == 0 }) / Double(max(filters.count, 1))
  }
}
