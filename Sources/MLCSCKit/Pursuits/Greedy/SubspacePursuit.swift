/// Subspace pursuit.
///
/// Keeps a support of k atoms; each iteration merges in the k atoms that correlate most with the
/// residual, projects, prunes to the k largest |aⱼ|‖dⱼ‖ and projects again, until the residual no
/// longer falls; then the previous estimate is returned. Source: Dai, Milenkovic, IEEE Trans. Inf.
/// Theory 55, 2009 [14 in P]. Atoms that depend on the ones already merged are passed over, so a
/// support can be smaller than k (always where k exceeds the dimension of the signal).
/// - Complexity: one analysis and O(k² n + k³) operations an iteration and signal.
public struct SubspacePursuit<Scalar: NumericScalar>: GreedyPursuit {
  /// The dictionary.
  public let dictionary: any SparseDictionary<Scalar>
  /// k, the number of atoms.
  public let sparsity: Int
  /// The largest number of iterations.
  public let limit: Int
  /// The least squared sine between an atom and the span of those merged before it; closer ones are
  /// passed over, which keeps the coefficients bounded where k comes close to n.
  public var leastIndependence = Scalar.ulpOfOne.squareRoot()
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
    let k = min(sparsity, n)
    return Scratch.withMemory(n + m, of: Scalar.self) { residual in
      let products = residual + n
      var set = ActiveSet<Scalar>(
        signalDimension: n, capacity: min(2 * k, n, m), leastIndependence: leastIndependence)
      residual.update(from: y, count: n)
      var best = SparseCode<Scalar>(
        support: [], coefficients: [], residualNorm: Scalar.norm2(n, y), iterations: 0)
      guard best.residualNorm > 0 else { return best }
      while best.iterations < limit {
        dictionary.analyze(residual, batch: 1, into: products)
        let known = Set(set.support)
        let merged = mostCorrelated(products, m, k).filter { !known.contains($0) }
        let atoms = dictionary.atoms(merged)
        atoms.withElements { set.append(merged, atoms: $0, signal: y) }
        prune(&set, to: k)
        let coefficients = set.coefficients()
        set.residual(coefficients, signal: y, into: residual)
        let norm = Scalar.norm2(n, residual)
        guard norm < best.residualNorm else { break }
        best = SparseCode(
          support: set.support, coefficients: coefficients, residualNorm: norm,
          iterations: best.iterations + 1)
      }
      let order = best.support.indices.sorted { best.support[$0] < best.support[$1] }
      best.coefficients = order.map { best.coefficients[$0] }
      best.support = order.map { best.support[$0] }
      return best
    }
  }

  private func prune(_ set: inout ActiveSet<Scalar>, to k: Int) {
    guard set.support.count > k else { return }
    let support = set.support
    let sizes = zip(set.coefficients(), support).map { abs($0) * norms[$1] }
    let order = sizes.indices.sorted {
      sizes[$0] != sizes[$1] ? sizes[$0] > sizes[$1] : support[$0] < support[$1]
    }
    set.keep(order[..<k].sorted())
  }

  /// The k atoms with the largest |dⱼᵀr|/‖dⱼ‖, largest first.
  private func mostCorrelated(_ products: UnsafePointer<Scalar>, _ m: Int, _ k: Int) -> [Int] {
    let values = (0..<m).map { norms[$0] > 0 ? abs(products[$0]) / norms[$0] : 0 }
    let order = (0..<m).sorted { values[$0] != values[$1] ? values[$0] > values[$1] : $0 < $1 }
    return order.prefix(k).filter { values[$0] > 0 }
  }
}
