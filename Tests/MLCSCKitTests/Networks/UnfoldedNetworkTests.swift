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

  @Test(
    "matched filters begin with the deepest codes of so many unfoldings of small filters",
    arguments: [1, 3, 6])
  func matchedGain(_ unfoldings: Int) throws {
    func norm(_ change: (inout UnfoldedArchitecture) -> Void) throws -> Double {
      var shape = UnfoldedArchitecture.document(
        signalSize: 28, filters: [4, 6, 8], .multiLayerISTA, unfoldings: 0)
      shape.initialDeviation = 1e-3
      change(&shape)
      let network = try UnfoldedNetwork<Double>(
        shape, channels: 1, size: .square(28), classes: 10, stream: RandomStream("gain"))
      let draw = GradientCheck.normal([3, 1, 28, 28], "gain")
      let tape = Tape<Double>()
      let codes = network.pursuit.codes(
        of: tape.input(Tensor(shape: draw.shape, elements: draw.elements.map(abs))), on: tape,
        ForwardPass(isTraining: true, consistency: 0))
      return codes[2].tensor.elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    let unfolded = try norm { $0.unfoldings = unfoldings }
    let matched = try norm { $0.matchedUnfoldings = unfoldings }
    // (T + 1)(T + 2)(T + 3)/6: 4, 20, 84.
    let factor = Double((unfoldings + 1) * (unfoldings + 2) * (unfoldings + 3)) / 6
    let plain = try norm { _ in }
    #expect(plain > 0)
    #expect(abs(matched / plain / factor - 1) < 1e-9)
    // The products DᵀD that the count leaves out are of the order of their norm, here 1e-3.
    #expect(abs(unfolded / matched - 1) < 0.01, "\(unfolded / matched)")
  }

  @Test("a deviation of the filters is that of every layer, whatever its fan-in")
  func deviation() throws {
    var shape = UnfoldedArchitecture.document(signalSize: 28, .multiLayerISTA, unfoldings: 0)
    shape.initialDeviation = 0.001
    let network = try UnfoldedNetwork<Float>(
      shape, channels: 1, size: .square(28), classes: 10, stream: RandomStream("deviation"))
    for parameter in network.parameters where parameter.name.hasPrefix("filters") {
      let values = parameter.value.elements.map(Double.init)
      let square = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
      // 2,304 draws at least: their deviation errs by 1.5 %.
      #expect(abs(square.squareRoot() / 0.001 - 1) < 0.06, "\(parameter.name)")
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
