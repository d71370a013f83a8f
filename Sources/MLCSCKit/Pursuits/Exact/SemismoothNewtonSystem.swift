/// The generalised Hessian of the augmented Lagrangian on a working set.
///
///     H = AᵀA + Σ over zero rows of ρ wᵀw,
///
/// It is kept up to date: only rows that enter or leave the zeros are added or taken away.
struct SemismoothNewtonSystem {
  /// Σ wᵀw ρ at scale 1 over the inner rows that are zero, in the lower triangle, w × w.
  private var sum: [Double] = []
  private var zeros: [Bool] = []

  /// Forgets what was summed, and with it the rounding of many changes.
  mutating func forget() { zeros = [] }

  /// The Newton direction −H⁻¹g.
  ///
  /// - Parameters:
  ///   - set: The working set of w atoms.
  ///   - penalty: With the present scale.
  ///   - zero: Which stacked rows are zero.
  ///   - gradient: g.
  /// - Returns: The direction; nil where H is not finite.
  /// - Complexity: O(w³/3 + w² k) for k rows that changed.
  mutating func direction(
    _ set: DeepestWorkingSet, _ penalty: AugmentedPenalty, zero: [Bool], gradient: [Double]
  ) -> [Double]? {
    let order = set.count
    update(set, penalty, zero)
    var hessian = [Double](repeating: 0, count: order * order)
    var largest = 0.0
    let deepestWeight = penalty.scale * (penalty.layers.last?.weight ?? 0)
    for i in 0..<order {
      for j in 0...i {
        hessian[i * order + j] = set.gram[i * order + j] + penalty.scale * sum[i * order + j]
      }
      if zero[set.innerCount + i] { hessian[i * order + i] += deepestWeight }
      largest = max(largest, hessian[i * order + i])
    }
    // Directions in which everything is linear need a little curvature; the line search does the
    // rest.
    var ridge = 1e-13 * largest
    for _ in 0..<6 {
      var factor = hessian
      for i in 0..<order { factor[i * order + i] += ridge }
      if BlockedProducts.factorize(order: order, &factor) {
        let x = BlockedProducts.solve(order: order, factor: factor, gradient)
        return x.allSatisfy(\.isFinite) ? x.map(-) : nil
      }
      ridge *= 100
    }
    return nil
  }

  private mutating func update(
    _ set: DeepestWorkingSet, _ penalty: AugmentedPenalty, _ zero: [Bool]
  ) {
    let order = set.count
    var (entering, leaving) = rows(set, from: zeros, to: zero)
    let total = (0..<set.innerCount).count { zero[$0] && set.isTouched[$0] }
    if sum.count != order * order || zeros.isEmpty || entering.count + leaving.count > total {
      sum = Array(repeating: 0, count: order * order)
      (entering, leaving) = rows(set, from: [], to: zero)
    }
    zeros = zero
    var weights = [Double]()
    for layer in penalty.layers.dropLast() {
      weights += Array(repeating: layer.weight.squareRoot(), count: layer.range.count)
    }
    for (sign, rows) in [(1.0, entering), (-1.0, leaving)] where !rows.isEmpty {
      let entries = set.innerEntries(rows: rows, scales: rows.map { weights[$0] })
      BlockedProducts.addGram(sign, entries, order: order, columns: rows.count, to: &sum)
    }
  }

  private func rows(
    _ set: DeepestWorkingSet, from old: [Bool], to new: [Bool]
  ) -> (entering: [Int], leaving: [Int]) {
    let touched = (0..<set.innerCount).filter { set.isTouched[$0] }
    return (
      touched.filter { new[$0] && !(old.isEmpty ? false : old[$0]) },
      touched.filter { !new[$0] && !old.isEmpty && old[$0] }
    )
  }
}
