/// A sparse code by its support.
public struct SparseCode<Scalar: NumericScalar>: Sendable, Equatable {
  /// The chosen atoms, in the order in which they were chosen.
  public var support: [Int]
  /// Their coefficients.
  public var coefficients: [Scalar]
  /// ‖y − Dγ‖₂.
  public var residualNorm: Scalar
  /// Iterations made.
  public var iterations: Int
  /// Why no more atoms were chosen.
  public var stopped: StoppingReason

  /// A code from its parts.
  public init(
    support: [Int], coefficients: [Scalar], residualNorm: Scalar, iterations: Int,
    stopped: StoppingReason = .complete
  ) {
    self.support = support
    self.coefficients = coefficients
    self.residualNorm = residualNorm
    self.iterations = iterations
    self.stopped = stopped
  }
}

extension Sequence {
  /// Sparse codes as a batch of dense ones, shape [B, m].
  public func densified<Scalar>(_ atomCount: Int) -> Tensor<Scalar>
  where Element == SparseCode<Scalar> {
    let codes = Array(self)
    var batch = Tensor<Scalar>(zeros: codes.count, atomCount)
    for (b, code) in codes.enumerated() {
      for (j, value) in zip(code.support, code.coefficients) { batch[b, j] = value }
    }
    return batch
  }
}
