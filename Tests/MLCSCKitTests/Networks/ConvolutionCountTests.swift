// Claim: FISTA costs a network no convolution more than ISTA does, forwards or backwards.
import MLCSCKit
import Testing

struct ConvolutionCountTests {
  // R, Sec. VI: "the main computational effort in both algorithms remains the same".
  @Test("MSD-CSC by FISTA makes exactly the convolutions of ISTA", arguments: 0...4)
  func mixedScale(_ unfoldings: Int) throws {
    let counts = try [UnfoldedMethod.layeredISTA, .layeredFISTA].map { method in
      let network = try MixedScaleNetwork<Double>(
        depth: 6, filterCount: 2, method: method, unfoldings: unfoldings, channels: 2,
        size: .square(8), classes: 3, stream: RandomStream("count convolutions"))
      let engine = CountingConvolution()
      let tape = Tape<Double>(engine: engine)
      let scores = network.scores(
        of: tape.input(GradientCheck.normal([2, 2, 8, 8], "counted")), on: tape,
        ForwardPass(isTraining: true))
      let forwards = engine.count
      _ = tape.backward(from: tape.crossEntropy(scores, labels: [0, 2]))
      return [forwards, engine.count]
    }
    #expect(counts[0] == counts[1])
    // An analysis a layer at least, and two products more an unfolding.
    #expect(counts[0][0] == 6 * (1 + 2 * unfoldings))
  }
}

/// The library's own convolutions, counted.
private final class CountingConvolution: ConvolutionEngine {
  private let engine = ReferenceConvolution<Double>()
  private(set) var count = 0

  func analyze(
    _ signals: Activation<Double>, filters: Activation<Double>, _ geometry: ConvolutionGeometry
  ) -> Activation<Double> {
    count += 1
    return engine.analyze(signals, filters: filters, geometry)
  }

  func synthesize(
    _ codes: Activation<Double>, filters: Activation<Double>, _ geometry: ConvolutionGeometry
  ) -> Activation<Double> {
    count += 1
    return engine.synthesize(codes, filters: filters, geometry)
  }

  func filterGradient(
    signals: Activation<Double>, codes: Activation<Double>, _ geometry: ConvolutionGeometry
  ) -> Activation<Double> {
    count += 1
    return engine.filterGradient(signals: signals, codes: codes, geometry)
  }
}
