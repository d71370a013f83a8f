// Claim: Definition 1 counts what it says; with the unit vectors as atoms no dimension of a signed
// LASSO optimum fails; and the dense network of R's Fig. 4 is layered thresholding.
import MLCSCKit
import Testing

struct ReconstructionFailureTests {
  @Test("a dimension fails where the reconstruction is off by more than the bound")
  func counts() {
    let x = Tensor<Double>(rows: [[1, 2, 3], [0, 0, 0]])
    let ξ = Tensor<Double>(rows: [[1, 2.5, 2], [0.5, -0.5, 0.51]])
    #expect(ReconstructionFailures.counts(ξ, of: x, bound: 0.5) == [1, 1])
    #expect(ReconstructionFailures.counts(ξ, of: x, bound: 0) == [2, 3])
    #expect(ReconstructionFailures.counts(x, of: x, bound: 0) == [0, 0])
  }

  // Non-negative ones fall short by at most β; they may exceed x by anything.
  @Test("signed optima with the identity deviate by at most β", arguments: [0.05, 0.3, 1])
  func optimality(penalty β: Double) throws {
    var stream = RandomStream("failures", "optimality")
    let plain = DenseDictionary<Double>.gaussian(12, 20, normalized: false, from: &stream)
    let dictionary = IdentityAugmentedDictionary(plain)
    let x = Tensor<Double>.normal(8, 12, from: &stream)
    func deviations(nonnegative: Bool) throws -> [Double] {
      let problem = try MultiLayerProblem(
        dictionary: dictionary, signals: x, penalty: β, nonnegative: nonnegative)
      let code = try ExactSolver(tolerance: 1e-12).solve(problem).codes[0]
      let ξ = dictionary.synthesize(code)
      #expect(
        nonnegative
          || ReconstructionFailures.counts(ξ, of: x, bound: 2 * β) == [Int](repeating: 0, count: 8))
      return zip(x.elements, ξ.elements).map { $0 - $1 }
    }
    // A gap of 10⁻¹² leaves the residual, of order one, off by 10⁻⁶ at most.
    let signed = try deviations(nonnegative: false).map(abs)
    #expect(signed.allSatisfy { $0 <= β + 1e-5 })
    #expect(signed.contains { $0 >= β - 1e-5 })
    #expect(try deviations(nonnegative: true).allSatisfy { $0 <= β + 1e-5 })
  }

  @Test("without the identity a small example fails where no atom reaches")
  func unreachable() throws {
    let dictionary = DenseDictionary<Double>(matrix: Tensor(rows: [[1], [0]]))
    let x = Tensor<Double>(rows: [[2, 1]])
    let code = try ExactSolver(tolerance: 1e-12).solve(
      MultiLayerProblem(dictionary: dictionary, signals: x, penalty: 0.2)
    ).codes[0]
    #expect(abs(code[0, 0] - 1.8) < 1e-9)
    #expect(
      ReconstructionFailures.counts(dictionary.synthesize(code), of: x, bound: 0.4) == [1])
  }

  @Test("the network's codes are layered thresholding's", arguments: [false, true])
  func network(keepsInput: Bool) throws {
    var stream = RandomStream("failures", "network")
    let network = DenseThresholdingNetwork<Double>(
      signalDimension: 6, widths: [5, 4], classes: 3, keepsInput: keepsInput, stream: &stream)
    var x = Tensor<Double>.normal(7, 6, from: &stream)
    // The pursuit cuts the identity's part at zero, the network does not: equality needs x ≥ 0.
    if keepsInput { x = Tensor(shape: x.shape, elements: x.elements.map(abs)) }
    let tape = Tape<Double>()
    let codes = tape.withoutRecording { network.codes(of: tape.input(x), on: tape) }
    let pursuit = try network.layeredThresholding()
    #expect(pursuit.model.signalDimension == 6)
    for (found, expected) in zip(codes, try pursuit.solve(x).codes) {
      #expect(found.tensor.shape == expected.shape)
      // Sums of at most eleven products of order one.
      #expect(largestDifference(found.tensor, expected) < 1e-13)
    }
    #expect(codes[1].shape == [7, keepsInput ? 15 : 4])
  }

  @Test("gradients of the network are those of central differences", arguments: [false, true])
  func gradient(keepsInput: Bool) {
    var stream = RandomStream("failures", "gradient")
    let network = DenseThresholdingNetwork<Double>(
      signalDimension: 4, widths: [5, 3], classes: 3, keepsInput: keepsInput, stream: &stream)
    let error = GradientCheck.relativeError([.normal(3, 4, from: &stream)]) { tape, inputs in
      tape.crossEntropy(
        network.scores(of: inputs[0], on: tape, .inference), labels: [0, 2, 1])
    }
    #expect(error < 1e-8)
  }

  @Test("a few steps of descent lower the loss, in every parameter", arguments: [false, true])
  func training(keepsInput: Bool) {
    var stream = RandomStream("failures", "training")
    let network = DenseThresholdingNetwork<Float>(
      signalDimension: 8, widths: [12, 10], classes: 4, keepsInput: keepsInput, stream: &stream)
    let x = Tensor<Float>.normal(20, 8, from: &stream)
    let labels = (0..<20).map { $0 % 4 }
    let before = network.parameters.map(\.value)
    let tape = Tape<Float>()
    let optimizer = Adam<Float>()
    var losses = [Float]()
    for _ in 0..<60 {
      let loss = tape.crossEntropy(
        network.scores(of: tape.input(x), on: tape, ForwardPass(isTraining: true)), labels: labels)
      losses.append(loss.tensor.elements[0])
      optimizer.step(network.parameters, tape.backward(from: loss), rate: 1e-2)
    }
    #expect(losses[59] < 0.2 * losses[0])
    for (old, parameter) in zip(before, network.parameters) { #expect(old != parameter.value) }
  }
}
