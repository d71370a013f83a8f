/// A dictionary whose atoms are trained: `SparseDictionary`, on a tape.
///
/// Networks are pursuits on these; what kind of dictionary it is (convolutional, with the identity
/// beside it) makes the difference between the architectures of B and R.
public protocol LearnedDictionary<Scalar> {
  /// The type of all numbers.
  associatedtype Scalar: NumericScalar

  /// The atoms' numbers.
  var parameters: [Parameter<Scalar>] { get }

  /// Dᵀx: what networks call a convolution.
  ///
  /// - Parameters:
  ///   - x: Shape [N, C, H, W].
  ///   - tape: What records the operation.
  /// - Returns: Codes, shape [N, M, H', W'].
  func analyze(_ x: Variable<Scalar>, on tape: Tape<Scalar>) -> Variable<Scalar>

  /// Dγ: what networks call a transposed convolution.
  ///
  /// - Parameters:
  ///   - code: γ, shape [N, M, H', W'].
  ///   - tape: What records the operation.
  /// - Returns: Signals, shape [N, C, H, W].
  func synthesize(_ code: Variable<Scalar>, on tape: Tape<Scalar>) -> Variable<Scalar>

  /// Dγ − x.
  ///
  /// - Parameters:
  ///   - code: γ, shape [N, M, H', W'].
  ///   - target: x, shape [N, C, H, W].
  ///   - tape: What records the operation.
  /// - Returns: Shape [N, C, H, W].
  func residual(
    of code: Variable<Scalar>, against target: Variable<Scalar>, on tape: Tape<Scalar>
  ) -> Variable<Scalar>

  /// S(z − c Dᵀr; t), or S(c Dᵀr; t) where z is zero.
  ///
  /// - Parameters:
  ///   - z: Shape [N, M, H', W']; zero if absent.
  ///   - residual: r, shape [N, C, H, W].
  ///   - step: c, of shape [1]; 1 if absent.
  ///   - thresholds: t, M numbers.
  ///   - kind: One-sided or soft.
  ///   - tape: What records the operation.
  /// - Returns: Codes, shape [N, M, H', W'].
  func proximalStep(
    from z: Variable<Scalar>?, analyzing residual: Variable<Scalar>, step: Variable<Scalar>?,
    thresholds: Variable<Scalar>, _ kind: ThresholdKind, on tape: Tape<Scalar>
  ) -> Variable<Scalar>

  /// Thresholds for all channels of a code from those that are learned.
  ///
  /// - Parameters:
  ///   - learned: One number a filter.
  ///   - tape: What records the operation.
  /// - Returns: M numbers.
  func thresholds(_ learned: Variable<Scalar>, on tape: Tape<Scalar>) -> Variable<Scalar>

  /// ‖D‖², by the power method from a fixed start, so from below.
  ///
  /// Its gradient is that of ‖D†v‖² for the vector v that the method ends at (in the field: spectral
  /// normalisation).
  /// - Parameters:
  ///   - iterations: Of the power method; none is recorded but the last product.
  ///   - tape: What records the last product.
  /// - Returns: Shape [1].
  /// - Complexity: 2 `iterations` + 1 products with one signal.
  func squaredNorm(iterations: Int, on tape: Tape<Scalar>) -> Variable<Scalar>
}

extension LearnedDictionary {
  public func thresholds(
    _ learned: Variable<Scalar>, on tape: Tape<Scalar>
  ) -> Variable<Scalar> { learned }
}

/// A convolutional dictionary with trained filters.
public struct LearnedConvolution<Scalar: NumericScalar>: LearnedDictionary {
  /// Shape [M, C, kernel height, kernel width].
  public let filters: Parameter<Scalar>
  /// Where the atoms lie.
  public let geometry: ConvolutionGeometry

  /// A dictionary.
  public init(filters: Parameter<Scalar>, geometry: ConvolutionGeometry) {
    (self.filters, self.geometry) = (filters, geometry)
  }

  /// A dictionary of normal filters of variance (scale)²/fan-in, the fan-in being C times the
  /// kernel's area.
  public init(
    _ name: String, filterCount: Int, geometry: ConvolutionGeometry, scale: Double,
    stream: inout RandomStream
  ) {
    let kernel = geometry.kernelSize
    let shape = [filterCount, geometry.channels, kernel.height, kernel.width]
    let deviation = scale / Double(shape.dropFirst().reduce(1, *)).squareRoot()
    self.init(
      filters: Parameter(
        name,
        Tensor(
          shape: shape,
          elements: (0..<shape.reduce(1, *)).map { _ in Scalar(deviation * stream.normal()) })),
      geometry: geometry)
  }

  public var parameters: [Parameter<Scalar>] { [filters] }

  public func analyze(_ x: Variable<Scalar>, on tape: Tape<Scalar>) -> Variable<Scalar> {
    tape.analyze(x, tape.variable(filters), geometry)
  }

  public func synthesize(_ code: Variable<Scalar>, on tape: Tape<Scalar>) -> Variable<Scalar> {
    tape.synthesize(code, tape.variable(filters), geometry)
  }

  public func residual(
    of code: Variable<Scalar>, against target: Variable<Scalar>, on tape: Tape<Scalar>
  ) -> Variable<Scalar> {
    tape.residual(of: code, tape.variable(filters), geometry, against: target)
  }

  public func proximalStep(
    from z: Variable<Scalar>?, analyzing residual: Variable<Scalar>, step: Variable<Scalar>?,
    thresholds: Variable<Scalar>, _ kind: ThresholdKind, on tape: Tape<Scalar>
  ) -> Variable<Scalar> {
    tape.proximalStep(
      from: z, analyzing: residual, tape.variable(filters), geometry, step: step,
      thresholds: thresholds, kind)
  }

  public func squaredNorm(iterations: Int, on tape: Tape<Scalar>) -> Variable<Scalar> {
    squaredNorm(iterations: iterations, plus: 0, on: tape)
  }

  /// a + ‖D‖².
  func squaredNorm(iterations: Int, plus a: Scalar, on tape: Tape<Scalar>) -> Variable<Scalar> {
    var stream = RandomStream("power method", filters.name)
    let shape = geometry.signalShape(batch: 1)
    var v = Self.unit(
      Tensor(
        shape: shape,
        elements: (0..<shape.reduce(1, *)).map { _ in Scalar(stream.uniform() - 0.5) }))
    tape.withoutRecording {
      for _ in 0..<iterations {
        v = Self.unit(synthesize(analyze(tape.input(v), on: tape), on: tape).tensor)
      }
    }
    return tape.squaredNorm(analyze(tape.input(v), on: tape), plus: a)
  }

  /// x/‖x‖, or x itself where it is zero.
  private static func unit(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let count = x.count
    var result = x
    result.withMutableElements { x in
      let norm = Scalar.norm2(count, x)
      if norm > 0 { Scalar.scale(count, 1 / norm, x) }
    }
    return result
  }
}
