// Claim: the gradients of dictionary learning are right, learning lowers the error and keeps filters
// within their limits, and a learner restored from a checkpoint goes on bit by bit.
import MLCSCKit
import Testing

struct LearningTests {
  func geometries() throws -> [ConvolutionGeometry] {
    let first = try ConvolutionGeometry(
      signalSize: .square(8), kernelSize: .square(3), stride: .square(1))
    let second = try ConvolutionGeometry(
      channels: 3, signalSize: first.codeSize, kernelSize: .square(2), stride: .square(2))
    let third = try ConvolutionGeometry(
      channels: 4, signalSize: second.codeSize, kernelSize: second.codeSize)
    return [first, second, third]
  }

  func learner(most: Int = 3, isLimited: Bool = true) throws -> DictionaryLearning {
    let limits =
      isLimited
      ? FilterLimits(least: 2, most: most, threshold: 0.3, firstEpoch: 1, lastEpoch: 5) : nil
    return try DictionaryLearning(
      geometries: geometries(), filterCounts: [3, 4, 10],
      settings: DictionaryLearningSettings(
        batchSize: 8, sparsity: 3, learningRate: 0.01, filterLimits: [nil, limits, limits],
        leastUses: 2, twinCoherence: 0.95, lastReplacement: 12), streamNames: ["learning test"])
  }

  func signals() -> Tensor<Double> {
    var stream = RandomStream("learning signals")
    // Low rank, so that there is something to learn.
    let factors = Matrix<Double>.normal(40, 4, from: &stream)
    return factors.multiplied(by: Matrix<Double>.normal(4, 64, from: &stream))
  }

  @Test("gradients agree with central differences")
  func gradients() throws {
    let learner = try learner()
    var stream = RandomStream("gradient")
    let y = Matrix<Double>.normal(3, 64, from: &stream)
    let deepest = Matrix<Double>.normal(3, 10, from: &stream)
    func loss(_ layers: [ConvolutionalDictionary<Double>]) throws -> Double {
      let x = try MultiLayerModel<Double>(layers).synthesize(deepest)
      return 0.5 * zip(x.elements, y.elements).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 3
    }
    let layers = learner.layers
    let codes = try learner.model().propagate(deepest)
    let gradients = DictionaryLearning.gradients(layers, signals: y, codes: codes)
    for (i, gradient) in gradients.enumerated() {
      for _ in 0..<6 {
        let entry = stream.index(below: gradient.count)
        func moved(_ h: Double) throws -> Double {
          var elements = layers[i].filters.elements
          elements[entry] += h
          var changed = layers
          changed[i] = layers[i].replacingFilters(
            Tensor(shape: layers[i].filters.shape, elements: elements))
          return try loss(changed)
        }
        // The loss is quadratic in one layer's filters: central differences are exact but for
        // rounding, about 1e-16 · loss / h.
        let difference = try (moved(1e-4) - moved(-1e-4)) / 2e-4
        #expect(abs(difference - gradient.elements[entry]) < 1e-9 * (1 + abs(difference)))
      }
    }
  }

  /// The errors of fifteen epochs.
  func errors(_ learner: inout DictionaryLearning) throws -> [Double] {
    let data = signals()
    for _ in 0..<15 {
      try learner.learnEpoch(
        count: data.rows, batch: { data.gathering(rows: $0) }, interrupted: {})
    }
    return learner.history.map(\.relativeSquaredError)
  }

  @Test("the error falls without limits on the filters")
  func learnsDense() throws {
    var learner = try learner(isLimited: false)
    let errors = try errors(&learner)
    #expect(errors[14] < 0.7 * errors[0])
  }

  @Test("the error falls and every filter ends within its limits")
  func learns() throws {
    var learner = try learner()
    let errors = try errors(&learner)
    // Filters of three entries cannot represent the signals as dense ones do.
    #expect(errors[14] < 0.8 * errors[0])
    for layer in learner.layers {
      for o in 0..<layer.filterCount {
        let nonzeros = SparsityMeasures.cardinality(layer.filters.row(o))
        #expect(layer.geometry.channels == 1 ? nonzeros == 9 : (2...3).contains(nonzeros))
        #expect(abs(Double.norm2(layer.filters.columns, layer.filters.row(o)) - 1) < 1e-12)
      }
    }
  }

