import MLCSCKit

/// Compares the gradients of a network in Float with those in Double, as closely as rounding allows.
///
/// A convolution of an engine errs by so much in the root mean square, relative to its largest
/// number; the tests of single convolutions check that. What such errors do to a gradient is found
/// in Double, where they are added to the result of every convolution, forward and backward. Errors
/// a million times smaller change the gradient in proportion. A million times that change, twice
/// over, is the limit: it knows how batch norms amplify and how sums cancel.
///
/// But a gradient is not continuous. A rectifier whose argument is so near to zero that the errors
/// change its sign opens or closes, and the gradients of all layers before it jump, by thousandths
/// of their size in a network of fourteen layers. That is no fault of an engine: it happens with
/// any rounding, in one batch of twenty. So errors of full size are tried as well, and a batch in
/// which they take the gradient beyond the limit decides nothing; the next one is drawn. Only the
/// network in Double has a say in this, never the engine that is tested.
enum EngineAgreement {
  /// Draws of the errors; the largest effect of eight on a single number is a typical one at least.
  private static let draws = 8
  /// Small enough to leave every rectifier as it is, large against the rounding of Double.
  private static let fraction = 1e-6

  /// The largest difference of the loss or a parameter's gradient, in units of its limit.
  ///
  /// - Parameters:
  ///   - engine: What is tested.
  ///   - error: Of a convolution, root mean square, relative to its largest number.
  ///   - network: In Float.
  ///   - exact: The same network in Double; it gets the first one's parameters.
  ///   - shape: Of a batch of images.
  ///   - labels: Of the batch.
  /// - Returns: The difference and what has it; nothing where none of fifty batches decides.
  static func difference(
    of engine: any ConvolutionEngine<Float>, error: Double = Double(OneDNNTests.typicalError),
    in network: any Network<Float>, from exact: any Network<Double>, images shape: [Int],
    labels: [Int]
  ) -> (ratio: Double, name: String)? {
    for (a, b) in zip(exact.parameters, network.parameters) {
      a.value = b.value.converted(to: Double.self)
    }
    for batch in 0..<50 {
      let images = GradientCheck.normal(shape, "images \(batch)").converted(to: Float.self)
      let expected = gradients(of: exact, images, labels, ReferenceConvolution())
      guard let limits = limits(of: exact, images, labels, expected, error) else { continue }
      let found = gradients(of: network, images, labels, engine)
      let ratios = zip(distances(found, expected), limits).map { $0 / $1 }
      let names = ["loss"] + network.parameters.map(\.name)
      return zip(ratios, names).max { $0.0 < $1.0 }.map { (ratio: $0.0, name: $0.1) }
    }
    return nil
  }

  /// What errors of this size may change; nothing where a rectifier is within their reach.
  private static func limits(
    of network: any Network<Double>, _ images: Tensor<Float>, _ labels: [Int],
    _ expected: [[Double]], _ error: Double
  ) -> [Double]? {
    func change(_ size: Double, _ draw: Int) -> [Double] {
      let engine = ErringConvolution(error: size, stream: RandomStream("errors", "\(draw)"))
      return distances(gradients(of: network, images, labels, engine), expected)
    }
    // What follows the convolutions rounds too: a softmax and sums over batch and positions.
    var limits = expected.map { 16 * Double(Float.ulpOfOne) / 2 * ($0.map(abs).max() ?? 0) }
    let own = limits
    for draw in 0..<draws {
      for (i, distance) in change(fraction * error, draw).enumerated() {
        limits[i] = max(limits[i], own[i] + 2 * distance / fraction)
      }
    }
    for draw in 0..<draws {
      guard zip(change(error, draw), limits).allSatisfy({ $0 <= $1 }) else { return nil }
    }
    return limits
  }

  /// The loss, and its gradient with respect to every parameter.
  private static func gradients<Scalar: NumericScalar>(
    of network: some Network<Scalar>, _ images: Tensor<Float>, _ labels: [Int],
    _ engine: any ConvolutionEngine<Scalar>
  ) -> [[Double]] {
    let tape = Tape<Scalar>(engine: engine)
    let scores = network.scores(
      of: tape.input(images.converted(to: Scalar.self)), on: tape, ForwardPass(isTraining: true))
    let loss = tape.crossEntropy(scores, labels: labels)
    let gradients = tape.backward(from: loss)
    return ([loss.tensor] + network.parameters.map { gradients[$0]?.tensor ?? Tensor(shape: [0]) })
      .map { $0.elements.map { Double($0) } }
  }

  /// The largest difference of the numbers of each tensor; infinite where one is not a number.
  private static func distances(_ x: [[Double]], _ y: [[Double]]) -> [Double] {
    zip(x, y).map { x, y in
      let all = zip(x, y).map { abs($0 - $1) }
      return x.count == y.count && all.allSatisfy(\.isFinite) ? all.max() ?? 0 : .infinity
    }
  }
}

/// The library's own convolutions with a random error added to every number.
private final class ErringConvolution: ConvolutionEngine {
  private let exact = ReferenceConvolution<Double>()
  private let tape = Tape<Double>()
  private let error: Double
  private var stream: RandomStream

  /// - Parameters:
  ///   - error: Root mean square, relative to the largest number of a result.
  ///   - stream: Where the errors come from.
  init(error: Double, stream: RandomStream) { (self.error, self.stream) = (error, stream) }

  func analyze(
    _ signals: Activation<Double>, filters: Activation<Double>, _ geometry: ConvolutionGeometry
  ) -> Activation<Double> {
    erring(exact.analyze(signals, filters: filters, geometry))
  }

  func synthesize(
    _ codes: Activation<Double>, filters: Activation<Double>, _ geometry: ConvolutionGeometry
  ) -> Activation<Double> {
    erring(exact.synthesize(codes, filters: filters, geometry))
  }

  func filterGradient(
    signals: Activation<Double>, codes: Activation<Double>, _ geometry: ConvolutionGeometry
  ) -> Activation<Double> {
    erring(exact.filterGradient(signals: signals, codes: codes, geometry))
  }

  private func erring(_ result: Activation<Double>) -> Activation<Double> {
    var numbers = result.tensor
    let largest = numbers.elements.map(abs).max() ?? 0
    numbers.withMutableElements { p in
      // Uniform between −1 and 1 is 1/√3 in the root mean square.
      let size = 3.0.squareRoot() * error * largest
      for i in 0..<result.count { p[i] += size * (2 * stream.uniform() - 1) }
    }
    return tape.input(numbers).value
  }
}
