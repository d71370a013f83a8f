/// The momentum of FISTA as a sequence of factors β_k = (t_k − 1)/t_{k+1}.
///
///     t₁ = 1,  t_{k+1} = (1 + √(1 + 4 t_k²))/2
///
/// B's Algorithm 3 prints t_k/(t_{k+1} − 1), with which the iteration diverges (erratum 2; a test
/// shows it).
public struct Momentum: Sequence, IteratorProtocol, Sendable {
  private var t = 1.0

  /// Starts at t₁ = 1.
  public init() {}

  /// The next factor, from β₁ = 0.
  public mutating func next() -> Double? {
    let following = (1 + (1 + 4 * t * t).squareRoot()) / 2
    let factor = (t - 1) / following
    t = following
    return factor
  }
}
