// Claim: R's dense networks are layered pursuits on dictionaries beside the identity, with right
// gradients and as many parameters as R counts.
import MLCSCKit
import Testing

struct MixedScaleNetworkTests {
  static let methods: [UnfoldedMethod] = [.layeredISTA, .layeredFISTA]

  /// Three layers of 2 filters on images of 2×8×8, with thresholds and steps away from their start.
  private func small(_ method: UnfoldedMethod, _ unfoldings: Int) throws
    -> MixedScaleNetwork<Double>
  {
    let network = try MixedScaleNetwork<Double>(
      depth: 3, filterCount: 2, method: method, unfoldings: unfoldings, initialNorm: 1, channels: 2,
      size: .square(8), classes: 3, stream: RandomStream("small"))
    for parameter in network.parameters {
      let draw = GradientCheck.normal(parameter.value.shape, parameter.name)
      if parameter.name.hasPrefix("thresholds") {
        parameter.value = Tensor(shape: draw.shape, elements: draw.elements.map { 0.1 * $0 })
      } else if parameter.name.hasPrefix("steps") {
        parameter.value = Tensor(shape: [1], elements: draw.elements.map { 0.8 + 0.1 * $0 })
      }
    }
    return network
  }

  /// No pixel negative.
  private let images = Tensor<Double>(
    shape: [3, 2, 8, 8], elements: GradientCheck.normal([3, 2, 8, 8], "images").elements.map(abs))

  @Test("gradients of whole networks", arguments: methods, 0...3)
  func gradients(_ method: UnfoldedMethod, _ unfoldings: Int) throws {
    let network = try small(method, unfoldings)
    let worst = GradientCheck.relativeError(
      of: network, images: GradientCheck.normal([3, 2, 8, 8], "signed"), labels: [2, 0, 1],
      step: 1e-7)
    #expect(worst.error < 1e-6, "\(worst.parameter)")
  }

  @Test("convolution weights are as many as R's Table III counts", arguments: [0, 2])
  func counts(_ unfoldings: Int) throws {
    for (depth, weights) in [6: 143_424, 9: 339_552, 12: 618_624] {
      for method in Self.methods {
        let network = try MixedScaleNetwork<Float>(
          depth: depth, method: method, unfoldings: unfoldings, classes: 10,
          stream: RandomStream("count"))
        #expect(network.convolutionWeightCount == weights)
        // Thresholds, steps and the classifier.
        let channels = 3 + 32 * depth
        #expect(network.parameterCount == weights + 33 * depth + 10 * channels + 10)
      }
    }
  }

  @Test(
    "every layer begins within what ISTA's descent allows: c ‖[I Fᵀ]‖² at most 1 by its estimate")
  func start() throws {
    let network = try MixedScaleNetwork<Double>(
      depth: 6, unfoldings: 1, size: .square(16), classes: 10, stream: RandomStream("start"))
    var size = 16
    for (i, layer) in network.layers.enumerated() {
      let dilation = i % 3 + 1
      let dictionary = IdentityAugmentedDictionary(
        try ConvolutionalDictionary(
          filters: layer.parameters[0].value,
          geometry: ConvolutionGeometry(
            channels: 3 + 32 * i, signalSize: .square(size), kernelSize: .square(3),
            dilation: .square(dilation), padding: .square(dilation))))
      let norm = try dictionary.squaredSpectralNorm().upperBound
      // The drawn filters' norm lies around the one that the step was chosen for.
      let bound = layer.steps[0].value.elements[0] * norm
      #expect(bound > 0.8 && bound < 1.2, "layer \(i + 1): \(bound)")
      if network.pooledLayers.contains(i + 1) { size /= 2 }
    }
  }

