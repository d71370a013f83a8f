import Algorithms

/// Subspace pursuit.
///
/// Keeps a support of k atoms; each iteration merges in the k atoms that correlate most with the
/// residual, projects, prunes to the k largest |aⱼ|‖dⱼ‖ and projects again, until the residual no
/// longer falls; then the previous estimate is returned. Source: Dai, Milenkovic, IEEE Trans. Inf.
/// Theory 55, 2009 [14 in P]. Atoms that depend on the ones already merged are passed over, so a
/// support can be smaller than k (always where k exceeds the dimension of the signal).
/// - Complexity: one analysis, which several signals share, and O(k² n + k³) operations an iteration
///   and signal; O(k n + k²) memory a signal.
public struct SubspacePursuit<Scalar: NumericScalar>: GreedyPursuit {
  /// The dictionary.
  public let dictionary: any SparseDictionary<Scalar>
  /// k, the number of atoms.
  public let sparsity: Int
  /// The largest number of iterations.
  public let limit: Int
  /// The least squared sine between an atom and the span of those merged before it.
  ///
  /// Closer ones are passed over, which keeps the coefficients bounded where k comes close to n. Below √ulp the set
  /// is solved by orthogonal transformations where the normal equations do not do.
  public var leastIndependence = Scalar.ulpOfOne.squareRoot()
  /// The least `leastIndependence` that tells an atom from a combination of others: a sine some
  /// thousand times its rounding.
  public static var numericalDependence: Scalar { ActiveSet<Scalar>.numericalDependence }
  static var name: String { "subspace pursuit" }
  private let norms: [Scalar]

  /// A pursuit.
  ///
  /// - Throws: `PursuitError.sparsity` where there are not so many atoms.
  public init(_ dictionary: any SparseDictionary<Scalar>, sparsity: Int, limit: Int = 100) throws {
    try self.init(dictionary, sparsity: sparsity, limit: limit, norms: dictionary.atomNorms)
  }

  /// A pursuit with norms that are known already, for several sparsities on one dictionary.
  ///
  /// - Throws: `PursuitError.sparsity` where there are not so many atoms.
  public init(
    _ dictionary: any SparseDictionary<Scalar>, sparsity: Int, limit: Int = 100, norms: [Scalar]
  ) throws {
    try Self.check(sparsity: sparsity, of: dictionary)
    self.dictionary = dictionary
    self.sparsity = sparsity
    self.limit = limit
    self.norms = norms
  }

  /// The codes of a batch of signals, each with its support ascending.
  ///
  /// - Parameter signals: Shape [B, n].
  /// - Returns: One code a signal.
  /// - Throws: `ModelError.signalDimension`, `PursuitError.notFinite`.
  public func codes(_ signals: Tensor<Scalar>) throws -> [SparseCode<Scalar>] {
    // Signals of a block share every analysis; where there are few signals, each has a thread.
    let size = signals.rows <= 16 ? 1 : min(8, max(1, dictionary.preferredBatch))
    return try codes(of: signals, blockSize: size) { y, block, results in
      solve(y, block.count, results)
    }
  }

