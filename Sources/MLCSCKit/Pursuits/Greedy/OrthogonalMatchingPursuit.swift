/// Orthogonal matching pursuit.
///
/// Each iteration adds the atom with the largest |dⱼᵀr|/‖dⱼ‖ and projects the signal on all atoms
/// chosen so far, by a Cholesky factor that grows with the support. D is never formed: one analysis
/// an iteration for a block of signals, and the chosen atoms. Coefficients belong to the original,
/// not the normalised atoms. Source: Pati, Rezaiifar, Krishnaprasad, Asilomar 1993.
///
/// For many signals G = DᵀD pays: Dᵀr = Dᵀy − G_S γ_S costs |S| m in place of an analysis (Batch-OMP:
/// Rubinstein, Zibulevsky, Elad, Technion CS-2008-08), and less for a convolutional dictionary, whose
/// G is local (`ShiftGram`). The products agree up to the rounding of numbers of the signal's size, so
/// once the residual is much smaller they come from it again.
///
/// An atom that depends on those chosen, or whose product with the residual is no more than rounding,
/// is passed over for the next best; a signal ends early only where none is left, or where its
/// residual is rounding in every entry. `SparseCode.stopped` says which.
/// - Complexity: k analyses, O(k n) memory and O(k² n) operations a signal; with G one analysis and
///   O(k² m) operations a signal, and once m analyses and m² numbers, or those of `ShiftGram`.
public struct OrthogonalMatchingPursuit<Scalar: NumericScalar>: GreedyPursuit {
  /// The dictionary.
  public let dictionary: any SparseDictionary<Scalar>
  /// The largest number of atoms.
  public let sparsity: Int
  /// The residual norm at which to stop.
  public let residualTolerance: Scalar
  static var name: String { "OMP" }
  private let inverseNorms: [Scalar]
  private let gram: Gram<Scalar>?

  /// A pursuit.
  ///
  /// - Parameters:
  ///   - dictionary: D.
  ///   - sparsity: The largest number of atoms.
  ///   - residualTolerance: The residual norm at which to stop.
  ///   - signals: The number of signals that are to be coded with the same dictionary: where
  ///     they are worth it, G = DᵀD is formed. 0 never forms it.
  /// - Throws: `PursuitError.sparsity` where there are not so many atoms.
  public init(
    _ dictionary: any SparseDictionary<Scalar>, sparsity: Int, residualTolerance: Scalar = 0,
    formingGramFor signals: Int = 0
  ) throws {
    try Self.check(sparsity: sparsity, of: dictionary)
    self.dictionary = dictionary
    self.sparsity = sparsity
    self.residualTolerance = residualTolerance
    inverseNorms = dictionary.atomNorms.map { $0 > 0 ? 1 / $0 : 0 }
    gram = Gram(
      of: dictionary, analyses: signals.multipliedReportingOverflow(by: sparsity).partialValue)
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
    try codes(of: signals, blockSize: max(1, dictionary.preferredBatch)) { y, block, results in
      solve(y, block.lowerBound, block.count, observe, results)
    }
  }