  @Test("signals whose squares no single-precision number holds are learned as ordinary ones")
  func extremeSignals() throws {
    func learned(_ exponent: Int) throws -> DictionaryLearning {
      var learner = try learner()
      let data = signals()
      let scaled = Tensor<Double>(
        shape: data.shape,
        elements: data.elements.map {
          Double(sign: .plus, exponent: exponent, significand: $0)
        })
      for _ in 0..<3 {
        try learner.learnEpoch(
          count: data.rows, batch: { scaled.gathering(rows: $0) }, interrupted: {})
      }
      return learner
    }
    let ordinary = try learned(0)
    // Adam's step depends on the scale of gradients far above its ε of 1e-8 in no way.
    let large = try learned(80)
    for (a, b) in zip(ordinary.history, large.history) {
      #expect(abs(a.relativeSquaredError - b.relativeSquaredError) < 1e-5)
    }
    let small = try learned(-80)
    #expect(small.history.allSatisfy { (0.01...1).contains($0.relativeSquaredError) })
  }

  @Test("limits that are not one a layer are refused")
  func refusedLimits() throws {
    let learner = try learner()
    #expect(throws: ModelError.self) {
      try DictionaryLearning(
        layers: Array(learner.layers.prefix(2)), settings: learner.settings, streamNames: [])
    }
  }

  @Test("one layer of small filters is learned as an operator")
  func oneLayer() throws {
    var stream = RandomStream("one layer")
    let geometry = try ConvolutionGeometry(
      signalSize: .square(8), kernelSize: .square(3), stride: .square(1))
    let truth = try ConvolutionalDictionary<Double>(
      filters: .normal(2, 1, 3, 3, from: &stream), geometry: geometry
    ).normalizingFilters()
    var codes = Matrix<Double>(zeros: 200, truth.atomCount)
    for t in 0..<200 {
      for j in stream.indices(3, below: truth.atomCount) { codes[t, j] = stream.sign() }
    }
    let data = truth.synthesize(codes)
    var learner = try DictionaryLearning(
      geometries: [geometry], filterCounts: [2],
      settings: DictionaryLearningSettings(
        batchSize: 10, sparsity: 3, learningRate: 0.01, filterLimits: [nil], leastUses: 1),
      streamNames: ["one layer"])
    let first = try OrthogonalMatchingPursuit<Double>(
      DenseDictionary(learner.layers[0]), sparsity: 3
    ).codes(data).reduce(0) { $0 + $1.residualNorm * $1.residualNorm }
    for _ in 0..<20 {
      try learner.learnEpoch(
        count: 200, batch: { data.gathering(rows: $0) }, interrupted: {})
    }
    let last = try OrthogonalMatchingPursuit<Double>(
      DenseDictionary(learner.layers[0]), sparsity: 3
    ).codes(data).reduce(0) { $0 + $1.residualNorm * $1.residualNorm }
    #expect(last < 0.3 * first)
  }

  @Test("a restored learner continues to the same bits")
  func resume() throws {
    let data = signals()
    func learn(_ learner: inout DictionaryLearning, _ epochs: Int) throws {
      for _ in 0..<epochs {
        try learner.learnEpoch(
          count: data.rows, batch: { data.gathering(rows: $0) }, interrupted: {})
      }
    }
    var whole = try learner()
    try learn(&whole, 5)
    var first = try learner()
    try learn(&first, 2)
    let file = try SafeTensors(first.checkpoint().encoded(), path: "checkpoint")
    var second = try learner()
    try second.restore(file, path: "checkpoint")
    try learn(&second, 3)
    #expect(second.history == whole.history)
    for (a, b) in zip(second.layers, whole.layers) { #expect(a.filters == b.filters) }
  }

  @Test("an interrupted epoch leaves the learner as it was")
  func interruption() throws {
    struct Stop: Error {}
    var learner = try learner()
    let data = signals()
    let before = learner.layers.map(\.filters)
    #expect(throws: Stop.self) {
      var steps = 0
      try learner.learnEpoch(count: data.rows, batch: { data.gathering(rows: $0) }) {
        steps += 1
        if steps > 2 { throw Stop() }
      }
    }
    #expect(learner.layers.map(\.filters) == before)
    #expect(learner.epoch == 0)
  }

  @Test("a checkpoint of another shape is refused")
  func wrongCheckpoint() throws {
    var learner = try learner()
    var file = try learner.checkpoint()
    file.tensors["D2"] = Tensor(zeros: 1, 1, 1, 1)
    #expect(throws: FileError.self) { try learner.restore(file, path: "checkpoint") }
  }
}
