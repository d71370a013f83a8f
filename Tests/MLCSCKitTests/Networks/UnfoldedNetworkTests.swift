// Claim: the networks of B have the right gradients as a whole, the parameters that the documents
// count, and the same parameters whatever they unfold.
import MLCSCKit
import Testing

struct UnfoldedNetworkTests {
  /// A small network of the document's kind: 1×12×12 → 2×4×4 → 3×1×1, a layer behind, 4 classes.
  private func small(
    _ method: UnfoldedMethod, _ unfoldings: Int, learnsSteps: Bool = true
  ) throws -> UnfoldedNetwork<Double> {
    let network = try UnfoldedNetwork<Double>(
      UnfoldedArchitecture(
        layers: [.init(2, kernel: 6, stride: 2), .init(3, kernel: 3)],
        following: [.init(5, kernel: 3, padding: 1, pooling: 2)], method: method,
        unfoldings: unfoldings, learnsSteps: learnsSteps),
      channels: 1, size: .square(12), classes: 4, stream: RandomStream("small network"))
    // Away from the start, where thresholds are all zero.
    for parameter in network.parameters where parameter.name.hasPrefix("thresholds") {
      let draw = GradientCheck.normal(parameter.value.shape, parameter.name)
      parameter.value = Tensor(shape: draw.shape, elements: draw.elements.map { 0.1 * $0 })
    }
    for parameter in network.parameters where parameter.name.hasPrefix("steps") {
      parameter.value = Tensor(shape: [1], elements: [0.3])
    }
    return network
  }

  @Test("gradients of whole networks", arguments: UnfoldedMethod.allCases, 0...6)
  func gradients(_ method: UnfoldedMethod, _ unfoldings: Int) throws {
    let network = try small(method, unfoldings)
    // Differences of step 1e-6 err by 1e-9 or so; a code that crosses its threshold within one
    // would show as an error of its own size.
    let worst = GradientCheck.relativeError(
      of: network, images: GradientCheck.normal([2, 1, 12, 12], "images"), labels: [1, 3])
    #expect(worst.error < 1e-6, "\(worst.parameter)")
  }

  @Test("gradients of relaxed networks", arguments: [0, 0.4], 1...3)
  func relaxedGradients(_ ρ: Double, _ unfoldings: Int) throws {
    for method in [UnfoldedMethod.multiLayerISTA, .multiLayerFISTA] {
      let worst = GradientCheck.relativeError(
        of: try small(method, unfoldings, learnsSteps: false),
        images: GradientCheck.normal([2, 1, 12, 12], "relaxed"), labels: [0, 2],
        ForwardPass(isTraining: true, consistency: ρ))
      #expect(worst.error < 1e-6, "\(worst.parameter)")
    }
  }

  @Test("convolution weights are as many as the documents count")
  func counts() throws {
    func weights(_ shape: UnfoldedArchitecture, _ channels: Int, _ size: Int) throws -> Int {
      try UnfoldedNetwork<Float>(
        shape, channels: channels, size: .square(size), classes: 10, stream: RandomStream("count")
      ).convolutionWeightCount
    }
    let method = UnfoldedMethod.multiLayerISTA
    #expect(try weights(.document(signalSize: 28, method, unfoldings: 6), 1, 28) == 1_345_792)
    #expect(try weights(.document(signalSize: 32, method, unfoldings: 6), 3, 32) == 1_940_224)
    #expect(try weights(.digitsCode(method, unfoldings: 6), 1, 28) == 599_168)
    #expect(try weights(.sixLayers(method, unfoldings: 6), 3, 32) == 3_999_232)
  }

  @Test("the four models have the same parameters and begin alike")
  func sameParameters() throws {
    let models: [(UnfoldedMethod, Int)] = [
      (.multiLayerISTA, 0), (.layeredISTA, 6), (.multiLayerISTA, 6), (.multiLayerFISTA, 6),
    ]
    let networks = try models.map { method, unfoldings in
      try UnfoldedNetwork<Float>(
        .digitsCode(filters: [4, 8, 16], method, unfoldings: unfoldings), channels: 1,
        size: .square(28), classes: 10, stream: RandomStream("start"))
    }
    for network in networks.dropFirst() {
      #expect(network.parameterCount == networks[0].parameterCount)
      for (a, b) in zip(network.parameters, networks[0].parameters) {
        #expect(a.name == b.name && a.value == b.value)
      }
    }
  }

  @Test("ML-FISTA is ML-ISTA up to one unfolding, and not beyond")
  func acceleration() throws {
    let images = GradientCheck.normal([3, 1, 12, 12], "acceleration")
    func scores(_ method: UnfoldedMethod, _ unfoldings: Int) throws -> [Double] {
      let (network, tape) = (try small(method, unfoldings), Tape<Double>())
      return network.scores(of: tape.input(images), on: tape, .inference).tensor.elements
    }
    for unfoldings in 0...1 {
      #expect(try scores(.multiLayerISTA, unfoldings) == scores(.multiLayerFISTA, unfoldings))
    }
    #expect(try scores(.multiLayerISTA, 2) != scores(.multiLayerFISTA, 2))
  }

  @Test("oneDNN trains the same network", arguments: [0, 2])
  func engines(_ unfoldings: Int) throws {
    func network<Scalar: NumericScalar>() throws -> UnfoldedNetwork<Scalar> {
      try UnfoldedNetwork(
        .document(signalSize: 28, filters: [16, 32, 64], .multiLayerISTA, unfoldings: unfoldings),
        channels: 1, size: .square(28), classes: 10, stream: RandomStream("engines"))
    }
    let worst = try #require(
      try EngineAgreement.difference(
        of: OneDNNConvolution(), in: network() as UnfoldedNetwork<Float>, from: network(),
        images: [2, 1, 28, 28], labels: [1, 2]))
    #expect(worst.ratio <= 1, "\(worst.name)")
  }
}