  @Test("a layer is ISTA or FISTA on the library's [I D]", arguments: methods, 0...4)
  func pursuit(_ method: UnfoldedMethod, _ unfoldings: Int) throws {
    let network = try small(method, unfoldings)
    let layer = network.layers[0]
    let filters = layer.parameters[0].value
    let base = try ConvolutionalDictionary(
      filters: filters,
      geometry: ConvolutionGeometry(
        channels: 2, signalSize: .square(8), kernelSize: .square(3), padding: .square(1)))
    let problem = try MultiLayerProblem(
      model: MultiLayerModel([IdentityAugmentedDictionary(base)]),
      signals: images.reshaped(3, 128), penalties: [0], nonnegative: true)
    let steps = [layer.steps[0].value.elements[0]]
    let thresholds = [[0, 0] + layer.thresholds[0].value.elements]
    let iterator =
      method.isAccelerated
      ? try MultiLayerFISTA(problem, steps: steps, thresholds: thresholds).makeIterator()
      : try MultiLayerISTA(problem, steps: steps, thresholds: thresholds).makeIterator()
    for _ in 0...unfoldings { iterator.step() }
    let tape = Tape<Double>()
    let code = tape.withoutRecording {
      layer.codes(of: tape.input(images), on: tape)[0].tensor.elements
    }
    let expected = iterator.deepest.elements
    let largest = expected.map(abs).max() ?? 0
    #expect(code.count == expected.count && largest > 0)
    // Rounding over at most five iterations.
    for (a, b) in zip(code, expected) { #expect(abs(a - b) < 1e-13 * largest) }
  }

  @Test("without unfoldings the network is a densely connected one, and layered thresholding")
  func dense() throws {
    let network = try small(.layeredISTA, 0)
    for layer in network.layers { layer.steps[0].value = Tensor(shape: [1], repeating: 1) }
    let tape = Tape<Double>()
    tape.withoutRecording {
      var maps = tape.input(images)
      var signals = images
      var size = 8
      for (i, layer) in network.layers.enumerated() {
        let dilation = i + 1
        let filters = layer.parameters[0].value
        let geometry: ConvolutionGeometry
        do {
          geometry = try ConvolutionGeometry(
            channels: 2 + 2 * i, signalSize: .square(size), kernelSize: .square(3),
            dilation: .square(dilation), padding: .square(dilation))
          // MSDNet: the channels so far beside the rectified convolution.
          let bias = layer.thresholds[0].value.elements.map { -$0 }
          let convolved = tape.analyze(maps, tape.input(filters), geometry)
          let rectified = tape.relu(
            tape.addBias(convolved, tape.input(Tensor(shape: [2], elements: bias))))
          let dictionary = IdentityAugmentedDictionary(
            try ConvolutionalDictionary(filters: filters, geometry: geometry))
          let area = size * size
          let biases =
            Array(repeating: 0.0, count: (2 + 2 * i) * area)
            + bias.flatMap { Array(repeating: $0, count: area) }
          let codes = try LayeredThresholding(
            model: MultiLayerModel([dictionary]), biases: [biases]
          )
          .solve(signals.reshaped(3, signals.count / 3)).codes[0]
          maps = tape.concatenate([maps, rectified])
          for (a, b) in zip(maps.tensor.elements, codes.elements) { #expect(abs(a - b) < 1e-13) }
        } catch {
          Issue.record(error)
          return
        }
        if i < 2 {
          maps = tape.maxPool(maps, window: .square(2))
          size /= 2
        }
        signals = maps.tensor
      }
      let code = network.code(of: tape.input(images), on: tape).tensor
      #expect(code.shape == [3, 8, 2, 2])
      for (a, b) in zip(code.elements, maps.tensor.elements) { #expect(abs(a - b) < 1e-13) }
    }
  }

  @Test("FISTA is ISTA with at most one unfolding, and differs from two on", arguments: 0...2)
  func momentum(_ unfoldings: Int) throws {
    let scores = try Self.methods.map { method in
      let network = try small(method, unfoldings)
      let tape = Tape<Double>()
      return tape.withoutRecording {
        network.scores(of: tape.input(images), on: tape, .inference).tensor.elements
      }
    }
    #expect((scores[0] == scores[1]) == (unfoldings <= 1))
  }

  @Test("oneDNN trains the same network", arguments: [0, 2])
  func engines(_ unfoldings: Int) throws {
    func network<Scalar: NumericScalar>() throws -> MixedScaleNetwork<Scalar> {
      try MixedScaleNetwork(
        depth: 6, filterCount: 16, method: .layeredFISTA, unfoldings: unfoldings, channels: 2,
        size: .square(8), classes: 10, stream: RandomStream("engines"))
    }
    let worst = try #require(
      try EngineAgreement.difference(
        of: OneDNNConvolution(), in: network() as MixedScaleNetwork<Float>, from: network(),
        images: [3, 2, 8, 8], labels: [1, 5, 0]))
    #expect(worst.ratio <= 1, "\(worst.name)")
  }

  @Test("depths that are not multiples of three and multi-layer methods are refused")
  func refusals() {
    #expect(throws: ModelError.self) {
      try MixedScaleNetwork<Float>(
        depth: 7, unfoldings: 0, classes: 10, stream: RandomStream("x"))
    }
    #expect(throws: ModelError.self) {
      try MixedScaleNetwork<Float>(
        depth: 6, method: .multiLayerISTA, unfoldings: 1, classes: 10, stream: RandomStream("x"))
    }
  }
}
