/// The least-squares problem on a growing set of atoms, with its Cholesky factor kept up to date.
///
/// Holds G_S = D_SᵀD_S = L Lᵀ and D_Sᵀy; an atom is appended in O(|S| n + |S|²). Normal equations
/// square the condition: down to squared sines of √ulp between an atom and the others that costs half
/// of the digits at worst. A set that is to take atoms which are closer together than that
/// (`leastIndependence` below √ulp) measures and solves by orthogonal transformations once a squared
/// sine is below 10⁻⁶; until then nothing differs.
struct ActiveSet<Scalar: NumericScalar> {
  /// The least squared sine between an atom and the span of the others.
  private let leastIndependence: Scalar
  /// The least one between an atom taken and those before it.
  private var leastSquaredSine = Scalar(1)
  /// Atoms beyond 2^±200 are kept times 2^−e, so that no product of two leaves the range of numbers.
  private var exponents: [Int] = []

  private let n: Int
  private let capacity: Int
  private(set) var support: [Int] = []
  /// The atoms, one a row.
  private var atoms: [Scalar] = []
  /// G_S and L, rows of `capacity` entries.
  private var gram: [Scalar]
  private var factor: [Scalar]
  private var correlations: [Scalar] = []

  /// The squared sine below which an atom cannot be told from a combination of others: the sine is
  /// some thousand times its rounding.
  static var numericalDependence: Scalar { (4096 * Scalar.ulpOfOne) * (4096 * Scalar.ulpOfOne) }

  /// An empty set.
  init(
    signalDimension: Int, capacity: Int,
    leastIndependence: Scalar = ActiveSet.numericalDependence
  ) {
    self.leastIndependence = leastIndependence
    n = signalDimension
    self.capacity = capacity
    gram = Array(repeating: 0, count: capacity * capacity)
    factor = gram
    atoms.reserveCapacity(capacity * signalDimension)
  }

  /// Appends an atom; false, and nothing changed, where it depends on the others.
  ///
  /// `products` are its inner products with the atoms of the set and with itself, where they are known.
  mutating func append(
    _ j: Int, atom: UnsafePointer<Scalar>, signal: UnsafePointer<Scalar>,
    products: [Scalar]? = nil
  ) -> Bool {
    let largest = abs(atom[Scalar.indexOfLargestMagnitude(n, atom)])
    guard largest > 0, largest.isFinite else { return false }
    let exponent = Int(largest.exponent)
    guard abs(exponent) > Self.ordinaryExponent else {
      return append(
        j, atom: atom, times: 0, signal: signal, products: exponents.isEmpty ? products : nil)
    }
    var scaled = Array(UnsafeBufferPointer(start: atom, count: n))
    for i in 0..<n { scaled[i] = scaled[i].scaled(byPowerOfTwo: -exponent) }
    return append(j, atom: scaled, times: exponent, signal: signal)
  }

  /// The exponent up to which four atoms' product is a number.
  private static var ordinaryExponent: Int { Int(Scalar.greatestFiniteMagnitude.exponent) / 5 }

