/// The squared spectral norm ‖D‖₂² = λ_max(DᵀD) of a dictionary.
public struct SquaredSpectralNorm<Scalar: NumericScalar>: Sendable {
  /// The best estimate, not above the true value but for rounding.
  public let estimate: Scalar

  /// A value that the truth does not exceed, so that 1/`upperBound` is a safe step.
  public let upperBound: Scalar

  /// The probability, over the random starts, that `upperBound` is too small; zero where the
  /// eigenvalue was computed directly.
  public let failureProbability: Double

  /// The number of power iterations; zero where the eigenvalue was computed directly.
  public let iterations: Int
}

extension SparseDictionary {
  /// The squared spectral norm ‖D‖₂².
  ///
  /// Small dictionaries (min(n, m) ≤ `directLimit`): the largest eigenvalue of the Gram matrix.
  /// Others: power iteration from 16 random starts at once. For one start uniform on the sphere,
  /// the Rayleigh quotient ξ after k products with a symmetric non-negative matrix of order n fails
  /// λ_max ≤ ξ/(1 − ε) with probability at most 0.824 √n (1 − ε)^{k−½}, whatever the spectrum
  /// (Kuczyński, Woźniakowski, SIAM J. Matrix Anal. Appl. 13, 1992); independent starts multiply.
  /// The number of iterations follows from the margin ε and a failure probability of 10⁻¹².
  ///
  /// - Parameters:
  ///   - margin: ε, the relative distance between estimate and upper bound.
  ///   - directLimit: The largest Gram matrix to decompose.
  ///   - stream: Where the random starts come from.
  /// - Returns: The estimate with its certified upper bound.
  /// - Throws: `LinearAlgebraError` when an entry is not finite.
  public func squaredSpectralNorm(
    margin: Double = 0.02, directLimit: Int = 512,
    stream: RandomStream = RandomStream("squared spectral norm")
  ) throws -> SquaredSpectralNorm<Scalar> {
    let order = Swift.min(signalDimension, atomCount)
    if order <= directLimit {
      let explicit = atoms(Array(0..<atomCount))
      let gram =
        atomCount <= signalDimension
        ? explicit.gramOfRows : explicit.multiplied(by: explicit, transposingSelf: true)
      let largest = Swift.max(try gram.symmetricEigenvalues().last ?? 0, 0)
      // The computed eigenvalue is off by a modest multiple of n units in the last place.
      let slack = 1 + Scalar(4 * (signalDimension + atomCount)) * Scalar.ulpOfOne
      return SquaredSpectralNorm(
        estimate: largest, upperBound: largest * slack, failureProbability: 0, iterations: 0)
    }
    return try powerIteration(margin: margin, order: order, stream: stream)
  }

  private func powerIteration(
    margin: Double, order: Int, stream: RandomStream
  ) throws -> SquaredSpectralNorm<Scalar> {
    let starts = 16
    let target = 1e-12
    let perStart = Double.pow(target, 1 / Double(starts))
    let needed = Double.log(0.824 * Double(order).squareRoot() / perStart) / -Double.log(1 - margin)
    let iterations = Swift.max(2, Int(needed + 1.5))
    var stream = stream
    let onSignals = signalDimension <= atomCount
    var vectors = Tensor<Scalar>.normal(starts, order, from: &stream)
    var largest: Scalar = 0
    for _ in 0..<iterations {
      vectors.withMutableElements { p in
        for i in 0..<starts {
          let norm = Scalar.norm2(order, p + i * order)
          if norm > 0 { Scalar.scale(order, 1 / norm, p + i * order) }
        }
      }
      let between = onSignals ? analyze(vectors) : synthesize(vectors)
      let length = between.columns
      // ⟨v, Av⟩ = ‖Bv‖² for A = BᵀB and unit v.
      largest = between.withElements { p in
        (0..<starts).reduce(Scalar(0)) {
          Swift.max($0, Scalar.squaredNorm(length, p + $1 * length))
        }
      }
      guard largest.isFinite else {
        throw LinearAlgebraError.noConvergence(routine: "power iteration", info: 0)
      }
      vectors = onSignals ? synthesize(between) : analyze(between)
    }
    return SquaredSpectralNorm(
      estimate: largest, upperBound: largest / Scalar(1 - margin), failureProbability: target,
      iterations: iterations)
  }
}
