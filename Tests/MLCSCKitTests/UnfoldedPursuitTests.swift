// Claim: with fixed dictionaries, steps and thresholds, a network of unfolded iterations is the
// library's ML-ISTA; and the gradients of the whole network are right.
import MLCSCKit
import Testing

struct UnfoldedPursuitTests {
  static let outer = try? ConvolutionGeometry(
    channels: 2, signalSize: .square(8), kernelSize: .square(4), stride: .square(2))
  static let inner = try? ConvolutionGeometry(
    channels: 3, signalSize: .square(3), kernelSize: .square(2))

  /// T iterations of ML-ISTA with two layers, from γ₂ = 0.
  private func unfold(
    _ tape: Tape<Double>, _ y: Variable<Double>, filters: [Variable<Double>],
    steps: [Variable<Double>], thresholds: [Variable<Double>], iterations: Int,
    _ kind: ThresholdKind, _ g: [ConvolutionGeometry]
  ) -> Variable<Double> {
    var deepest = tape.input(Tensor(shape: [y.shape[0], 4, 2, 2]))
    for _ in 0..<iterations {
      let estimate = tape.synthesize(deepest, filters[1], g[1])
      let signal = tape.synthesize(estimate, filters[0], g[0])
      let first = tape.analyze(tape.subtract(signal, y), filters[0], g[0])
      let middle = tape.proximalStep(
        from: estimate, along: first, step: steps[0], thresholds: thresholds[0], kind)
      let second = tape.analyze(tape.subtract(estimate, middle), filters[1], g[1])
      deepest = tape.proximalStep(
        from: deepest, along: second, step: steps[1], thresholds: thresholds[1], kind)
    }
    return deepest
  }

  @Test("unfolded iterations are ML-ISTA's", arguments: ThresholdKind.allCases, [1, 2, 6])
  func equality(_ kind: ThresholdKind, _ iterations: Int) throws {
    let (g1, g2) = (try #require(Self.outer), try #require(Self.inner))
    let k1 = GradientCheck.normal([3, 2, 4, 4], "k1")
    let k2 = GradientCheck.normal([4, 3, 2, 2], "k2")
    let y = GradientCheck.normal([5, 2, 8, 8], "y")
    let model = try MultiLayerModel<Double>([
      ConvolutionalDictionary(filters: k1, geometry: g1),
      ConvolutionalDictionary(filters: k2, geometry: g2),
    ])
    let (λ1, λ2) = (0.3, 0.2)
    let problem = try MultiLayerProblem(
      model: model, signals: y.reshaped(5, 128), penalties: [λ1, λ2],
      nonnegative: kind == .oneSided)
    let pursuit = try MultiLayerISTA(problem)
    let iterator = pursuit.makeIterator()
    for _ in 0..<iterations { iterator.step() }
    // The pursuit's own steps: μ = 1/‖D₁‖² from its report, and 1/‖D₂‖² likewise.
    let s1 = iterator.stepSize
    let s2 = 1 / Double(try model.layers[1].squaredSpectralNorm().estimate)
    let tape = Tape<Double>()
    let codes = tape.withoutRecording {
      unfold(
        tape, tape.input(y), filters: [tape.input(k1), tape.input(k2)],
        steps: [s1, s2].map { tape.input(Tensor(shape: [1], elements: [$0])) },
        thresholds: [
          tape.input(Tensor(shape: [3], repeating: s1 * λ1)),
          tape.input(Tensor(shape: [4], repeating: s1 * s2 * λ2)),
        ], iterations: iterations, kind, [g1, g2])
    }
    let expected = iterator.deepest.elements
    let largest = expected.map(abs).max() ?? 0
    #expect(largest > 0)
    for (a, b) in zip(codes.tensor.elements, expected) { #expect(abs(a - b) < 1e-13 * largest) }
  }

  @Test("gradients of a whole unfolded network", arguments: [1, 2, 4])
  func gradients(_ iterations: Int) throws {
    let (g1, g2) = (try #require(Self.outer), try #require(Self.inner))
    // No argument of a threshold lies within 1e-6 of a kink for this draw: the error would show it.
    let error = GradientCheck.relativeError(
      [
        GradientCheck.normal([2, 2, 8, 8], "y"), GradientCheck.normal([3, 2, 4, 4], "k1"),
        GradientCheck.normal([4, 3, 2, 2], "k2"), Tensor(shape: [1], elements: [0.02]),
        Tensor(shape: [1], elements: [0.05]), Tensor(shape: [3], elements: [0.05, -0.03, 0.02]),
        Tensor(shape: [4], elements: [0.01, -0.02, 0.03, -0.01]),
        GradientCheck.normal([10, 16], "w"), GradientCheck.normal([10], "b"),
      ], step: 1e-6
    ) { tape, v in
      let codes = unfold(
        tape, v[0], filters: [v[1], v[2]], steps: [v[3], v[4]], thresholds: [v[5], v[6]],
        iterations: iterations, .oneSided, [g1, g2])
      return tape.crossEntropy(tape.addBias(tape.dense(codes, v[7]), v[8]), labels: [3, 7])
    }
    #expect(error < 1e-6)
  }
}