  /// Solves for the signals of a block, which come to an end one by one; compiled for `Float` and
  /// `Double` themselves, with all that the active sets do.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  private func solve(
    _ y: UnsafePointer<Scalar>, _ count: Int,
    _ results: UnsafeMutablePointer<SparseCode<Scalar>>
  ) {
    let (n, m) = (dictionary.signalDimension, dictionary.atomCount)
    let k = min(sparsity, n)
    var sets = (0..<count).map { _ in
      ActiveSet<Scalar>(
        signalDimension: n, capacity: min(2 * k, n, m), leastIndependence: leastIndependence)
    }
    for b in 0..<count {
      let norm = Scalar.norm2(n, y + b * n)
      results[b].residualNorm = norm
      results[b].stopped = norm > 0 ? .iterations : .exact
    }
    Scratch.withMemory(count * (n + m), of: Scalar.self) { residuals in
      let products = residuals + count * n
      var running = (0..<count).filter { results[$0].residualNorm > 0 && limit > 0 }
      for (row, b) in running.enumerated() {
        (residuals + row * n).update(from: y + b * n, count: n)
      }
      while !running.isEmpty {
        // Residuals are kept packed: row r belongs to signal running[r].
        dictionary.analyze(residuals, batch: running.count, into: products)
        let merged = running.enumerated().map { row, b in
          let known = Set(sets[b].support)
          return mostCorrelated(products + row * m, m, k).filter { !known.contains($0) }
        }
        let atoms = dictionary.atoms(merged.flatMap { $0 })
        var (still, place) = ([Int](), 0)
        atoms.withElements { atoms in
          for (row, b) in running.enumerated() {
            sets[b].append(merged[row], atoms: atoms + place * n, signal: y + b * n)
            place += merged[row].count
            // All residuals have been analysed, so that the next packed row is free.
            let residual = residuals + still.count * n
            if improve(&results[b], &sets[b], to: k, signal: y + b * n, residual) {
              still.append(b)
            }
          }
        }
        running = still
      }
    }
    for b in 0..<count where results[b].residualNorm > 0 || !results[b].support.isEmpty {
      if results[b].support.count == sparsity { results[b].stopped = .complete }
      let (support, coefficients) = (results[b].support, results[b].coefficients)
      let order = support.indices.sorted { support[$0] < support[$1] }
      results[b].support = order.map { support[$0] }
      results[b].coefficients = order.map { coefficients[$0] }
    }
  }

  /// Prunes a merged set, projects, and takes the outcome over where it is better.
  ///
  /// - Parameters:
  ///   - best: The code so far.
  ///   - set: The atoms of the code and those merged in.
  ///   - k: How many atoms stay.
  ///   - y: The signal.
  ///   - residual: Where the new residual goes.
  /// - Returns: Whether the pursuit goes on.
  private func improve(
    _ best: inout SparseCode<Scalar>, _ set: inout ActiveSet<Scalar>, to k: Int,
    signal y: UnsafePointer<Scalar>, _ residual: UnsafeMutablePointer<Scalar>
  ) -> Bool {
    let n = dictionary.signalDimension
    prune(&set, to: k, y)
    var coefficients = set.coefficients(of: y)
    set.residual(coefficients, signal: y, into: residual)
    var norm = Scalar.norm2(n, residual)
    var isExact = false
    if norm <= Scalar.ulpOfOne * 1e6 * Scalar.norm2(n, y) {
      coefficients = set.corrected(coefficients, signal: y, into: residual)
      (isExact, coefficients) = withoutRounding(&set, coefficients, y, residual)
      norm = Scalar.norm2(n, residual)
    }
    guard norm < best.residualNorm || isExact else {
      best.stopped = best.support.count == n ? .dimension : .settled
      return false
    }
    best = SparseCode(
      support: set.support, coefficients: coefficients, residualNorm: norm,
      iterations: best.iterations + 1, stopped: isExact ? .exact : .iterations)
    return !isExact && best.iterations < limit
  }

  private func prune(
    _ set: inout ActiveSet<Scalar>, to k: Int, _ signal: UnsafePointer<Scalar>
  ) {
    guard set.support.count > k else { return }
    let support = set.support
    let sizes = zip(set.coefficients(of: signal), support).map { abs($0) * norms[$1] }
    let order = sizes.indices.sorted {
      sizes[$0] != sizes[$1] ? sizes[$0] > sizes[$1] : support[$0] < support[$1]
    }
    set.keep(order[..<k].sorted())
  }

  /// Where the residual is rounding in every entry: drops the atoms without which it still is.
  ///
  /// - Returns: Whether the residual is rounding, and the coefficients of the set.
  private func withoutRounding(
    _ set: inout ActiveSet<Scalar>, _ coefficients: [Scalar], _ signal: UnsafePointer<Scalar>,
    _ residual: UnsafeMutablePointer<Scalar>
  ) -> (isExact: Bool, coefficients: [Scalar]) {
    func isRounding(_ set: ActiveSet<Scalar>, _ coefficients: [Scalar]) -> Bool {
      let bound = set.rounding(coefficients, signal: signal)
      return bound.indices.allSatisfy { abs(residual[$0]) <= bound[$0] }
    }
    guard isRounding(set, coefficients) else { return (false, coefficients) }
    let sizes = zip(coefficients, set.support).map { abs($0) * norms[$1] }
    let negligible = Scalar.ulpOfOne * 1e6 * (sizes.max() ?? 0)
    let kept = sizes.indices.filter { sizes[$0] > negligible }
    guard kept.count < sizes.count else { return (true, coefficients) }
    var smaller = set
    smaller.keep(kept)
    let fewer = smaller.corrected(
      smaller.coefficients(of: signal), signal: signal, into: residual)
    if isRounding(smaller, fewer) {
      set = smaller
      return (true, fewer)
    }
    set.residual(coefficients, signal: signal, into: residual)
    return (true, coefficients)
  }

  /// The k atoms with the largest |dⱼᵀr|/‖dⱼ‖, largest first.
  private func mostCorrelated(_ products: UnsafePointer<Scalar>, _ m: Int, _ k: Int) -> [Int] {
    let values = (0..<m).map { norms[$0] > 0 ? abs(products[$0]) / norms[$0] : 0 }
    return (0..<m).max(count: k) {
      values[$0] != values[$1] ? values[$0] < values[$1] : $0 > $1
    }.reversed().filter { values[$0] > 0 }
  }
}
