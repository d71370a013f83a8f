/// Settings of online multi-layer convolutional dictionary learning.
public struct DictionaryLearningSettings: Codable, Sendable, Equatable {
  /// Signals a step.
  public var batchSize: Int
  /// Non-zeros of the deepest code in sparse coding.
  public var sparsity: Int
  /// Adam's step.
  public var learningRate: Double
  /// The soft threshold on every layer's filters after each step; zero leaves a layer dense.
  public var filterThresholds: [Double]
  /// Deepest atoms that fewer signals of an epoch use are replaced.
  public var leastUses: Int
  /// Whether filter entries that are zero stay zero: learning within supports that were found before.
  public var keepsZeros: Bool

  /// Settings from their parts.
  public init(
    batchSize: Int, sparsity: Int, learningRate: Double, filterThresholds: [Double],
    leastUses: Int, keepsZeros: Bool = false
  ) {
    self.batchSize = batchSize
    self.sparsity = sparsity
    self.learningRate = learningRate
    self.filterThresholds = filterThresholds
    self.leastUses = leastUses
    self.keepsZeros = keepsZeros
  }
}

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
///     min Σ_t ‖y_t − D₁⋯D_L γ_t‖² + Σ_{i≥2} ζᵢ‖Dᵢ‖  subject to ‖γ_t‖₀ ≤ k, unit filters
///
/// Each step draws a mini-batch, codes it with the effective dictionary D⁽ᴸ⁾ (orthogonal matching
/// pursuit, as the constraint is a cardinality), takes a gradient step on the filters of all layers
/// and a proximal step on those to be sparse, and scales every filter to unit norm. S prints the
/// penalty of every layer as ζ_L and leaves D₁ penalised and the atoms unnormalised (erratum 14);
/// the form above is the one that is learned. The proximal step is the soft threshold, the gradient
/// step Adam's: choices, declared here.
///
/// Reads no file and draws from named streams only, so a learner restored from a checkpoint goes on
/// bit by bit.
public struct DictionaryLearning: Sendable {
  /// D₁ … D_L.
  public private(set) var layers: [ConvolutionalDictionary<Double>]
  /// The settings.
  public let settings: DictionaryLearningSettings
  /// Epochs finished.
  public private(set) var epoch: Int
  /// What the epochs reported.
  public private(set) var history: [LearningRecord]
  private var moments: [AdamState]
  private var steps: Int
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
        try ConvolutionalDictionary(
          filters: .normal(
            count, geometry.channels, geometry.kernelSize.height, geometry.kernelSize.width,
            from: &stream), geometry: geometry)
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
    guard settings.filterThresholds.count == layers.count else {
      throw ModelError.parameterCount(
        name: "filter thresholds", expected: layers.count,
        found: settings.filterThresholds.count)
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
  private func codingDictionary() throws -> any SparseDictionary<Double> {
    let product = try model().effectiveConvolution(layers.count)
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
      let signals = try batch(indices)
      let effective = try codingDictionary()
      let sparse = try OrthogonalMatchingPursuit(effective, sparsity: settings.sparsity)
        .codes(signals)
      for (index, code) in zip(indices, sparse) {
        error += code.residualNorm * code.residualNorm
        worst.append((code.residualNorm, index))
        for j in code.support { uses[j] += 1 }
      }
      energy += signals.elements.reduce(0) { $0 + $1 * $1 }
      let codes = try model().propagate(sparse.densified(effective.atomCount))
      density = codes.map { code in
        Double(code.elements.count { $0 != 0 }) / Double(max(code.count, 1))
      }
      try step(signals, codes)
    }
    let replaced = try replaceUnusedAtoms(uses, worst, batch)
    epoch += 1
    history.append(
      LearningRecord(
        epoch: epoch, relativeSquaredError: energy > 0 ? error / energy : 0,
        filterSparsity: layers.map(\.filterSparsity), codeDensity: density,
        replacedAtoms: replaced))
  }