  private mutating func append(
    _ j: Int, atom: UnsafePointer<Scalar>, times exponent: Int, signal: UnsafePointer<Scalar>,
    products known: [Scalar]? = nil
  ) -> Bool {
    let k = support.count
    guard k < capacity else { return false }
    let products = known ?? products(with: atom)
    let square = products[k]
    guard extendFactor(products, square, atom) else { return false }
    if exponent != 0 || !exponents.isEmpty {
      exponents += [Int](repeating: 0, count: k - exponents.count) + [exponent]
    }
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

  /// The inner products of an atom with those of the set, and with itself.
  private func products(with atom: UnsafePointer<Scalar>) -> [Scalar] {
    let k = support.count
    var products = [Scalar](repeating: 0, count: k + 1)
    if k > 0 {
      atoms.withUnsafeBufferPointer { Scalar.gemv(false, k, n, 1, $0.start, n, atom, 0, &products) }
    }
    products[k] = Scalar.squaredNorm(n, atom)
    return products
  }

  /// Appends the row L⁻¹g, √(g_kk − ‖L⁻¹g‖²) to the factor.
  private mutating func extendFactor(
    _ products: [Scalar], _ square: Scalar, _ atom: UnsafePointer<Scalar>
  ) -> Bool {
    let k = products.count - 1
    var row = products
    if k > 0 {
      factor.withUnsafeBufferPointer {
        Scalar.trsv(lower: true, transpose: false, k, $0.start, capacity, &row)
      }
    }
    var rest = square - Scalar.squaredNorm(k, row)
    if isExacting, rest < square * Self.squaredSineToDoubt {
      rest = squaredDistance(of: atom)
    }
    guard square > 0, rest > square * leastIndependence else { return false }
    leastSquaredSine = min(leastSquaredSine, rest / square)
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
    guard !isExacting else {
      for (row, j) in indices.enumerated() { _ = append(j, atom: new + row * n, signal: signal) }
      return
    }
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
    support = positions.map { support[$0] }
    correlations = positions.map { correlations[$0] }
    // In place: what is written lies before all that is still to be read.
    let (capacity, n) = (capacity, n)
    gram.withUnsafeMutableBufferPointer { gram in
      for (row, i) in positions.enumerated() {
        for (column, j) in positions.enumerated() {
          gram[row &* capacity &+ column] = gram[i &* capacity &+ j]
        }
      }
    }
    atoms.withUnsafeMutableBufferPointer { atoms in
      for (row, i) in positions.enumerated() where row != i {
        (atoms.start + row * n).update(from: atoms.start + i * n, count: n)
      }
    }
    atoms.removeSubrange(positions.count * n..<atoms.count)
    if !exponents.isEmpty { exponents = positions.map { exponents[$0] } }
    // A subset of independent atoms is independent, but the normal equations need not show it.
    if !refactor(), isExacting { rebuild(signalProducts: correlations) }
  }

  /// Appends all atoms anew.
  private mutating func rebuild(signalProducts: [Scalar]) {
    let old = self
    support = []
    correlations = []
    atoms.removeAll(keepingCapacity: true)
    exponents = []
    leastSquaredSine = 1
    old.atoms.withUnsafeBufferPointer { rows in
      for (i, j) in old.support.enumerated() {
        let exponent = old.exponents.isEmpty ? 0 : old.exponents[i]
        // Any vector does for the signal: its product is known.
        if append(j, atom: rows.start + i * n, times: exponent, signal: rows.start) {
          correlations[correlations.count - 1] = signalProducts[i]
        }
      }
    }
  }

  /// The least-squares coefficients on the support.
  ///
  /// - Parameter signal: The signal that all atoms were appended with.
  /// - Returns: One coefficient an atom, in the order of the support.
  func coefficients(of signal: UnsafePointer<Scalar>) -> [Scalar] {
    var x = correlations
    guard !x.isEmpty else { return x }
    if isExacting, leastSquaredSine < Self.squaredSineToDoubt {
      x = orthogonalSolution(of: signal)
    } else {
      solve(&x)
    }
    return restored(x)
  }

  private func restored(_ x: [Scalar]) -> [Scalar] {
    exponents.isEmpty ? x : zip(x, exponents).map { $0.scaled(byPowerOfTwo: -$1) }
  }

  /// x ← G_S⁻¹ x.
  private func solve(_ x: inout [Scalar]) {
    factor.withUnsafeBufferPointer { l in
      Scalar.trsv(lower: true, transpose: false, x.count, l.start, capacity, &x)
      Scalar.trsv(lower: true, transpose: true, x.count, l.start, capacity, &x)
    }
  }

  /// ‖y − D_S a‖² of the least-squares coefficients, as ‖y‖² − ⟨D_Sᵀy, a⟩: exact up to the rounding
  /// of ‖y‖².
  func squaredResidual(_ coefficients: [Scalar], ofSignalWithSquare square: Scalar) -> Scalar {
    let scaled = scaledAlike(coefficients)
    return square - Scalar.dot(scaled.count, correlations, scaled)
  }

  /// r ← y − D_S a.
  func residual(
    _ coefficients: [Scalar], signal: UnsafePointer<Scalar>, into r: UnsafeMutablePointer<Scalar>
  ) {
    r.update(from: signal, count: n)
    guard !coefficients.isEmpty else { return }
    let scaled = scaledAlike(coefficients)
    atoms.withUnsafeBufferPointer {
      Scalar.gemv(true, scaled.count, n, -1, $0.start, n, scaled, 1, r)
    }
  }

  private func scaledAlike(_ coefficients: [Scalar]) -> [Scalar] {
    exponents.isEmpty
      ? coefficients : zip(coefficients, exponents).map { $0.scaled(byPowerOfTwo: $1) }
  }
}

/// What rounding leaves of a residual, and atoms that the normal equations cannot tell apart.
extension ActiveSet {
  /// Whether atoms are taken that the normal equations alone could not tell apart.
  private var isExacting: Bool { leastIndependence < Scalar.ulpOfOne.squareRoot() }

