// Claim: what R's text leaves open can be changed one thing at a time, with right gradients.
import MLCSCKit
import Testing

struct MixedScaleReadingTests {
  private func network(
    _ reading: MixedScaleReading, _ unfoldings: Int, _ method: UnfoldedMethod = .layeredISTA
  ) throws -> MixedScaleNetwork<Double> {
    let network = try MixedScaleNetwork<Double>(
      depth: 3, filterCount: 2, method: method, unfoldings: unfoldings, initialNorm: 1,
      reading: reading, channels: 2, size: .square(8), classes: 3, stream: RandomStream("reading"))
    // Away from the start, where thresholds and shifts are zero.
    for parameter in network.parameters {
      let draw = GradientCheck.normal(parameter.value.shape, parameter.name)
      if parameter.name.hasPrefix("thresholds") || parameter.name.hasSuffix("shift") {
        parameter.value = Tensor(shape: draw.shape, elements: draw.elements.map { 0.1 * $0 })
      } else if parameter.name.hasPrefix("steps"), reading.step == .free {
        parameter.value = Tensor(shape: [1], elements: draw.elements.map { 0.8 + 0.1 * $0 })
      }
    }
    return network
  }

  private let images = GradientCheck.normal([3, 2, 8, 8], "signed")

  @Test("gradients of a squared norm and of a bounded step")
  func operations() {
    let x = GradientCheck.normal([2, 3, 4, 4], "x")
    #expect(GradientCheck.relativeError([x]) { $0.squaredNorm($1[0], plus: 1) } < 1e-8)
    for θ in [-3.0, 0, 0.7, 4] {
      let inputs = [
        Tensor<Double>(shape: [1], elements: [θ]), Tensor<Double>(shape: [1], elements: [2.5]),
      ]
      #expect(
        GradientCheck.relativeError(inputs) { $0.boundedStep($1[0], squaredNorm: $1[1]) } < 1e-8)
    }
  }

  /// Before a batch norm a first step alone changes nothing: its gradient is zero but for ε, and there
  /// is nothing to compare.
  private static let differentiated: [(MixedScaleReading, Int)] =
    [0, 1, 2].flatMap { unfoldings in
      [
        (MixedScaleReading(thresholds: .ofAllAtoms), unfoldings),
        (MixedScaleReading(filterScale: 0.7), unfoldings),
      ]
    } + [1, 2].map { (MixedScaleReading(normalization: .everyIteration), $0) }

  @Test("gradients of whole networks", arguments: differentiated)
  func gradients(_ reading: MixedScaleReading, _ unfoldings: Int) throws {
    for method in [UnfoldedMethod.layeredISTA, .layeredFISTA] {
      let worst = GradientCheck.relativeError(
        of: try network(reading, unfoldings, method), images: images, labels: [2, 0, 1], step: 1e-7)
      #expect(worst.error < 1e-6, "\(method.rawValue): \(worst.parameter)")
    }
  }

  @Test("the power method rises to ‖D‖²", arguments: [0.1, 3])
  func norm(_ scale: Double) throws {
    let network = try network(MixedScaleReading(step: .bounded, filterScale: scale), 1)
    for (i, layer) in network.layers.enumerated() {
      let dictionary = IdentityAugmentedDictionary(
        try ConvolutionalDictionary(
          filters: layer.parameters[0].value,
          geometry: ConvolutionGeometry(
            channels: 2 + 2 * i, signalSize: .square(8 >> i), kernelSize: .square(3),
            dilation: .square(i + 1), padding: .square(i + 1))))
      let norm = try dictionary.squaredSpectralNorm()
      let tape = Tape<Double>()
      let found = tape.withoutRecording {
        [0, 1, 3, 10, 30, 3_000].map {
          layer.dictionaries[0].squaredNorm(iterations: $0, on: tape).tensor.elements[0]
        }
      }
      for (a, b) in zip(found, found.dropFirst()) { #expect(a <= b * (1 + 1e-14)) }
      #expect(found.allSatisfy { $0 <= norm.upperBound * (1 + 1e-12) })
      #expect(abs(found[5] / norm.estimate - 1) < 1e-6, "layer \(i + 1): \(found), \(norm)")
    }
  }

  @Test("a bounded step is κ over that norm, between 0 and 2 for every θ, and begins with κ = 1")
  func bounded() throws {
    let network = try network(MixedScaleReading(step: .bounded), 1)
    let layer = network.layers[1]
    #expect(layer.steps[0].value.elements == [0])
    for (θ, κ) in [(-30.0, 0.0), (-1, 2 / (1 + 2.718281828459045)), (0, 1), (30, 2)] {
      layer.steps[0].value = Tensor(shape: [1], repeating: θ)
      let tape = Tape<Double>()
      let (c, s) = tape.withoutRecording {
        (
          layer.stepValues(on: tape)[0],
          layer.dictionaries[0].squaredNorm(iterations: 10, on: tape).tensor.elements[0]
        )
      }
      #expect(abs(c * s - κ) < 1e-12 && c > 0 && c * s < 2)
    }
  }

  @Test("batch norms share scale and shift; each iteration has its own statistics")
  func statistics() throws {
    let reading = MixedScaleReading(normalization: .everyIteration)
    let (none, two) = (try network(reading, 0), try network(reading, 2))
    #expect(none.parameters.map(\.name) == two.parameters.map(\.name))
    #expect(!two.parameters.contains { $0.name.hasPrefix("thresholds") })
    #expect(none.statistics.count == 3 && two.statistics.count == 9)
    let tape = Tape<Double>()
    let training = ForwardPass(isTraining: true)
    func scores(_ pass: ForwardPass) -> [Double] {
      tape.withoutRecording {
        two.scores(of: tape.input(images), on: tape, pass).tensor.elements
      }
    }
    for _ in 0..<400 { _ = scores(training) }
    let means = (1...3).map { i in
      two.statistics[i == 1 ? "norms.2" : "norms.2.iteration.\(i)"]?.mean.elements ?? []
    }
    #expect(means[0] != means[1] && means[1] != means[2])
    // Running statistics of one batch, repeated, are its own, but for n − 1 in place of n.
    for (a, b) in zip(scores(training), scores(.inference)) {
      #expect(abs(a - b) < 0.05 * (1 + abs(a)), "\(a), \(b)")
    }
  }

  @Test("thresholds of all atoms act on the identity's too")
  func allAtoms() throws {
    let network = try network(MixedScaleReading(thresholds: .ofAllAtoms), 0)
    let layer = network.layers[0]
    #expect(layer.thresholds[0].value.shape == [1, 4])
    layer.thresholds[0].value = Tensor(shape: [1, 4], elements: [0.25, 0, 0, 0])
    layer.steps[0].value = Tensor(shape: [1], repeating: 1)
    let tape = Tape<Double>()
    let code = tape.withoutRecording { layer.codes(of: tape.input(images), on: tape)[0].tensor }
    for q in 0..<64 {
      #expect(code[0, q] == max(images[0, q] - 0.25, 0))
      #expect(code[0, 64 + q] == max(images[0, 64 + q], 0))
    }
  }

  @Test("decay of the weights alone leaves numbers of which a filter has one")
  func decay() {
    for alone in [false, true] {
      let parameters = [[4, 2, 3, 3], [3, 8], [1, 4], [4], [1]].enumerated().map { i, shape in
        Parameter("p\(i)", Tensor<Double>(shape: shape, repeating: 1))
      }
      let optimizer = GradientDescent<Double>(weightDecay: 0.5, decayingWeightsAlone: alone)
      let tape = Tape<Double>()
      // A loss that does not depend on their values has gradients of zero.
      let loss = parameters.map {
        tape.scale(tape.variable($0), by: tape.input(Tensor(shape: [1])))
      }
      .map { tape.squaredNorm($0) }
      let sum = loss.dropFirst().reduce(loss[0]) { tape.add($0, $1) }
      optimizer.step(parameters, tape.backward(from: sum), rate: 1)
      let expected = alone ? [0.5, 0.5, 1, 1, 1] : [0.5, 0.5, 0.5, 0.5, 0.5]
      #expect(parameters.map { $0.value.elements[0] } == expected)
    }
  }
}