  /// The gradients of ½‖y − D₁⋯D_Lγ‖²/B with respect to every layer's filters.
  ///
  /// - Parameters:
  ///   - layers: D₁ … D_L.
  ///   - signals: y, shape [B, n].
  ///   - codes: γ₁ … γ_L with γᵢ = D_{i+1}γ_{i+1}.
  /// - Returns: One tensor a layer, of its filters' shape.
  public static func gradients(
    _ layers: [ConvolutionalDictionary<Double>], signals: Tensor<Double>, codes: [Tensor<Double>]
  ) -> [Tensor<Double>] {
    var residual = layers[0].synthesize(codes[0])
    let (count, batch) = (residual.count, Double(max(signals.rows, 1)))
    signals.withElements { y in
      residual.withMutableElements { r in
        for i in 0..<count { r[i] = (r[i] - y[i]) / batch }
      }
    }
    var gradients = [Tensor<Double>]()
    for (i, layer) in layers.enumerated() {
      gradients.append(layer.filterGradient(signals: residual, codes: codes[i]))
      if i + 1 < layers.count { residual = layer.analyze(residual) }
    }
    return gradients
  }

  private mutating func step(_ signals: Tensor<Double>, _ codes: [Tensor<Double>]) throws {
    let gradients = Self.gradients(layers, signals: signals, codes: codes)
    steps += 1
    for (i, gradient) in gradients.enumerated() {
      guard gradient.withElements({ Double.allFinite(gradient.count, $0) }) else {
        throw PursuitError.notFinite(
          pursuit: "dictionary learning", iteration: steps, stepSize: settings.learningRate)
      }
      var filters = layers[i].filters
      let before = filters
      moments[i].update(
        &filters, gradient: gradient, rate: settings.learningRate, step: steps)
      let (threshold, count) = (settings.filterThresholds[i], filters.count)
      if settings.keepsZeros {
        before.withElements { old in
          filters.withMutableElements { new in
            for entry in 0..<count where old[entry] == 0 { new[entry] = 0 }
          }
        }
      }
      if threshold > 0 {
        filters.withMutableElements { Double.softThreshold(count, $0, by: threshold, into: $0) }
        Self.keepLargestOfEmptyFilters(&filters, before)
      }
      layers[i] = layers[i].replacingFilters(filters).normalizingFilters()
    }
  }

  /// A filter that the threshold emptied keeps its largest entry, so that it stays a filter.
  private static func keepLargestOfEmptyFilters(
    _ filters: inout Tensor<Double>, _ before: Tensor<Double>
  ) {
    let width = filters.columns
    for o in 0..<filters.rows where filters.row(o).allSatisfy({ $0 == 0 }) {
      let old = before.row(o)
      let largest = Double.indexOfLargestMagnitude(width, old)
      filters.withMutableElements { $0[o * width + largest] = old[largest] < 0 ? -1 : 1 }
    }
  }

  /// Replaces deepest atoms that hardly any signal used by the analysis of signals that are badly
  /// represented, kept as sparse as the other filters.
  private mutating func replaceUnusedAtoms(
    _ uses: [Int], _ worst: [(error: Double, index: Int)],
    _ batch: ([Int]) throws -> Tensor<Double>
  ) throws -> Int {
    let last = layers.count - 1
    let positions = layers[last].geometry.codeSize.area
    let unused = (0..<layers[last].filterCount).filter { o in
      uses[o * positions..<(o + 1) * positions].reduce(0, +) < settings.leastUses
    }
    guard !unused.isEmpty else { return 0 }
    let candidates = worst.sorted { ($0.error, $1.index) > ($1.error, $0.index) }
      .prefix(unused.count).map(\.index)
    let chosen = Array(unused.prefix(candidates.count))
    var codes = try batch(candidates)
    for layer in layers.dropLast() { codes = layer.analyze(codes) }
    var filters = layers[last].filters
    let width = filters.columns
    let kept = max(1, Int((Double(width) * (1 - layers[last].filterSparsity)).rounded()))
    let patches = layers[last].centralPatches(of: codes)
    for (row, o) in chosen.enumerated() {
      var patch = patches.row(row)
      let order = patch.indices.sorted {
        abs(patch[$0]) != abs(patch[$1]) ? abs(patch[$0]) > abs(patch[$1]) : $0 < $1
      }
      for i in order.dropFirst(kept) { patch[i] = 0 }
      guard patch.contains(where: { $0 != 0 }) else { continue }
      filters.withMutableElements { ($0 + o * width).update(from: patch, count: width) }
      moments[last].first.withMutableElements {
        ($0 + o * width).update(repeating: 0, count: width)
      }
      moments[last].second.withMutableElements {
        ($0 + o * width).update(repeating: 0, count: width)
      }
    }
    layers[last] = layers[last].replacingFilters(filters).normalizingFilters()
    return chosen.count
  }
}

