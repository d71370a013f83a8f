/// Orthogonal matching pursuit.
///
/// Each iteration adds the atom with the largest |dⱼᵀr|/‖dⱼ‖ and projects the signal on all atoms
/// chosen so far, by a Cholesky factor that grows with the support. D is never formed: one analysis
/// an iteration for a block of signals, and the chosen atoms. Coefficients belong to the original,
/// not the normalised atoms. Source: Pati, Rezaiifar, Krishnaprasad, Asilomar 1993.
/// - Complexity: k analyses, O(k n) memory and O(k² n) operations a signal.
public struct OrthogonalMatchingPursuit<Scalar: NumericScalar>: GreedyPursuit {
  /// The dictionary.
  public let dictionary: any SparseDictionary<Scalar>
  /// The largest number of atoms.
  public let sparsity: Int
  /// The residual norm at which to stop.
  public let residualTolerance: Scalar
  static var name: String { "OMP" }
  private let inverseNorms: [Scalar]

  /// A pursuit.
  ///
  /// - Throws: `PursuitError.sparsity` where there are not so many atoms.
  public init(
    _ dictionary: any SparseDictionary<Scalar>, sparsity: Int, residualTolerance: Scalar = 0
  ) throws {
    try Self.check(sparsity: sparsity, of: dictionary)
    self.dictionary = dictionary
    self.sparsity = sparsity
    self.residualTolerance = residualTolerance
    inverseNorms = dictionary.atomNorms.map { $0 > 0 ? 1 / $0 : 0 }
  }

  /// The codes of a batch of signals.
  ///
  /// - Parameters:
  ///   - signals: Shape [B, n].
  ///   - observe: Called after every iteration of a signal with its number, the iteration, and the
  ///     code so far; returning false ends that signal's pursuit.
  /// - Returns: One code a signal.
  /// - Throws: `ModelError.signalDimension`, `PursuitError.notFinite`.
  public func codes(
    _ signals: Tensor<Scalar>,
    observe: (@Sendable (_ signal: Int, _ code: SparseCode<Scalar>) -> Bool)? = nil
  ) throws -> [SparseCode<Scalar>] {
    func run(_ dictionary: some SparseDictionary<Scalar>) throws -> [SparseCode<Scalar>] {
      try codes(of: signals, blockSize: max(1, dictionary.preferredBatch)) { y, block, results in
        solve(dictionary, y, block.lowerBound, block.count, observe, results)
      }
    }
    return try run(dictionary)
  }

  private func solve(
    _ dictionary: some SparseDictionary<Scalar>, _ y: UnsafePointer<Scalar>, _ first: Int,
    _ count: Int,
    _ observe: (@Sendable (Int, SparseCode<Scalar>) -> Bool)?,
    _ results: UnsafeMutablePointer<SparseCode<Scalar>>
  ) {
    let (n, m) = (dictionary.signalDimension, dictionary.atomCount)
    let capacity = min(sparsity, n, m)
    var sets = (0..<count).map { _ in
      ActiveSet<Scalar>(signalDimension: n, capacity: capacity)
    }
    var running = Array(0..<count)
    Scratch.withMemory(count * (n + m), of: Scalar.self) { residuals in
      let products = residuals + count * n
      for (row, b) in running.enumerated() {
        (residuals + row * n).update(from: y + b * n, count: n)
        results[b].residualNorm = Scalar.norm2(n, y + b * n)
      }
      running = running.filter { results[$0].residualNorm > residualTolerance }
      // Residuals are kept packed: row r belongs to signal running[r].
      for (row, b) in running.enumerated() where row != b {
        (residuals + row * n).update(from: residuals + b * n, count: n)
      }
      while !running.isEmpty {
        dictionary.analyze(residuals, batch: running.count, into: products)
        var chosen = [Int]()
        for row in running.indices {
          chosen.append(largest(products + row * m, m))
        }
        let atoms = dictionary.atoms(chosen)
        var still = [Int]()
        atoms.withElements { atoms in
          for (row, b) in running.enumerated() {
            guard !sets[b].support.contains(chosen[row]),
              sets[b].append(chosen[row], atom: atoms + row * n, signal: y + b * n)
            else { continue }
            results[b].support = sets[b].support
            results[b].coefficients = sets[b].coefficients()
            results[b].iterations += 1
            sets[b].residual(
              results[b].coefficients, signal: y + b * n, into: residuals + row * n)
            results[b].residualNorm = Scalar.norm2(n, residuals + row * n)
            let goesOn = observe?(first + b, results[b]) ?? true
            if goesOn, results[b].support.count < capacity,
              results[b].residualNorm > residualTolerance
            {
              still.append(row)
            }
          }
        }
        for (target, row) in still.enumerated() where target != row {
          (residuals + target * n).update(from: residuals + row * n, count: n)
        }
        running = still.map { running[$0] }
      }
    }
  }

  /// The atom with the largest normalised product; compiled for `Float` and `Double` themselves, as
  /// a generic loop over all atoms costs more than their analysis.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  private func largest(_ products: UnsafePointer<Scalar>, _ m: Int) -> Int {
    var (best, index) = (-Scalar(1), 0)
    for j in 0..<m {
      let value = abs(products[j]) * inverseNorms[j]
      if value > best { (best, index) = (value, j) }
    }
    return index
  }
}
