/// B's classifiers: an unfolded pursuit, perhaps some plain layers, and a linear classifier.
///
/// The four models of B's Table 1 (feed-forward, Layered BP, ML-ISTA, ML-FISTA) are this class with
/// the same parameters; only `UnfoldedArchitecture.method` and `unfoldings` differ. Codes are
/// non-negative. Neither batch norm nor dropout.
///
/// Parameters by name: `filters.1` … (shape [M, C, height, width]), `thresholds.1` … (shape [M]; the
/// bias of a framework that adds one is their negative), `steps.1` … where they are learned (shape
/// [1]), then `classifier.weights` (shape [classes, features]) and `classifier.biases`.
public final class UnfoldedNetwork<Scalar: NumericScalar>: Network {
  private struct PlainLayer {
    let dictionary: LearnedConvolution<Scalar>
    let thresholds: Parameter<Scalar>
    let pooling: Int
  }

  /// The pursuit in front.
  public let pursuit: UnfoldedPursuit<Scalar>
  private let following: [PlainLayer]
  private let weights: Parameter<Scalar>
  private let biases: Parameter<Scalar>

  /// A network with random filters.
  ///
  /// The classifier begins uniform within ±1/√features; thresholds begin at 0, steps at 1.
  /// - Parameters:
  ///   - architecture: The shape.
  ///   - channels: Of the images.
  ///   - size: Of the images.
  ///   - classes: The number of scores.
  ///   - stream: Where the filters come from; networks of one seed begin alike whatever they unfold.
  /// - Throws: `ModelError` where a kernel or a pooling does not fit.
  public init(
    _ architecture: UnfoldedArchitecture, channels: Int, size: Extent, classes: Int,
    stream: RandomStream
  ) throws {
    var (stream, channels, size) = (stream, channels, size)
    var dictionaries = [LearnedConvolution<Scalar>]()
    var thresholds = [Parameter<Scalar>]()
    var poolings = [Int]()
    let layers = architecture.layers + architecture.following
    guard architecture.layers.allSatisfy({ $0.pooling == 1 }) else {
      throw ModelError.parameterOutOfRange(
        name: "pooling", value: "above 1", range: "1 inside the pursuit")
    }
    for (i, layer) in layers.enumerated() {
      let geometry = try ConvolutionGeometry(
        channels: channels, signalSize: size, kernelSize: .square(layer.kernel),
        stride: .square(layer.stride), padding: .square(layer.padding))
      let fan = Double(geometry.channels * geometry.kernelSize.area)
      let scale =
        architecture.initialDeviation.map { $0 * fan.squareRoot() } ?? architecture.initialScale
      dictionaries.append(
        LearnedConvolution(
          "filters.\(i + 1)", filterCount: layer.filters, geometry: geometry,
          scale: scale * (i < architecture.layers.count ? architecture.gain : 1), stream: &stream))
      thresholds.append(Parameter("thresholds.\(i + 1)", Tensor(shape: [layer.filters])))
      let code = geometry.codeSize
      guard (1...min(code.height, code.width)).contains(layer.pooling) else {
        throw ModelError.parameterOutOfRange(
          name: "pooling", value: "\(layer.pooling)",
          range: "1 to \(min(code.height, code.width)), the code's size in layer \(i + 1)")
      }
      poolings.append(layer.pooling)
      channels = layer.filters
      size = Extent(
        geometry.codeSize.height / layer.pooling,
        geometry.codeSize.width / layer.pooling)
    }
    let depth = architecture.layers.count
    let steps =
      architecture.learnsSteps
      ? (1...depth).map { Parameter<Scalar>("steps.\($0)", Tensor(shape: [1], repeating: 1)) } : []
    pursuit = UnfoldedPursuit(
      Array(dictionaries.prefix(depth)), thresholds: Array(thresholds.prefix(depth)),
      steps: steps, method: architecture.method, unfoldings: architecture.unfoldings)
    following = (depth..<layers.count).map {
      PlainLayer(dictionary: dictionaries[$0], thresholds: thresholds[$0], pooling: poolings[$0])
    }
    let features = channels * size.height * size.width
    weights = Parameter(
      "classifier.weights",
      .classifierStart(classes: classes, features: features, &stream))
    biases = Parameter("classifier.biases", Tensor(shape: [classes]))
  }

  public var parameters: [Parameter<Scalar>] {
    pursuit.parameters + following.flatMap { $0.dictionary.parameters + [$0.thresholds] }
      + [weights, biases]
  }

  public func scores(
    of images: Variable<Scalar>, on tape: Tape<Scalar>, _ pass: ForwardPass
  ) -> Variable<Scalar> {
    var features = deepest(images, tape, pass)
    for layer in following {
      features = tape.threshold(
        layer.dictionary.analyze(features, on: tape), by: tape.variable(layer.thresholds),
        .oneSided)
      if layer.pooling > 1 { features = tape.maxPool(features, window: .square(layer.pooling)) }
    }
    return tape.addBias(
      tape.dense(features, tape.variable(weights)), tape.variable(biases))
  }

  /// In a function of its own, so that the other codes are freed before the classifier runs.
  private func deepest(
    _ images: Variable<Scalar>, _ tape: Tape<Scalar>, _ pass: ForwardPass
  ) -> Variable<Scalar> {
    let codes = pursuit.codes(of: images, on: tape, pass)
    return codes[codes.count - 1]
  }
}
