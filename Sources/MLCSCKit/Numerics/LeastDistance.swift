/// The smallest vector that meets linear inequalities.
///
///     min ‖v‖₂  subject to  aᵢᵀv ≥ bᵢ
///
/// Lawson and Hanson, "Solving least squares problems" (1974), chapter 23: with E the columns
/// (aᵢ, bᵢ) and f the last unit vector, u = argmin ‖E u − f‖ over u ≥ 0 gives
/// v = Σ uᵢ aᵢ / (1 − Σ uᵢ bᵢ); the inequalities contradict each other where the residual is zero.
public struct LeastDistance: Sendable {
  /// v.
  public let vector: [Double]
  /// The inequalities that hold v back (uᵢ > 0), met with equality.
  public let active: [Int]

  /// Solves the problem; nil where there is no solution of at most the norm `limit`.
  ///
  /// - Parameters:
  ///   - rows: The aᵢ, one a row, of about unit norm; shape [M, n].
  ///   - bounds: The bᵢ, in units in which a norm of one is a natural size.
  ///   - limit: The norm beyond which the answer is of no interest.
  /// - Complexity: O(M n + a² n) a step for a active inequalities; about as many steps as there are
  ///   active inequalities in the end.
  public init?(rows: Matrix<Double>, bounds: [Double], limit: Double) {
    let (count, n) = (bounds.count, rows.columns)
    var weights = [Double](repeating: 0, count: count)
    var passive = [Int]()
    var sum = [Double](repeating: 0, count: n)  // Σ uᵢ aᵢ
    var rest = 1.0  // 1 − Σ uᵢ bᵢ
    var gradient = [Double](repeating: 0, count: count)
    for _ in 0..<3 * (count + n) {
      // ‖E u − f‖² falls from 1 to 1/(1 + ‖v‖²): below 1/(1 + limit²) nothing of interest is left.
      let residual = Double.squaredNorm(n, sum) + rest * rest
      guard residual * (1 + limit * limit) > 1 else { return nil }
      rows.withElements { Double.gemv(false, count, n, -1, $0, n, sum, 0, &gradient) }
      for i in 0..<count { gradient[i] += bounds[i] * rest }
      var rejected = Set<Int>(passive)
      var moved = false
      while !moved {
        guard
          let next = gradient.indices.filter({ !rejected.contains($0) })
            .max(by: { gradient[$0] < gradient[$1] }), gradient[next] > 1e-12
        else {
          vector = sum.map { $0 / rest }
          active = passive.filter { weights[$0] > 0 }
          return
        }
        // A new inequality that gets no weight is one of rounding: the next best is tried.
        guard
          let solved = Self.weights(passive + [next], rows, bounds), let newest = solved.last,
          newest > 0
        else {
          rejected.insert(next)
          continue
        }
        passive.append(next)
        guard Self.descend(&weights, &passive, to: solved, rows, bounds) else { return nil }
        moved = true
      }
      sum = [Double](repeating: 0, count: n)
      rest = 1
      rows.withElements { a in
        for i in passive {
          Double.axpy(n, weights[i], a + i * n, &sum)
          rest -= weights[i] * bounds[i]
        }
      }
    }
    return nil
  }

  /// Goes towards the least-squares weights, dropping those that would become negative on the way.
  private static func descend(
    _ weights: inout [Double], _ passive: inout [Int], to first: [Double], _ rows: Matrix<Double>,
    _ bounds: [Double]
  ) -> Bool {
    var target = first
    while let blocking = step(weights, passive, target) {
      for (place, i) in passive.enumerated() {
        weights[i] += blocking * (target[place] - weights[i])
      }
      let smallest = passive.map { weights[$0] }.min() ?? 0
      for i in passive where weights[i] <= max(smallest, 1e-300) { weights[i] = 0 }
      passive.removeAll { weights[$0] == 0 }
      guard !passive.isEmpty else { return true }
      guard let solved = Self.weights(passive, rows, bounds) else { return false }
      target = solved
    }
    for (place, i) in passive.enumerated() { weights[i] = target[place] }
    return true
  }

  /// The share of the way at which the first weight becomes zero; nil where none does.
  private static func step(_ weights: [Double], _ passive: [Int], _ target: [Double]) -> Double? {
    var share: Double?
    for (place, i) in passive.enumerated() where target[place] <= 0 {
      let distance = weights[i] - target[place]
      let here = distance > 0 ? weights[i] / distance : 0
      share = min(share ?? here, here)
    }
    return share
  }

  /// argmin ‖E_P u − f‖ by its normal equations; nil where columns depend on each other.
  private static func weights(
    _ passive: [Int], _ rows: Matrix<Double>, _ bounds: [Double]
  ) -> [Double]? {
    let k = passive.count
    let chosen = rows.gathering(rows: passive)
    var gram = chosen.gramOfRows
    var right = passive.map { bounds[$0] }
    for i in 0..<k { for j in 0..<k { gram[i, j] += right[i] * right[j] } }
    let info = gram.withMutableElements { g -> Int in
      let info = Double.potrf(k, g, k)
      return info == 0 ? Double.potrs(k, 1, g, k, &right, 1) : info
    }
    guard info == 0, right.allSatisfy(\.isFinite) else { return nil }
    return right
  }
}
