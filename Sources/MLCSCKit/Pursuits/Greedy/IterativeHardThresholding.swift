import Algorithms

/// Normalised iterative hard thresholding.
///
///     γ ← H_k(γ + μ Dᵀ(y − Dγ)),  μ = ‖g_S‖²/‖D g_S‖²
///
/// where H_k keeps the k entries of the largest magnitude, g = Dᵀ(y − Dγ) and S is the support. Where the
/// support changes, μ is halved until μ‖D(γ' − γ)‖² ≤ 0.99 ‖γ' − γ‖², so that ‖y − Dγ‖ never rises.
/// Source: Blumensath, Davies, IEEE J. Sel. Top. Signal Process. 4, 2010. Magnitudes are compared as
/// they are, so atoms should have like norms.
/// - Complexity: two products with the dictionary and one more for every halving, an iteration.
public struct IterativeHardThresholding<Scalar: NumericScalar>: GreedyPursuit {
  /// The dictionary.
  public let dictionary: any SparseDictionary<Scalar>
  /// k, the number of atoms.
  public let sparsity: Int
  /// The largest number of iterations.
  public let limit: Int
  /// The relative change ‖γ' − γ‖/‖γ‖ at which it stops.
  public let tolerance: Scalar
  static var name: String { "iterative hard thresholding" }

  /// A pursuit.
  ///
  /// - Throws: `PursuitError.sparsity` where there are not so many atoms.
  public init(
    _ dictionary: any SparseDictionary<Scalar>, sparsity: Int, limit: Int = 1_000,
    tolerance: Scalar = 1e-8
  ) throws {
    try Self.check(sparsity: sparsity, of: dictionary)
    self.dictionary = dictionary
    self.sparsity = sparsity
    self.limit = limit
    self.tolerance = tolerance
  }

  /// The codes of a batch of signals, each with its support ascending.
  ///
  /// - Parameter signals: Shape [B, n].
  /// - Returns: One code a signal.
  /// - Throws: `ModelError.signalDimension`, `PursuitError.notFinite`.
  public func codes(_ signals: Tensor<Scalar>) throws -> [SparseCode<Scalar>] {
    func run(_ dictionary: some SparseDictionary<Scalar>) throws -> [SparseCode<Scalar>] {
      try codes(of: signals, blockSize: 1) { y, _, result in
        result.pointee = solve(dictionary, y)
      }
    }
    return try run(dictionary)
  }

  private func solve(
    _ dictionary: some SparseDictionary<Scalar>, _ y: UnsafePointer<Scalar>
  ) -> SparseCode<Scalar> {
    let (n, m) = (dictionary.signalDimension, dictionary.atomCount)
    return Scratch.withMemory(2 * n + 3 * m, of: Scalar.self) { residual in
      let image = residual + n
      let (γ, g, change) = (image + n, image + n + m, image + n + 2 * m)
      residual.update(from: y, count: n)
      γ.update(repeating: 0, count: m)
      var (support, iterations) = ([Int](), 0)
      while iterations < limit {
        dictionary.analyze(residual, batch: 1, into: g)
        if iterations == 0 { support = MagnitudeKernels.largest(sparsity, of: g, m) }
        change.update(repeating: 0, count: m)
        for j in support { change[j] = g[j] }
        dictionary.synthesize(change, batch: 1, into: image)
        let slope = Scalar.squaredNorm(n, image)
        guard slope > 0 else { break }
        var step = Scalar.squaredNorm(m, change) / slope
        var (next, moved) = (support, Scalar(0))
        while true {
          for j in 0..<m { change[j] = γ[j] + step * g[j] }
          next = MagnitudeKernels.largest(sparsity, of: change, m)
          let kept = next.map { change[$0] }
          for j in 0..<m { change[j] = -γ[j] }
          for (j, value) in zip(next, kept) { change[j] += value }
          dictionary.synthesize(change, batch: 1, into: image)
          moved = Scalar.squaredNorm(m, change)
          if next == support || step * Scalar.squaredNorm(n, image) <= 0.99 * moved { break }
          step /= 2
        }
        for j in 0..<m { γ[j] += change[j] }
        Scalar.subtract(n, residual, image, into: residual)
        (support, iterations) = (next, iterations + 1)
        if moved <= tolerance * tolerance * Scalar.squaredNorm(m, γ) { break }
      }
      let chosen = support.filter { γ[$0] != 0 }
      return SparseCode(
        support: chosen, coefficients: chosen.map { γ[$0] },
        residualNorm: Scalar.norm2(n, residual), iterations: iterations)
    }
  }
}

/// Selection by magnitude, compiled for `Float` and `Double` themselves.
private enum MagnitudeKernels {
  /// The places of the k entries of the largest magnitude, ascending; of equal ones the first.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func largest<Scalar: NumericScalar>(
    _ k: Int, of values: UnsafePointer<Scalar>, _ count: Int
  ) -> [Int] {
    let magnitudes = (0..<count).map { abs(values[$0]) }
    return (0..<count).min(count: min(k, count)) {
      magnitudes[$0] != magnitudes[$1] ? magnitudes[$0] > magnitudes[$1] : $0 < $1
    }.sorted()
  }
}
