/// R's mixed-scale dense networks: MSDNet, and MSD-CSC with ISTA or FISTA.
///
/// A layered pursuit on dictionaries beside the identity,
///
///     γᵢ = S⁺(cᵢ concat(γᵢ₋₁, Fᵢ∗γᵢ₋₁); tᵢ)                               MSDNet
///     γᵢ ← S⁺(γᵢ − cᵢ Dᵢᵀ(Dᵢγᵢ − γᵢ₋₁); tᵢ),  Dᵢ = [I Fᵢᵀ]                 [R, Alg. 2]
///
/// where the second line is repeated `unfoldings` times in each layer before the next, with momentum
/// in FISTA [R, Alg. 3]; it is the layered basis pursuit of B (`UnfoldedPursuit`) on other
/// dictionaries. Every layer has w filters of 3×3 with dilations 1, 2, 3 in turn; behind one and two
/// thirds of the layers the image is halved by max-pooling; the mean of every channel and a linear
/// classifier follow. MSDNet is the network with no unfoldings (R, Proposition 1, exact for images
/// that are nowhere negative, erratum 19), and FISTA is ISTA with at most one.
///
/// Readings: `MixedScaleReading` has those that can be chosen. By default thresholds of the identity's
/// atoms are zero, as in the proof of Proposition 1, so a layer has w thresholds. c is one learned number a layer, also in MSDNet, so that all unfoldings
/// have the same parameters. It begins at 1/L, where R's eq. (1) has it, with L = ‖D‖² = 1 + ‖F‖²
/// (Lemma 3): beyond 2/L an iteration is no descent, and at 2/L, where c = 1 and ‖F‖ = 1 are, one
/// unfolding takes from a code what the strongest filters see in the image. Filters begin normal
/// with the variance that makes ‖F‖ about 1/2, so that L = 5/4 and c = 4/5 and a signal comes through
/// many layers. (With the usual variance 2/fan-in ‖F‖² is up to 36, and 1/L lets nothing through.)
///
/// Parameters by name: `filters.1` … (shape [w, C + (i − 1)w, 3, 3]), `thresholds.1` … (shape [1, w], or
/// [1, C + iw] for all atoms) or `norms.1.scale` and `.shift` … (shape [C + iw]), `steps.1` … (shape [1];
/// θ of a bounded step), `classifier.weights` (shape [classes, C + dw]), `classifier.biases`.
public final class MixedScaleNetwork<Scalar: NumericScalar>: Network {
  /// Layer by layer: ISTA or FISTA on [I Fᵀ].
  public let layers: [UnfoldedPursuit<Scalar>]
  /// The number of layers behind each of which the image is halved.
  public let pooledLayers: Set<Int>
  private let weights: Parameter<Scalar>
  private let biases: Parameter<Scalar>

