/// The squared spectral norm ‖D‖₂² = λ_max(DᵀD) of a dictionary.
public struct SquaredSpectralNorm<Scalar: NumericScalar>: Sendable {
  /// The best estimate, not above the true value but for rounding.
  public let estimate: Scalar

  /// A value that the truth does not exceed, so that 1/`upperBound` is a safe step.
  public let upperBound: Scalar

  /// The probability, over the random starts, that `upperBound` is too small; zero where the
  /// eigenvalue was computed directly.
  public let failureProbability: Double

  /// The number of products with DᵀD or DDᵀ; zero where the eigenvalue was computed directly.
  public let iterations: Int
}

extension SparseDictionary {
  /// The squared spectral norm ‖D‖₂².
  ///
  /// Small dictionaries (min(n, m) ≤ `directLimit`): the largest eigenvalue of the Gram matrix.
  /// Others: the Lanczos method from several random starts (`LanczosNorm`), with as many products as a
  /// failure probability of 10⁻¹² needs for the margin ε, whatever the spectrum.
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
      let gram = smallerGram()
      let largest = Swift.max(try gram.symmetricEigenvalues().last ?? 0, 0)
      // The computed eigenvalue is off by a modest multiple of n units in the last place.
      let slack = 1 + Scalar(4 * (signalDimension + atomCount)) * Scalar.ulpOfOne
      return SquaredSpectralNorm(
        estimate: largest, upperBound: largest * slack, failureProbability: 0, iterations: 0)
    }
    let target = 1e-12
    let products = LanczosNorm<Scalar>.products(order: order, margin: margin, target: target)
    let onSignals = signalDimension <= atomCount
    var stream = stream
    let largest = try LanczosNorm<Scalar>.largestRitzValue(
      order: order, products: products, from: &stream
    ) { onSignals ? synthesize(analyze($0)) : analyze(synthesize($0)) }
    return SquaredSpectralNorm(
      estimate: largest, upperBound: largest / Scalar(1 - margin), failureProbability: target,
      iterations: products)
  }

  /// DᵀD or DDᵀ, whichever is smaller.
  private func smallerGram() -> Matrix<Scalar> {
    // An operator's atoms take a code of m numbers each, all of them m².
    if !(self is DenseDictionary<Scalar>), atomCount > 8 * signalDimension {
      return analyze(Matrix<Scalar>.identity(signalDimension)).gramOfRows
    }
    let explicit = atoms(Array(0..<atomCount))
    return atomCount <= signalDimension
      ? explicit.gramOfRows : explicit.multiplied(by: explicit, transposingSelf: true)
  }
}