extension ConvolutionalDictionary where Scalar == Double {
  /// The share of zeros of the filters.
  public var filterSparsity: Double {
    Double(filters.elements.count { $0 == 0 }) / Double(max(filters.count, 1))
  }

  /// The patch under a filter at the central code position, one a row.
  func centralPatches(of signals: Tensor<Double>) -> Matrix<Double> {
    let code = geometry.codeSize
    let q = code.height / 2 * code.width + code.width / 2
    let (sources, size) = (geometry.sourceIndices(), geometry.signalSize)
    let (y, x) = (q / code.width, q % code.width)
    var result = Matrix<Double>(zeros: signals.rows, geometry.filterDimension)
    let kernel = geometry.kernelSize
    for b in 0..<signals.rows {
      for c in 0..<geometry.channels {
        for i in 0..<kernel.height where sources.rows[i][y] >= 0 {
          for j in 0..<kernel.width where sources.columns[j][x] >= 0 {
            let place = (c * size.height + sources.rows[i][y]) * size.width + sources.columns[j][x]
            result[b, (c * kernel.height + i) * kernel.width + j] = signals[b, place]
          }
        }
      }
    }
    return result
  }
}

extension DictionaryLearning: CheckpointedLearner {
  /// The whole state as tensors: filters `D1` …, Adam's moments, counters and history.
  ///
  /// - Throws: Nothing in practice: the history encodes as JSON.
  public func checkpoint() throws -> SafeTensors {
    var file = SafeTensors(metadata: [
      "epoch": "\(epoch)", "steps": "\(steps)",
      "history": String(decoding: try JSONText.compact(history), as: UTF8.self),
    ])
    for (i, layer) in layers.enumerated() {
      file.tensors["D\(i + 1)"] = layer.filters
      file.tensors["adam_first_\(i + 1)"] = moments[i].first
      file.tensors["adam_second_\(i + 1)"] = moments[i].second
    }
    return file
  }

  /// Takes up the state of a checkpoint of the same settings and geometries.
  ///
  /// - Throws: `FileError.damaged` where something is absent or has another shape.
  public mutating func restore(_ file: SafeTensors, path: String) throws {
    func tensor(_ name: String, _ shape: [Int]) throws -> Tensor<Double> {
      guard let found = file.tensors[name], found.shape == shape else {
        throw FileError.damaged(
          path: path, place: "tensor \(name)", problem: "absent or not of shape \(shape)")
      }
      return found
    }
    guard let epoch = file.metadata["epoch"].flatMap({ Int($0) }),
      let steps = file.metadata["steps"].flatMap({ Int($0) }),
      let text = file.metadata["history"],
      let history: [LearningRecord] = JSONText.decoded(text)
    else {
      throw FileError.damaged(
        path: path, place: "__metadata__", problem: "needs epoch, steps and history")
    }
    var next = self
    for i in layers.indices {
      let shape = layers[i].filters.shape
      next.layers[i] = layers[i].replacingFilters(try tensor("D\(i + 1)", shape))
      next.moments[i].first = try tensor("adam_first_\(i + 1)", shape)
      next.moments[i].second = try tensor("adam_second_\(i + 1)", shape)
    }
    next.epoch = epoch
    next.steps = steps
    next.history = history
    self = next
  }
}