  /// A network with random filters.
  ///
  /// - Parameters:
  ///   - depth: d, a multiple of 3.
  ///   - filterCount: w.
  ///   - dilations: s, taken in turn.
  ///   - method: `layeredISTA` or `layeredFISTA`.
  ///   - unfoldings: Iterations of each layer after the first; 0 is MSDNet.
  ///   - initialNorm: What ‖F‖ is about at the start.
  ///   - initialStep: c at the start; bounded steps begin with κ = 1.
  ///   - reading: What the text leaves open.
  ///   - channels: Of the images.
  ///   - size: Of the images.
  ///   - classes: The number of scores.
  ///   - stream: Where the filters come from; networks of one seed begin alike.
  /// - Throws: `ModelError.parameterOutOfRange` where depth, dilations or method are others.
  public init(
    depth: Int, filterCount: Int = 32, dilations: [Int] = [1, 2, 3],
    method: UnfoldedMethod = .layeredISTA, unfoldings: Int, initialNorm: Double = 0.5,
    initialStep: Double = 0.8, reading: MixedScaleReading = MixedScaleReading(), channels: Int = 3,
    size: Extent = .square(32), classes: Int, stream: RandomStream
  ) throws {
    guard depth >= 3, depth % 3 == 0 else {
      throw ModelError.parameterOutOfRange(
        name: "depth", value: "\(depth)", range: "a positive multiple of 3")
    }
    guard !dilations.isEmpty, method.isLayered else {
      throw ModelError.parameterOutOfRange(
        name: "dilations and method", value: "\(dilations), \(method.rawValue)",
        range: "at least one dilation and a layered method")
    }
    var (stream, channels, size) = (stream, channels, size)
    let pooledLayers: Set = [depth / 3, 2 * depth / 3]
    var layers = [UnfoldedPursuit<Scalar>]()
    for i in 1...depth {
      let dilation = dilations[(i - 1) % dilations.count]
      let geometry = try ConvolutionGeometry(
        channels: channels, signalSize: size, kernelSize: .square(3), dilation: .square(dilation),
        padding: .square(dilation))
      // ‖F‖ of k·k taps of deviation σ is about σ k (√C + √w).
      let scale =
        reading.filterScale
        ?? initialNorm / (1 + (Double(filterCount) / Double(channels)).squareRoot())
      let filters = LearnedConvolution<Scalar>(
        "filters.\(i)", filterCount: filterCount, geometry: geometry, scale: scale,
        stream: &stream)
      channels += filterCount
      let isBounded = reading.step == .bounded
      let thresholds = reading.thresholds == .ofFilters ? filterCount : channels
      let normalizations = Self.normalizations(reading, layer: i, channels, count: unfoldings + 1)
      layers.append(
        UnfoldedPursuit(
          [IdentityAugmentedConvolution(filters)],
          thresholds: normalizations.isEmpty
            ? [Parameter("thresholds.\(i)", Tensor(shape: [1, thresholds]))] : [],
          steps: [
            Parameter(
              "steps.\(i)", Tensor(shape: [1], repeating: isBounded ? 0 : Scalar(initialStep)))
          ], boundingSteps: isBounded, normalizations: normalizations, method: method,
          unfoldings: unfoldings))
      if pooledLayers.contains(i) { size = Extent(size.height / 2, size.width / 2) }
    }
    (self.layers, self.pooledLayers) = (layers, pooledLayers)
    weights = Parameter(
      "classifier.weights", .classifierStart(classes: classes, features: channels, &stream))
    biases = Parameter("classifier.biases", Tensor(shape: [classes]))
  }

  /// A layer's batch norms, one an iteration, or nothing.
  private static func normalizations(
    _ reading: MixedScaleReading, layer i: Int, _ channels: Int, count: Int
  ) -> [[LearnedNormalization<Scalar>]] {
    guard reading.normalization == .everyIteration else { return [] }
    let first = LearnedNormalization<Scalar>("norms.\(i)", channels: channels)
    return [
      [first]
        + (1..<count).map { LearnedNormalization("norms.\(i).iteration.\($0 + 1)", sharing: first) }
    ]
  }

  public var statistics: [String: BatchStatistics<Scalar>] {
    let norms = layers.flatMap { $0.normalizations.flatMap { $0 } }
    return Dictionary(uniqueKeysWithValues: norms.map { ($0.name, $0.statistics) })
  }

  public var parameters: [Parameter<Scalar>] {
    layers.flatMap(\.parameters) + [weights, biases]
  }

  public func scores(
    of images: Variable<Scalar>, on tape: Tape<Scalar>, _ pass: ForwardPass
  ) -> Variable<Scalar> {
    let means = tape.globalAveragePool(code(of: images, on: tape, pass))
    return tape.addBias(tape.dense(means, tape.variable(weights)), tape.variable(biases))
  }

  /// The deepest code.
  ///
  /// - Parameters:
  ///   - images: Shape [N, C, H, W].
  ///   - tape: What records the operations.
  ///   - pass: What the pass is for.
  /// - Returns: Shape [N, C + dw, H/4, W/4].
  public func code(
    of images: Variable<Scalar>, on tape: Tape<Scalar>, _ pass: ForwardPass = .inference
  ) -> Variable<Scalar> {
    var code = images
    for (i, layer) in layers.enumerated() {
      code = layer.codes(of: code, on: tape, pass)[0]
      if pooledLayers.contains(i + 1) { code = tape.maxPool(code, window: .square(2)) }
    }
    return code
  }
}
