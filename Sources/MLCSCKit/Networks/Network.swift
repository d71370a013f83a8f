/// A classifier whose parameters are trained.
///
/// A network owns its parameters and describes its forward pass on a tape; training, checkpoints and
/// tests know nothing more of it. Two networks with the same parameters, by name and shape, exchange
/// weights, whatever pursuit they unfold.
public protocol Network<Scalar>: AnyObject {
  /// The type of all numbers.
  associatedtype Scalar: NumericScalar

  /// Everything that is trained, in a fixed order; names are unique.
  var parameters: [Parameter<Scalar>] { get }

  /// Running statistics of batch norms by name, which are saved with the parameters; none in
  /// networks without batch norm.
  var statistics: [String: BatchStatistics<Scalar>] { get }

  /// The name under which other programs know a tensor of the saved weights; its own where there is
  /// none.
  ///
  /// - Parameter name: A parameter, or `NAME.mean` or `NAME.variance` of a batch norm.
  /// - Returns: The name in the file.
  func publishedName(of name: String) -> String

  /// The scores of a batch before the softmax.
  ///
  /// - Parameters:
  ///   - images: Shape [N, C, H, W].
  ///   - tape: What records the operations.
  ///   - pass: What the pass is for.
  /// - Returns: Shape [N, classes].
  func scores(
    of images: Variable<Scalar>, on tape: Tape<Scalar>, _ pass: ForwardPass
  ) -> Variable<Scalar>
}

extension Network {
  public var statistics: [String: BatchStatistics<Scalar>] { [:] }

  public func publishedName(of name: String) -> String { name }

  /// The number of trained numbers.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.value.count } }

  /// The number of trained numbers in filters: parameters with four axes.
  public var convolutionWeightCount: Int {
    parameters.reduce(0) { $0 + ($1.value.shape.count == 4 ? $1.value.count : 0) }
  }
}

/// What a forward pass is for.
public struct ForwardPass: Sendable, Equatable {
  /// Whether batch norms use the batch's own statistics.
  public var isTraining: Bool
  /// ρ: the share of D_(i,L) γ_L in the codes of the outer layers (B, Supplement B); 1 enforces the
  /// multi-layer model exactly.
  public var consistency: Double

  /// A pass.
  public init(isTraining: Bool, consistency: Double = 1) {
    (self.isTraining, self.consistency) = (isTraining, consistency)
  }

  /// A pass that tests.
  public static let inference = ForwardPass(isTraining: false)
}
