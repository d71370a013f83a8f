/// The exact projection on a union of few subspaces, and the noise that hurts it most.
///
///     min ‖y − Dγ‖₂,  supp γ within one of the given supports
///
/// P's Theorem 1 speaks of the member of the model nearest to y. On dictionaries of a few atoms that
/// is found by least squares on every support the model admits, so the theorem's letter can be tested,
/// not only what its proof uses of it (a member no further from y than x is).
/// - Complexity: O(Σ|S| n) a projection.
public struct SubspaceUnionProjection: Sendable {
  private let dictionary: DenseDictionary<Double>
  private let supports: [[Int]]
  /// (D_SᵀD_S)⁻¹D_Sᵀ for every support.
  private let inverses: [Matrix<Double>]

  /// The projection on the signals with a support among the given ones or a part of one.
  ///
  /// - Parameters:
  ///   - dictionary: D.
  ///   - supports: Atoms that do not depend on each other, for each support.
  /// - Throws: `LinearAlgebraError` where the atoms of a support depend on each other.
  public init(_ dictionary: DenseDictionary<Double>, supports: [[Int]]) throws {
    self.dictionary = dictionary
    self.supports = supports
    inverses = try supports.map { support in
      let atoms = dictionary.atoms(support)
      return try atoms.gramOfRows.solve(atoms)
    }
  }

  /// The code of the member nearest to a signal.
  ///
  /// - Parameter signal: y, n numbers.
  /// - Returns: γ, one number an atom.
  public func code(of signal: [Double]) -> [Double] {
    let n = signal.count
    var best = (energy: -1.0, code: [Double]())
    for (support, inverse) in zip(supports, inverses) {
      var code = [Double](repeating: 0, count: dictionary.atomCount)
      var energy = 0.0  // ‖D_Sγ_S‖² = γ_Sᵀ D_Sᵀ y
      for (row, j) in support.enumerated() {
        var (value, product) = (0.0, 0.0)
        for i in 0..<n {
          value += inverse[row, i] * signal[i]
          product += dictionary.atomRows[j, i] * signal[i]
        }
        code[j] = value
        energy += value * product
      }
      if energy > best.energy { best = (energy, code) }
    }
    return best.code
  }

  /// The largest error over noise energy found by climbing from random codes and noises.
  ///
  /// A lower bound of the supremum of ‖γ̂ − γ‖²/‖v‖²: single random steps, kept when they raise the
  /// quotient, of a size that shrinks when they do not.
  /// - Parameters:
  ///   - starts: How many random codes and noises are started from.
  ///   - steps: How many steps are tried from each.
  ///   - stream: Where random numbers come from.
  /// - Returns: The largest quotient found.
  /// - Complexity: `starts` · `steps` projections.
  public func worstError(starts: Int, steps: Int, from stream: inout RandomStream) -> Double {
    let n = dictionary.signalDimension
    func quotient(_ code: [Double], _ noise: [Double]) -> Double {
      let clean = dictionary.synthesize(Matrix(shape: [1, code.count], elements: code)).elements
      let found = self.code(of: zip(clean, noise).map { $0 + $1 })
      return Double.squaredDistance(code.count, found, code) / Double.squaredNorm(n, noise)
    }
    var largest = 0.0
    for _ in 0..<starts {
      let support = supports[stream.index(below: supports.count)]
      var code = [Double](repeating: 0, count: dictionary.atomCount)
      for j in support { code[j] = stream.normal() }
      var noise = (0..<n).map { _ in 0.5 * stream.normal() }
      var current = quotient(code, noise)
      var size = 0.3
      for _ in 0..<steps {
        var (nextCode, nextNoise) = (code, noise)
        for j in support { nextCode[j] += size * stream.normal() }
        for i in 0..<n { nextNoise[i] += size * stream.normal() }
        let next = quotient(nextCode, nextNoise)
        if next > current {
          (code, noise, current) = (nextCode, nextNoise, next)
        } else {
          size = max(0.97 * size, 1e-3)
        }
      }
      largest = max(largest, current)
    }
    return largest
  }

  /// All largest supports on a circle with a limit on neighbours, ascending by their bits.
  ///
  /// - Parameters:
  ///   - count: The positions, few: all 2^count sets are tried.
  ///   - limit: How many of any `window` neighbouring positions may be taken.
  ///   - window: The length of a neighbourhood.
  /// - Returns: The supports of which no other one is a superset.
  public static func largestSupports(onCircleOf count: Int, atMost limit: Int, ofAny window: Int)
    -> [[Int]]
  {
    let all = (1..<(1 << count)).filter { mask in
      (0..<count).allSatisfy { i in
        (0..<window).reduce(0) { $0 + mask >> ((i + $1) % count) & 1 } <= limit
      }
    }
    let largest = all.filter { mask in !all.contains { $0 != mask && $0 & mask == mask } }
    return largest.map { mask in (0..<count).filter { mask >> $0 & 1 == 1 } }
  }
}
