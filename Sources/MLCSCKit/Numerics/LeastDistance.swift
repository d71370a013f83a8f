/// The smallest vector that meets linear inequalities.
///
///     min ‖v‖₂  subject to  lᵢ ≤ aᵢᵀv ≤ hᵢ
///
/// Lawson and Hanson, "Solving least squares problems" (1974), chapter 23: with E the columns
/// (aᵢ, lᵢ) and (−aᵢ, −hᵢ), each an inequality aᵀv ≥ b, and f the last unit vector,
/// u = argmin ‖E u − f‖ over u ≥ 0 gives v = Σ u a / (1 − Σ u b); the inequalities contradict each
/// other where the residual is zero.
public struct LeastDistance: Sendable {
  /// One side of a two-sided inequality.
  public struct Side: Sendable, Hashable {
    /// The row i.
    public let row: Int
    /// +1 for aᵢᵀv ≥ lᵢ, −1 for aᵢᵀv ≤ hᵢ.
    public let sign: Double
  }

  /// v.
  public let vector: [Double]
  /// The inequalities that hold v back (u > 0), met with equality; the strongest first.
  public let active: [Side]

  /// Solves the problem; nil where there is no solution of at most the norm `limit`.
  ///
  /// - Parameters:
  ///   - rows: The aᵢ, one a row, of about unit norm; shape [M, n].
  ///   - lower: The lᵢ, in units in which a norm of one is a natural size; −∞ where there is none.
  ///   - upper: The hᵢ; ∞ where there is none.
  ///   - limit: The norm beyond which the answer is of no interest.
  /// - Complexity: O(M n + a n + a³) a step for a active inequalities; about as many steps as there
  ///   are active inequalities in the end.
  public init?(rows: Matrix<Double>, lower: [Double], upper: [Double], limit: Double) {
    let (count, n) = (rows.rows, rows.columns)
    precondition(lower.count == count && upper.count == count, "one pair of bounds a row")
    var set = PassiveSet(rows: rows, lower: lower, upper: upper)
    var products = [Double](repeating: 0, count: count)
    for _ in 0..<3 * (count + n) {
      // ‖E u − f‖² falls from 1 to 1/(1 + ‖v‖²): below 1/(1 + limit²) nothing of interest is left.
      let (sum, rest) = set.combination()
      let residual = Double.squaredNorm(n, sum) + rest * rest
      guard residual * (1 + limit * limit) > 1 else { return nil }
      rows.withElements { Double.gemv(false, count, n, 1, $0, n, sum, 0, &products) }
      var rejected = Set(set.members)
      var hasMoved = false
      while !hasMoved {
        var (largest, next) = (1e-12, Side?.none)
        for i in 0..<count {
          let (below, above) = (lower[i] * rest - products[i], products[i] - upper[i] * rest)
          guard max(below, above) > largest else { continue }
          let side = Side(row: i, sign: below >= above ? 1 : -1)
          if !rejected.contains(side) { (largest, next) = (max(below, above), side) }
        }
        guard let next else {
          vector = sum.map { $0 / rest }
          active = set.members.indices.sorted { set.weights[$0] > set.weights[$1] }
            .map { set.members[$0] }
          return
        }
        // An inequality that gets no weight is one of rounding: the next best is tried.
        rejected.insert(next)
        guard let entered = set.enter(next) else { return nil }
        hasMoved = entered
      }
    }
    return nil
  }
}

/// The columns with positive weight of a non-negative least-squares problem.
private struct PassiveSet {
  let rows: Matrix<Double>
  let lower: [Double]
  let upper: [Double]
  /// The columns in the order of entry, and their weights.
  private(set) var members: [LeastDistance.Side] = []
  private(set) var weights: [Double] = []
  /// EᵀE of the members, row by row.
  private var gram: [[Double]] = []

  init(rows: Matrix<Double>, lower: [Double], upper: [Double]) {
    self.rows = rows
    self.lower = lower
    self.upper = upper
  }

  private func bound(_ side: LeastDistance.Side) -> Double {
    side.sign > 0 ? lower[side.row] : -upper[side.row]
  }

  /// Σ uᵢ aᵢ and 1 − Σ uᵢ bᵢ.
  func combination() -> (sum: [Double], rest: Double) {
    let n = rows.columns
    var (sum, rest) = ([Double](repeating: 0, count: n), 1.0)
    rows.withElements { a in
      for (place, side) in members.enumerated() {
        Double.axpy(n, side.sign * weights[place], a + side.row * n, &sum)
        rest -= weights[place] * bound(side)
      }
    }
    return (sum, rest)
  }

  /// Lets a column in and goes to the least-squares weights, dropping columns whose weight would
  /// become negative on the way; false, and nothing changed, where the new one gets no weight; nil
  /// where the columns left depend on each other.
  mutating func enter(_ column: LeastDistance.Side) -> Bool? {
    let n = rows.columns
    let products = rows.withElements { a in
      (members + [column]).map {
        column.sign * $0.sign * Double.dot(n, a + column.row * n, a + $0.row * n)
          + bound(column) * bound($0)
      }
    }
    for (place, product) in products.dropLast().enumerated() { gram[place].append(product) }
    gram.append(products)
    members.append(column)
    weights.append(0)
    guard var target = solved(), let newest = target.last, newest > 0 else {
      remove(at: [members.count - 1])
      return false
    }
    while let share = firstZero(towards: target) {
      for place in members.indices { weights[place] += share * (target[place] - weights[place]) }
      let smallest = max(weights.min() ?? 0, 1e-300)
      remove(at: members.indices.filter { weights[$0] <= smallest })
      guard !members.isEmpty else { return true }
      guard let next = solved() else { return nil }
      target = next
    }
    weights = target
    return true
  }

  /// The share of the way at which the first weight becomes zero; nil where none does.
  private func firstZero(towards target: [Double]) -> Double? {
    var share: Double?
    for place in members.indices where target[place] <= 0 {
      let distance = weights[place] - target[place]
      let here = distance > 0 ? weights[place] / distance : 0
      share = min(share ?? here, here)
    }
    return share
  }

  private mutating func remove(at places: [Int]) {
    for place in places.reversed() {
      members.remove(at: place)
      weights.remove(at: place)
      gram.remove(at: place)
      for row in gram.indices { gram[row].remove(at: place) }
    }
  }

  /// argmin ‖E_P u − f‖ by its normal equations; nil where columns depend on each other.
  private func solved() -> [Double]? {
    let k = members.count
    var factor = Matrix(rows: gram).elements
    var right = members.map { bound($0) }
    guard Double.potrf(k, &factor, k) == 0, Double.potrs(k, 1, factor, k, &right, 1) == 0,
      right.allSatisfy(\.isFinite)
    else { return nil }
    return right
  }
}
