/// The least-squares problem on a growing set of atoms, with its Cholesky factor kept up to date.
///
/// Holds G_S = D_SᵀD_S = L Lᵀ and D_Sᵀy; an atom is appended in O(|S| n + |S|²).
struct ActiveSet<Scalar: NumericScalar> {
  /// The least squared sine between an atom and the span of the others.
  private let leastIndependence: Scalar

  private let n: Int
  private let capacity: Int
  private(set) var support: [Int] = []
  /// The atoms, one a row.
  private var atoms: [Scalar] = []
  /// G_S and L, rows of `capacity` entries.
  private var gram: [Scalar]
  private var factor: [Scalar]
  private var correlations: [Scalar] = []

  /// An empty set.
  ///
  /// Normal equations square the condition, so with the default for `leastIndependence` half of the
  /// digits of a coefficient are right at worst.
  init(
    signalDimension: Int, capacity: Int,
    leastIndependence: Scalar = Scalar.ulpOfOne.squareRoot()
  ) {
    self.leastIndependence = leastIndependence
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
    guard square > 0, rest > square * leastIndependence else { return false }
    for i in 0..<k { factor[k * capacity + i] = row[i] }
    factor[k * capacity + k] = rest.squareRoot()
    return true
  }

  /// Appends several atoms, the rows of a matrix, passing over those that depend on others.
  ///
  /// Blocks of 64 atoms meet the factor as matrices; only within a block rows come one by one.
  mutating func append(
    _ indices: [Int], atoms new: UnsafePointer<Scalar>, signal: UnsafePointer<Scalar>
  ) {
    for start in stride(from: 0, to: indices.count, by: 64) {
      let count = min(64, indices.count - start)
      appendBlock(Array(indices[start..<start + count]), new + start * n, signal)
    }
  }

  private mutating func appendBlock(
    _ indices: [Int], _ new: UnsafePointer<Scalar>, _ signal: UnsafePointer<Scalar>
  ) {
    let (k, b, lda) = (support.count, indices.count, capacity)
    var products = [Scalar](repeating: 0, count: max(b * k, 1))
    var own = [Scalar](repeating: 0, count: b * b)
    Scalar.gemm(false, true, b, b, n, 1, new, n, new, n, 0, &own, b)
    let gramOfNew = own
    if k > 0 {
      atoms.withUnsafeBufferPointer {
        Scalar.gemm(false, true, b, k, n, 1, new, n, $0.start, n, 0, &products, k)
      }
    }
    var rows = products  // becomes the factor's rows, P L⁻ᵀ
    if k > 0 {
      factor.withUnsafeBufferPointer { Scalar.trsmRight(b, k, $0.start, lda, &rows) }
      Scalar.gemm(false, true, b, b, k, -1, rows, k, rows, k, 1, &own, b)
    }
    var accepted = [Int]()
    for i in 0..<b where support.count < capacity {
      let row = support.count
      var square = own[i * b + i]
      var tail = [Scalar]()
      for (place, l) in accepted.enumerated() {
        var value = own[i * b + l]
        for t in 0..<place { value -= tail[t] * factor[(k + place) * lda + k + t] }
        value /= factor[(k + place) * lda + k + place]
        tail.append(value)
        square -= value * value
      }
      let full = gramOfNew[i * b + i]
      guard full > 0, square > full * leastIndependence else { continue }
      for j in 0..<k {
        factor[row * lda + j] = rows[i * k + j]
        gram[row * lda + j] = products[i * k + j]
        gram[j * lda + row] = products[i * k + j]
      }
      for (place, l) in accepted.enumerated() {
        factor[row * lda + k + place] = tail[place]
        gram[row * lda + k + place] = gramOfNew[i * b + l]
        gram[(k + place) * lda + row] = gramOfNew[i * b + l]
      }
      factor[row * lda + row] = square.squareRoot()
      gram[row * lda + row] = full
      atoms.append(contentsOf: UnsafeBufferPointer(start: new + i * n, count: n))
      correlations.append(Scalar.dot(n, new + i * n, signal))
      support.append(indices[i])
      accepted.append(i)
    }
  }

  /// Factors the whole Gram matrix; false where an atom depends on the ones before it.
  private mutating func refactor() -> Bool {
    let k = support.count
    for i in 0..<k {
      for j in 0...i { factor[i * capacity + j] = gram[i * capacity + j] }
    }
    guard k > 0 else { return true }
    let stride = capacity
    let info = factor.withUnsafeMutableBufferPointer { Scalar.potrf(k, $0.start, stride) }
    guard info == 0 else { return false }
    return (0..<k).allSatisfy { i in
      let pivot = factor[i * capacity + i]
      return pivot * pivot > gram[i * capacity + i] * leastIndependence
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
