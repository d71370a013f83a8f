/// A batch norm of a network: its running statistics, and where it has them its scale and shift.
///
/// Behind a convolution and before a ReLU the shift of a channel is the negative threshold of that
/// filter's codes, S⁺(a x̂ + b) = max(a x̂ − t, 0) with t = −b: a layer with batch norm needs no
/// threshold of its own.
public struct LearnedNormalization<Scalar: NumericScalar> {
  /// The name under which the statistics are saved; parameters are `name.scale` and `name.shift`.
  public let name: String
  /// Running means and variances.
  public let statistics: BatchStatistics<Scalar>
  private let learned: (scale: Parameter<Scalar>, shift: Parameter<Scalar>)?
  private let ownsLearned: Bool

  /// A norm that begins with scale 1 and shift 0.
  ///
  /// - Parameters:
  ///   - name: Unique in the network.
  ///   - channels: C.
  ///   - isLearned: Whether scale and shift are parameters; otherwise they stay 1 and 0.
  public init(_ name: String, channels: Int, isLearned: Bool = true) {
    self.name = name
    statistics = BatchStatistics(channels: channels)
    ownsLearned = true
    learned =
      isLearned
      ? (
        Parameter(name + ".scale", Tensor(shape: [channels], repeating: 1)),
        Parameter(name + ".shift", Tensor(shape: [channels]))
      ) : nil
  }

  /// A norm with statistics of its own that scales and shifts as another one does.
  ///
  /// - Parameters:
  ///   - name: Unique in the network.
  ///   - other: Whose scale and shift it uses; they are parameters of the other alone.
  public init(_ name: String, sharing other: LearnedNormalization) {
    self.name = name
    statistics = BatchStatistics(channels: other.statistics.mean.count)
    (learned, ownsLearned) = (other.learned, false)
  }

  /// Scale and shift, or nothing.
  public var parameters: [Parameter<Scalar>] {
    ownsLearned ? learned.map { [$0.scale, $0.shift] } ?? [] : []
  }

  /// Normalises every channel of a batch.
  ///
  /// - Parameters:
  ///   - x: Shape [N, C, H, W].
  ///   - tape: What records the operation.
  ///   - training: Whether the batch's own statistics are used.
  ///   - factor: The scale of all channels, of shape [1], where it is not learned.
  ///   - shortcut: Added to the result, the shape of x; nothing if absent.
  ///   - rectified: Whether a ReLU follows.
  /// - Returns: The shape of x.
  public func normalize(
    _ x: Variable<Scalar>, on tape: Tape<Scalar>, training: Bool,
    by factor: Variable<Scalar>? = nil, adding shortcut: Variable<Scalar>? = nil,
    rectified: Bool = false
  ) -> Variable<Scalar> {
    let channels = statistics.mean.count
    let scale =
      learned.map { tape.variable($0.scale) }
      ?? factor.map { tape.repeated($0, channels) }
      ?? tape.input(Tensor(shape: [channels], repeating: 1))
    let shift = learned.map { tape.variable($0.shift) } ?? tape.input(Tensor(shape: [channels]))
    return tape.batchNorm(
      x, scale: scale, shift: shift, statistics: statistics, training: training, adding: shortcut,
      rectified: rectified)
  }
}
