/// The least-squares problem on a growing set of atoms, with its Cholesky factor kept up to date.
///
/// Holds G_S = D_SᵀD_S = L Lᵀ and D_Sᵀy; an atom is appended in O(|S| n + |S|²).
struct ActiveSet<Scalar: NumericScalar> {
  private let n: Int
  private let capacity: Int
  private(set) var support: [Int] = []
  /// The atoms, one a row.
  private var atoms: [Scalar] = []
  /// G_S and L, rows of `capacity` entries.
  private var gram: [Scalar]
  private var factor: [Scalar]
  private var correlations: [Scalar] = []

  init(signalDimension: Int, capacity: Int) {
    n = signalDimension
    self.capacity = capacity
    gram = Array(repeating: 0, count: capacity * capacity)
    factor = gram
    atoms.reserveCapacity(capacity * signalDimension)
  }

  /// Appends an atom; false, and nothing changed, where it depends on the others.
  mutating func append(_ j: Int, atom: UnsafePointer<Scalar>, signal: UnsafePointer<Scalar>) -> Bool
  {
    let k = support.count
    guard k < capacity else { return false }
    var products = [Scalar](repeating: 0, count: k + 1)
    atoms.withUnsafeBufferPointer { known in
      if k > 0, let base = known.baseAddress {
        Scalar.gemv(false, k, n, 1, base, n, atom, 0, &products)
      }
    }
    let square = Scalar.squaredNorm(n, atom)
    guard extendFactor(products, square) else { return false }
    for i in 0..<k {
      gram[k * capacity + i] = products[i]
      gram[i * capacity + k] = products[i]
    }
    gram[k * capacity + k] = square
    atoms.append(contentsOf: UnsafeBufferPointer(start: atom, count: n))
    correlations.append(Scalar.dot(n, atom, signal))
    support.append(j)
    return true
  }

  /// Appends the row L⁻¹g, √(g_kk − ‖L⁻¹g‖²) to the factor.
  private mutating func extendFactor(_ products: [Scalar], _ square: Scalar) -> Bool {
    let k = products.count - 1
    var row = products
    if k > 0 {
      factor.withUnsafeBufferPointer {
        Scalar.trsv(lower: true, transpose: false, k, $0.start, capacity, &row)
      }
    }
    let rest = square - Scalar.squaredNorm(k, row)
    // Below this the atom lies in the span of the others up to rounding.
    guard square > 0, rest > square * Scalar(k + 1) * 16 * Scalar.ulpOfOne else { return false }
    for i in 0..<k { factor[k * capacity + i] = row[i] }
    factor[k * capacity + k] = rest.squareRoot()
    return true
  }

  /// Appends several atoms, the rows of a matrix, passing over those that depend on others.
  ///
  /// One product of matrices and one factorisation where all are independent; else one by one.
  mutating func append(
    _ indices: [Int], atoms new: UnsafePointer<Scalar>, signal: UnsafePointer<Scalar>
  ) {
    let old = support.count
    let count = min(indices.count, capacity - old)
    guard count > 0 else { return }
    let backup = self
    atoms.append(contentsOf: UnsafeBufferPointer(start: new, count: count * n))
    var products = [Scalar](repeating: 0, count: count * (old + count))
    atoms.withUnsafeBufferPointer { all in
      Scalar.gemm(
        false, true, count, old + count, n, 1, new, n, all.start, n, 0, &products, old + count)
    }
    for i in 0..<count {
      for j in 0..<old + count {
        gram[(old + i) * capacity + j] = products[i * (old + count) + j]
        gram[j * capacity + old + i] = products[i * (old + count) + j]
      }
      correlations.append(Scalar.dot(n, new + i * n, signal))
    }
    support += indices[..<count]
    if refactor() { return }
    self = backup
    for (i, j) in indices.enumerated() {
      _ = append(j, atom: new + i * n, signal: signal)
    }
  }

  /// Factors the whole Gram matrix; false where an atom depends on the ones before it.
  private mutating func refactor() -> Bool {
    let k = support.count
    for i in 0..<k {
      for j in 0...i { factor[i * capacity + j] = gram[i * capacity + j] }
    }
    guard k > 0 else { return true }
    let info = factor.withUnsafeMutableBufferPointer { Scalar.potrf(k, $0.start, capacity) }
    guard info == 0 else { return false }
    return (0..<k).allSatisfy { i in
      let pivot = factor[i * capacity + i]
      return pivot * pivot > gram[i * capacity + i] * Scalar(i + 1) * 16 * Scalar.ulpOfOne
    }
  }

  /// Keeps only some positions of the support, in ascending order, and factors again.
  mutating func keep(_ positions: [Int]) {
    let old = self
    support = positions.map { old.support[$0] }
    correlations = positions.map { old.correlations[$0] }
    for (row, i) in positions.enumerated() {
      for (column, j) in positions.enumerated() {
        gram[row * capacity + column] = old.gram[i * capacity + j]
      }
    }
    atoms.removeAll(keepingCapacity: true)
    for i in positions { atoms.append(contentsOf: old.atoms[i * n..<(i + 1) * n]) }
    // A subset of independent atoms is independent.
    _ = refactor()
  }

  /// The least-squares coefficients on the support.
  func coefficients() -> [Scalar] {
    var x = correlations
    guard !x.isEmpty else { return x }
    factor.withUnsafeBufferPointer { l in
      Scalar.trsv(lower: true, transpose: false, x.count, l.start, capacity, &x)
      Scalar.trsv(lower: true, transpose: true, x.count, l.start, capacity, &x)
    }
    return x
  }

  /// r ← y − D_S a.
  func residual(
    _ coefficients: [Scalar], signal: UnsafePointer<Scalar>, into r: UnsafeMutablePointer<Scalar>
  ) {
    r.update(from: signal, count: n)
    guard !coefficients.isEmpty else { return }
    atoms.withUnsafeBufferPointer {
      Scalar.gemv(true, coefficients.count, n, -1, $0.start, n, coefficients, 1, r)
    }
  }
}