  /// Compiled for `Float` and `Double` themselves, with all that the active sets do: as generic code
  /// a third of the time goes into the bookkeeping of types.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  private func solve(
    _ y: UnsafePointer<Scalar>, _ first: Int, _ count: Int,
    _ observe: (@Sendable (Int, SparseCode<Scalar>) -> Bool)?,
    _ results: UnsafeMutablePointer<SparseCode<Scalar>>
  ) {
    let (n, m) = (dictionary.signalDimension, dictionary.atomCount)
    let capacity = min(sparsity, n, m)
    var sets = (0..<count).map { _ in
      ActiveSet<Scalar>(signalDimension: n, capacity: capacity)
    }
    var running = Array(0..<count)
    Scratch.withMemory(count * (n + (gram == nil ? m : 2 * m)), of: Scalar.self) { residuals in
      let products = residuals + count * n
      // Dᵀy of every signal, where G is at hand.
      let signalProducts = products + count * m
      for (row, b) in running.enumerated() {
        (residuals + row * n).update(from: y + b * n, count: n)
        results[b].residualNorm = Scalar.norm2(n, y + b * n)
        results[b].stopped = results[b].residualNorm == 0 ? .exact : .residualNorm
      }
      let norms = (0..<count).map { results[$0].residualNorm }
      running = running.filter { results[$0].residualNorm > residualTolerance }
      // Residuals are kept packed: row r belongs to signal running[r].
      for (row, b) in running.enumerated() where row != b {
        (residuals + row * n).update(from: residuals + b * n, count: n)
      }
      var isUnderWay = false
      while !running.isEmpty {
        if let gram, isUnderWay {
          for (row, b) in running.enumerated() {
            let target = products + row * m
            guard results[b].residualNorm > Scalar.ulpOfOne.squareRoot() * norms[b] else {
              dictionary.analyze(residuals + row * n, batch: 1, into: target)
              continue
            }
            target.update(from: signalProducts + b * m, count: m)
            gram.subtract(results[b].coefficients, timesRows: results[b].support, from: target)
          }
        } else {
          dictionary.analyze(residuals, batch: running.count, into: products)
          if gram != nil {
            for (row, b) in running.enumerated() {
              (signalProducts + b * m).update(from: products + row * m, count: m)
            }
          }
          isUnderWay = true
        }
        var chosen = [Int]()
        for row in running.indices {
          chosen.append(
            Scalar.indexOfLargestMagnitude(m, products + row * m, times: inverseNorms))
        }
        let atoms = dictionary.atoms(chosen)
        var still = [Int]()
        atoms.withElements { atoms in
          for (row, b) in running.enumerated() {
            let (signal, residual) = (y + b * n, residuals + row * n)
            let isSmall = results[b].residualNorm <= Self.suspiciouslySmall * norms[b]
            let rounding =
              isSmall ? sets[b].rounding(results[b].coefficients, signal: signal) : []
            let known = gram?.products(of: chosen[row], with: sets[b].support)
            guard
              append(
                chosen[row], atoms + row * n, known, to: &sets[b], signal, residual, rounding)
                || appendNextBest(
                  of: products + row * m, to: &sets[b], signal, residual, rounding)
            else {
              results[b].stopped = .dependent
              measure(&results[b], sets[b], signal, residual)
              continue
            }
            results[b].support = sets[b].support
            results[b].coefficients = sets[b].coefficients(of: signal)
            results[b].iterations += 1
            let square = sets[b].squaredResidual(
              results[b].coefficients, ofSignalWithSquare: norms[b] * norms[b])
            if goesOnWithout(residual: square, norms[b], results[b].support.count, capacity) {
              results[b].residualNorm = square.squareRoot()
            } else {
              measure(&results[b], sets[b], signal, residual)
            }
            let isExact = finish(&results[b], sets[b], signal, residual, norm: norms[b])
            let reason = reason(results[b], isExact, capacity)
            results[b].stopped = reason ?? .complete
            let goesOn = observe?(first + b, results[b]) ?? true
            if reason == nil {
              if goesOn {
                still.append(row)
              } else {
                results[b].stopped = .observer
                measure(&results[b], sets[b], signal, residual)
              }
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

  /// Forms a code's residual and takes its norm.
  private func measure(
    _ code: inout SparseCode<Scalar>, _ set: ActiveSet<Scalar>, _ signal: UnsafePointer<Scalar>,
    _ residual: UnsafeMutablePointer<Scalar>
  ) {
    set.residual(code.coefficients, signal: signal, into: residual)
    code.residualNorm = Scalar.norm2(dictionary.signalDimension, residual)
  }

  /// Whether the next iteration needs a residual's norm only: products come from G, far from rounding.
  ///
  /// The last iteration's residual is always formed.
  private func goesOnWithout(
    residual square: Scalar, _ norm: Scalar, _ count: Int, _ capacity: Int
  ) -> Bool {
    let leastShare = max(
      Scalar.ulpOfOne.squareRoot(), Self.suspiciouslySmall * Self.suspiciouslySmall)
    return gram != nil && residualTolerance == 0 && count < capacity
      && square > leastShare * norm * norm
  }

  /// A residual below this share of the signal may be rounding; above it, it is not looked into.
  private static var suspiciouslySmall: Scalar { Scalar.ulpOfOne * 1e6 }

  /// Why a signal's pursuit ends with the present code; nil where it goes on.
  private func reason(
    _ code: SparseCode<Scalar>, _ isExact: Bool, _ capacity: Int
  ) -> StoppingReason? {
    if code.support.count == sparsity { return .complete }
    if isExact { return .exact }
    if code.residualNorm <= residualTolerance { return .residualNorm }
    return code.support.count == capacity ? .dimension : nil
  }

  /// Improves a code whose residual may be rounding; says whether it is.
  private func finish(
    _ code: inout SparseCode<Scalar>, _ set: ActiveSet<Scalar>, _ signal: UnsafePointer<Scalar>,
    _ residual: UnsafeMutablePointer<Scalar>, norm: Scalar
  ) -> Bool {
    guard code.residualNorm <= Self.suspiciouslySmall * norm else { return false }
    let n = dictionary.signalDimension
    code.coefficients = set.corrected(code.coefficients, signal: signal, into: residual)
    code.residualNorm = Scalar.norm2(n, residual)
    let rounding = set.rounding(code.coefficients, signal: signal)
    return (0..<n).allSatisfy { abs(residual[$0]) <= rounding[$0] }
  }

  /// Appends an atom; false where it is in the set, depends on it, or correlates with the residual by
  /// no more than the rounding of the residual's entries.
  private func append(
    _ j: Int, _ atom: UnsafePointer<Scalar>, _ products: [Scalar]? = nil,
    to set: inout ActiveSet<Scalar>,
    _ signal: UnsafePointer<Scalar>, _ residual: UnsafePointer<Scalar>, _ rounding: [Scalar]
  ) -> Bool {
    guard !set.support.contains(j) else { return false }
    if !rounding.isEmpty {
      var (product, bound) = (Scalar(0), Scalar(0))
      for (i, uncertainty) in rounding.enumerated() {
        product += atom[i] * residual[i]
        bound += abs(atom[i]) * uncertainty
      }
      guard abs(product) > bound else { return false }
    }
    return set.append(j, atom: atom, signal: signal, products: products)
  }

  /// Appends the best atom that can be appended, where the best of all cannot.
  private func appendNextBest(
    of products: UnsafePointer<Scalar>, to set: inout ActiveSet<Scalar>,
    _ signal: UnsafePointer<Scalar>, _ residual: UnsafePointer<Scalar>, _ rounding: [Scalar]
  ) -> Bool {
    let m = dictionary.atomCount
    let values = (0..<m).map { abs(products[$0]) * inverseNorms[$0] }
    let order = (0..<m).filter { values[$0] > 0 }
      .sorted { values[$0] != values[$1] ? values[$0] > values[$1] : $0 < $1 }
    return order.dropFirst().contains { j in
      dictionary.atoms([j]).withElements { append(j, $0, to: &set, signal, residual, rounding) }
    }
  }
}

/// G = DᵀD in the form that a dictionary allows.
private enum Gram<Scalar: NumericScalar> {
  case explicit(Matrix<Scalar>)
  case shifts(ShiftGram<Scalar>)

  /// Atoms up to which all of G is formed; 512 MiB of `Double`.
  private static var largest: Int { 8192 }

  /// Nothing where G costs more than the analyses that it would save.
  init?(of dictionary: any SparseDictionary<Scalar>, analyses: Int) {
    let m = dictionary.atomCount
    if let layer = dictionary as? ConvolutionalDictionary<Scalar>, !layer.geometry.isMatrixProduct,
      ShiftGram<Scalar>.applies(to: layer.geometry)
    {
      let numbers = ShiftGram<Scalar>.count(layer.geometry, filters: layer.filterCount)
      // An inner product with one filter costs as much in G as in an analysis.
      guard numbers <= Self.largest * Self.largest, analyses > numbers / m else { return nil }
      self = .shifts(ShiftGram(layer))
    } else {
      guard m <= Self.largest, analyses > 2 * m else { return nil }
      self = .explicit(dictionary.analyze(dictionary.atoms(Array(0..<m))))
    }
  }

  /// The inner products of an atom with those of a support, and with itself.
  func products(of j: Int, with support: [Int]) -> [Scalar] {
    switch self {
    case .explicit(let gram):
      let m = gram.columns
      return gram.withElements { g in (support + [j]).map { g[j * m + $0] } }
    case .shifts(let gram):
      return (support + [j]).map { gram.product(j, $0) }
    }
  }

  /// target ← target − Σ aⱼ G_j.
  @inline(__always)
  func subtract(
    _ weights: [Scalar], timesRows support: [Int], from target: UnsafeMutablePointer<Scalar>
  ) {
    switch self {
    case .explicit(let gram):
      let m = gram.columns
      gram.withElements { g in
        for (j, a) in zip(support, weights) { Scalar.axpy(m, -a, g + j * m, target) }
      }
    case .shifts(let gram):
      for (j, a) in zip(support, weights) { gram.subtract(a, timesRow: j, from: target) }
    }
  }
}