  /// Squared sines above this cost the normal equations at most six digits.
  private static var squaredSineToDoubt: Scalar { 1e-6 }

  /// The squared distance of an atom from the span of the set.
  private func squaredDistance(of atom: UnsafePointer<Scalar>) -> Scalar {
    let weights = orthogonalSolution(of: atom)
    var rest = Array(UnsafeBufferPointer(start: atom, count: n))
    atoms.withUnsafeBufferPointer {
      Scalar.gemv(true, weights.count, n, -1, $0.start, n, weights, 1, &rest)
    }
    return Scalar.squaredNorm(n, rest)
  }

  /// The least-squares weights of a vector on the atoms as they are kept, from the atoms themselves,
  /// each scaled to norm one.
  private func orthogonalSolution(of vector: UnsafePointer<Scalar>) -> [Scalar] {
    let k = support.count
    let norms = (0..<k).map { gram[$0 * capacity + $0].squareRoot() }
    var columns = Matrix<Scalar>(shape: [k, n], elements: atoms).transposed
    columns.withMutableElements { a in
      for i in 0..<n { for j in 0..<k { a[i * k + j] /= norms[j] } }
    }
    let right = Array(UnsafeBufferPointer(start: vector, count: n))
    guard let found = try? columns.leastSquares(right, relativeCutoff: Scalar.ulpOfOne) else {
      return [Scalar](repeating: .nan, count: k)  // told as not finite by whoever asked
    }
    return zip(found.solution, norms).map { $0 / $1 }
  }

  /// Coefficients after one more correction by their own residual, which becomes as small as rounding
  /// allows.
  ///
  /// - Parameters:
  ///   - coefficients: What `coefficients(of:)` returned.
  ///   - signal: The signal.
  ///   - r: The residual of the corrected coefficients, n numbers, overwritten.
  /// - Returns: The corrected coefficients, or the given ones where no correction helps.
  func corrected(
    _ coefficients: [Scalar], signal: UnsafePointer<Scalar>, into r: UnsafeMutablePointer<Scalar>
  ) -> [Scalar] {
    residual(coefficients, signal: signal, into: r)
    let k = coefficients.count
    var step = [Scalar](repeating: 0, count: k)
    atoms.withUnsafeBufferPointer { Scalar.gemv(false, k, n, 1, $0.start, n, r, 0, &step) }
    solve(&step)
    let better = zip(coefficients, restored(step)).map { $0 + $1 }
    guard better.allSatisfy(\.isFinite) else { return coefficients }
    let norm = Scalar.norm2(n, r)
    residual(better, signal: signal, into: r)
    guard Scalar.norm2(n, r) < norm else {
      residual(coefficients, signal: signal, into: r)
      return coefficients
    }
    return better
  }

  /// How much of every entry of y − D_S a can be rounding.
  ///
  /// A small multiple of |y| + |D_S||a|, entry by entry (Oettli, Prager, Numer. Math. 6, 1964).
  func rounding(_ coefficients: [Scalar], signal: UnsafePointer<Scalar>) -> [Scalar] {
    var bound = (0..<n).map { abs(signal[$0]) }
    for (j, a) in scaledAlike(coefficients).enumerated() {
      for i in 0..<n { bound[i] += abs(atoms[j * n + i] * a) }
    }
    let factor = Scalar(16 * (coefficients.count + 2)) * Scalar.ulpOfOne
    return bound.map { factor * $0 }
  }
}
