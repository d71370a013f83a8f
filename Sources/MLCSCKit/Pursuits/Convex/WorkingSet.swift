/// One signal's working set: the atoms that its code may use, and the code itself.
struct WorkingSet {
  private let signal: [Double]
  private let nonnegative: Bool
  /// λ.
  var penalty: Double
  /// r = y − Dγ.
  private(set) var residual: [Double]
  /// Dᵀr of all atoms, as `update(correlations:)` was last told.
  private var correlations: [Double] = []
  /// The largest |Dᵀy|.
  private var scale = 0.0
  private var indices: [Int] = []
  private var isMember: [Bool]
  /// The atoms of the set, one a row.
  private var atoms: [Double] = []
  private var inner: GramBasisPursuit

  /// The empty set.
  ///
  /// - Parameters:
  ///   - signal: y.
  ///   - atomCount: m.
  ///   - penalty: λ.
  ///   - nonnegative: Whether γ ≥ 0.
  init(signal: [Double], atomCount: Int, penalty: Double, nonnegative: Bool) {
    self.signal = signal
    self.penalty = penalty
    self.nonnegative = nonnegative
    residual = signal
    isMember = Array(repeating: false, count: atomCount)
    inner = GramBasisPursuit(dimension: signal.count, nonnegative: nonnegative)
  }

  /// Tells Dᵀr of the present residual.
  ///
  /// - Returns: Whether all are finite.
  mutating func update(correlations new: UnsafePointer<Double>) -> Bool {
    let m = isMember.count
    guard Double.allFinite(m, new) else { return false }
    correlations = Array(UnsafeBufferPointer(start: new, count: m))
    if scale == 0 { scale = correlations.reduce(0) { max($0, abs($1)) } }
    return true
  }

  /// The objective and the duality gap of the present code, from all correlations.
  ///
  /// The dual point is s r with the best s for which |dⱼᵀr| s ≤ λ (dⱼᵀr s ≤ λ for non-negative codes).
  var certificate: Certificate { certificate(dual: residual, correlations: correlations) }

  /// The same with another vector in the place of r in the dual point.
  ///
  /// - Parameters:
  ///   - ν: The vector, n numbers.
  ///   - products: Its products Dᵀν with all atoms.
  /// - Returns: The certificate.
  func certificate(dual ν: [Double], correlations products: [Double]) -> Certificate {
    let n = signal.count
    var largest = 0.0
    for c in products { largest = max(largest, nonnegative ? c : abs(c)) }
    let square = Double.squaredNorm(n, ν)
    let product = Double.dot(n, ν, signal)
    let objective =
      0.5 * Double.squaredNorm(n, residual) + penalty * inner.values.reduce(0) { $0 + abs($1) }
    let s =
      square > 0
      ? max(0, min(product / square, largest > 0 ? penalty / largest : .infinity)) : 0
    return Certificate(
      objective: objective, dual: s * product - 0.5 * s * s * square,
      residualIsZero: residual.allSatisfy { $0 == 0 })
  }

  /// The residual corrected so that |dⱼᵀν| = λ holds on the support to the rounding of ν itself.
  ///
  /// The residual of a small λ is a small difference of large numbers, and its rounding is that of the
  /// signal. A correction by the atoms of the support, which is as small as that rounding, makes it
  /// a dual point again. Nil where those atoms depend on each other.
  var correctedResidual: [Double]? {
    var exact = self
    exact.inner.refresh(slopes: indices.map { correlations[$0] })
    guard let weights = exact.inner.missing(penalty: penalty) else { return nil }
    let n = signal.count
    var corrected = residual
    atoms.withUnsafeBufferPointer { atoms in
      for (p, x) in zip(inner.support, weights) {
        Double.axpy(n, x, atoms.start + p * n, &corrected)
      }
    }
    return corrected.allSatisfy(\.isFinite) ? corrected : nil
  }

  /// λ_max: the largest |dⱼᵀy|.
  var largestCorrelation: Double { scale }

  /// The atoms outside the set with the largest |dⱼᵀr|, as many as the code has, at least `least`.
  ///
  /// An atom somewhat below λ may come above it once the others are in, and spares a round then.
  func entering(atLeast least: Int) -> [Int] {
    var found = [Int]()
    for (j, c) in correlations.enumerated() where !isMember[j] {
      if (nonnegative ? c : abs(c)) > 0.5 * penalty { found.append(j) }
    }
    let count = max(least, inner.support.count)
    guard found.count > count else { return found }
    found.sort {
      let (a, b) = (abs(correlations[$0]), abs(correlations[$1]))
      return a != b ? a > b : $0 < $1
    }
    return Array(found[..<count])
  }

  /// Whether an atom outside the set violates |dⱼᵀr| ≤ λ.
  var hasViolations: Bool {
    correlations.indices.contains { j in
      !isMember[j] && (nonnegative ? correlations[j] : abs(correlations[j])) > penalty
    }
  }

  /// Takes atoms in and solves on the set.
  ///
  /// - Parameters:
  ///   - new: Their indices.
  ///   - rows: The atoms, one a row.
  ///   - tolerance: The relative gap that the optimality conditions on the set must allow.
  /// - Returns: Whether these conditions were reached.
  mutating func solve(
    adding new: [Int], rows: UnsafePointer<Double>, tolerance: Double
  ) -> Bool {
    let n = signal.count
    inner.refresh(slopes: indices.map { correlations[$0] })
    if indices.count > 2 * (inner.support.count + new.count) { prune() }
    let (old, total) = (indices.count, indices.count + new.count)
    indices += new
    for j in new { isMember[j] = true }
    atoms += UnsafeBufferPointer(start: rows, count: new.count * n)
    if !new.isEmpty {
      var products = [Double](repeating: 0, count: new.count * total)
      Double.gemm(
        false, true, new.count, total, n, 1, rows, n, atoms, n, 0, &products, total)
      inner.append(products: products, slopes: indices[old...].map { correlations[$0] })
    }
    // A relative violation δ of the conditions leaves a relative gap of about δ.
    let isSolved = inner.solve(
      penalty: penalty, within: max(0.05 * tolerance * penalty, 4 * scale.ulp))
    residual = signal
    let values = inner.values
    atoms.withUnsafeBufferPointer { atoms in
      for p in inner.support {
        Double.axpy(n, -values[p], atoms.start + p * n, &residual)
      }
    }
    return isSolved
  }

  /// Drops the atoms that are neither used nor close to it.
  private mutating func prune() {
    let n = signal.count
    let kept = indices.indices.filter {
      inner.values[$0] != 0 || abs(inner.slopes[$0]) > 0.8 * penalty
    }
    for j in indices { isMember[j] = false }
    for (target, place) in kept.enumerated() where target != place {
      for i in 0..<n { atoms[target * n + i] = atoms[place * n + i] }
    }
    atoms.removeLast((indices.count - kept.count) * n)
    inner.keep(kept)
    indices = kept.map { indices[$0] }
    for j in indices { isMember[j] = true }
  }

  /// The code, its support ascending.
  func code(rounds: Int) -> SparseCode<Double> {
    let order = inner.support.sorted { indices[$0] < indices[$1] }
    return SparseCode(
      support: order.map { indices[$0] }, coefficients: order.map { inner.values[$0] },
      residualNorm: Double.norm2(signal.count, residual), iterations: rounds)
  }
}
