/// What an iteration of K-SVD reports.
public struct KSVDRecord: Codable, Sendable, Equatable {
  /// The iteration, from 1.
  public let iteration: Int
  /// Σ‖y − Dγ‖² / Σ‖y‖² after sparse coding.
  public let errorAfterCoding: Double
  /// The same after the atoms were updated; never above the one before it.
  public let errorAfterUpdate: Double
  /// Atoms that no signal used and that were replaced.
  public let replacedAtoms: Int
}

/// What the atoms of a learned dense dictionary may be.
public enum AtomConstraint: Sendable {
  /// Any vector of unit norm.
  case none
  /// At most so many non-zeros in an orthonormal basis Φ: d = Φa, ‖a‖₀ ≤ p.
  case sparse(basis: DenseDictionary<Double>, nonzeros: Int)
}

/// K-SVD: a dense dictionary learned from a batch of signals.
///
///     min Σ_t ‖y_t − Dγ_t‖²  subject to ‖γ_t‖₀ ≤ k, ‖dⱼ‖ = 1
///
/// An iteration codes all signals by orthogonal matching pursuit and then goes through the atoms.
/// For atom j, with the signals that use it and their residual E without it, alternate
///
///     d ← Eᵀg / ‖Eᵀg‖,   g ← E d
///
/// which lowers ‖E − g dᵀ‖ at every half step and converges to E's leading singular pair. Source:
/// Aharon, Elad, Bruckstein, IEEE TSP 54(11), 2006; a single sweep is the approximate K-SVD of
/// Rubinstein, Zibulevsky, Elad (2008). With atoms sparse in an orthonormal basis Φ, d ← ΦH_p(ΦᵀEᵀg)
/// (p largest entries), scaled to unit norm: the best such atom for a given g, as Φ preserves norms
/// (the double sparsity of Rubinstein, Zibulevsky, Elad, IEEE TSP 58(3), 2010).
///
/// A greedy pursuit can return worse codes than those already there. Only where their total error
/// is higher does each signal keep the better of the two, so the error never rises, in coding or in
/// updating; doing so for every signal in every iteration was seen to lock supports in. An atom that
/// no signal uses becomes the signal that is represented worst; atoms much alike are left as they
/// are, since replacing one can raise the error, so a few planted atoms stay unfound.
/// - Complexity: one OMP of all signals, and O(N k n) a sweep over the atoms, an iteration.
public struct KSVD: Sendable {
  /// The dictionary learned so far, atoms of unit norm.
  public internal(set) var dictionary: DenseDictionary<Double>
  /// The codes of the signals; empty before the first iteration.
  public internal(set) var codes: [SparseCode<Double>] = []
  /// What the iterations reported.
  public internal(set) var history: [KSVDRecord] = []
  /// k, the non-zeros of a code.
  public let sparsity: Int
  /// The sweeps d, g an atom and iteration.
  public let sweeps: Int
  private let signals: Tensor<Double>
  private let constraint: AtomConstraint

  /// A learner whose first atoms are signals drawn without repetition.
  ///
  /// - Parameters:
  ///   - signals: Y, shape [N, n], finite.
  ///   - atomCount: m, at most the number of signals other than zero.
  ///   - sparsity: k, at most m and n.
  ///   - constraint: What the atoms may be.
  ///   - sweeps: How often the pair (d, g) of an atom is refined an iteration.
  ///   - stream: Draws the first atoms.
  /// - Throws: `ModelError.parameterOutOfRange` naming what does not fit, `PursuitError.notFinite`.
  public init(
    signals: Tensor<Double>, atomCount: Int, sparsity: Int,
    constraint: AtomConstraint = .none, sweeps: Int = 1, stream: inout RandomStream
  ) throws {
    try Self.checkFinite(signals)
    let n = signals.columns
    let usable = (0..<signals.rows).filter { row in
      signals.withElements { Double.squaredNorm(n, $0 + row * n) } > 0
    }
    try Self.check("number of atoms", atomCount, in: 1...max(1, usable.count))
    guard !usable.isEmpty else {
      throw ModelError.parameterOutOfRange(
        name: "number of signals other than zero", value: "0", range: "at least 1")
    }
    try self.init(
      signals: signals,
      atoms: signals.gathering(
        rows: stream.indices(atomCount, below: usable.count).map { usable[$0] }),
      sparsity: sparsity, constraint: constraint, sweeps: sweeps)
  }

  /// A learner with given first atoms, which are made to meet the constraint.
  ///
  /// - Parameters:
  ///   - signals: Y, shape [N, n], finite.
  ///   - atoms: The first atoms, shape [m, n], none of them zero.
  ///   - sparsity: k, at most m and n.
  ///   - constraint: What the atoms may be.
  ///   - sweeps: How often the pair (d, g) of an atom is refined an iteration.
  /// - Throws: `ModelError` naming what does not fit, `PursuitError.notFinite`.
  public init(
    signals: Tensor<Double>, atoms: Tensor<Double>, sparsity: Int,
    constraint: AtomConstraint = .none, sweeps: Int = 1
  ) throws {
    let (n, m) = (signals.columns, atoms.rows)
    guard atoms.columns == n else {
      throw ModelError.signalDimension(expected: n, found: atoms.columns)
    }
    try Self.checkFinite(signals)
    try Self.checkFinite(atoms)
    try Self.check("sparsity", sparsity, in: 1...max(1, min(m, n)))
    try Self.check("sweeps", sweeps, in: 1...Int.max)
    try Self.check(constraint, signalDimension: n)
    self.signals = signals
    self.sparsity = sparsity
    self.sweeps = sweeps
    self.constraint = constraint
    var first = atoms
    first.withMutableElements { p in
      for j in 0..<m { Self.project(p + j * n, n, constraint) }
    }
    dictionary = DenseDictionary(atomRows: first)
  }

  private static func checkFinite(_ tensor: Tensor<Double>) throws {
    guard tensor.withElements({ Double.allFinite(tensor.count, $0) }) else {
      throw PursuitError.notFinite(pursuit: "K-SVD", iteration: 0, stepSize: 0)
    }
  }

  private static func check(_ name: String, _ value: Int, in range: ClosedRange<Int>) throws {
    guard range.contains(value) else {
      let bounds =
        range.upperBound == .max
        ? "at least \(range.lowerBound)" : "between \(range.lowerBound) and \(range.upperBound)"
      throw ModelError.parameterOutOfRange(name: name, value: "\(value)", range: bounds)
    }
  }

  private static func check(_ constraint: AtomConstraint, signalDimension n: Int) throws {
    guard case .sparse(let basis, let nonzeros) = constraint else { return }
    try check("non-zeros of an atom", nonzeros, in: 1...n)
    let shape = [basis.atomCount, basis.signalDimension]
    guard shape == [n, n] else {
      throw ModelError.parameterOutOfRange(
        name: "shape of the basis", value: "\(shape)", range: "\([n, n])")
    }
    let gram = basis.atomRows.gramOfRows
    for i in 0..<n {
      for j in 0...i where abs(gram[i, j] - (i == j ? 1 : 0)) > 1e-9 {
        throw ModelError.parameterOutOfRange(
          name: "inner product of basis vectors \(i) and \(j)", value: "\(gram[i, j])",
          range: "\(i == j ? 1 : 0): the basis must be orthonormal")
      }
    }
  }

  /// One iteration: codes for all signals, then a new vector for every atom.
  ///
  /// - Parameter interrupted: Called before coding and before updating; what it throws leaves the
  ///   learner as it was.
  /// - Throws: What `interrupted` throws.
  public mutating func iterate(interrupted: () throws -> Void = {}) throws {
    try interrupted()
    let coded = try betterCodes()
    try interrupted()
    var update = KSVDUpdate(signals: signals, codes: coded, atoms: dictionary.atomRows)
    let before = update.relativeSquaredError
    var replaced = 0
    for j in 0..<dictionary.atomCount {
      if update.isUnused(j) {
        if update.replaceByWorstSignal(j, { Self.project($0, $1, constraint) }) { replaced += 1 }
      } else {
        update.refine(j, sweeps) { Self.project($0, $1, constraint) }
      }
    }
    dictionary = DenseDictionary(atomRows: update.atoms)
    codes = update.updatedCodes()
    history.append(
      KSVDRecord(
        iteration: history.count + 1, errorAfterCoding: before,
        errorAfterUpdate: update.relativeSquaredError, replacedAtoms: replaced))
  }

  /// OMP's codes; where their total error is above that of the codes already there, each signal
  /// keeps the better of its two.
  private func betterCodes() throws -> [SparseCode<Double>] {
    let found = try OrthogonalMatchingPursuit<Double>(
      dictionary, sparsity: sparsity, formingGramFor: signals.rows
    ).codes(signals)
    func total(_ codes: [SparseCode<Double>]) -> Double {
      codes.reduce(0) { $0 + $1.residualNorm * $1.residualNorm }
    }
    guard codes.count == found.count, total(found) > total(codes) else { return found }
    return zip(found, codes).map { $0.residualNorm <= $1.residualNorm ? $0 : $1 }
  }

  /// Scales a vector to unit norm, after the basis has kept its largest entries where atoms are
  /// sparse.
  private static func project(
    _ atom: UnsafeMutablePointer<Double>, _ n: Int, _ constraint: AtomConstraint
  ) {
    if case .sparse(let basis, let nonzeros) = constraint, nonzeros < n {
      var entries = [Double](repeating: 0, count: n)
      basis.analyze(atom, batch: 1, into: &entries)
      let order = entries.indices.sorted {
        abs(entries[$0]) != abs(entries[$1]) ? abs(entries[$0]) > abs(entries[$1]) : $0 < $1
      }
      for i in order.dropFirst(nonzeros) { entries[i] = 0 }
      basis.synthesize(entries, batch: 1, into: atom)
    }
    let norm = Double.norm2(n, atom)
    if norm > 0 { Double.scale(n, 1 / norm, atom) }
  }

  /// N, the number of signals it learns from.
  var signalCount: Int { signals.rows }

  /// The free numbers of the dictionary: m·n, or m·p where atoms have p non-zeros in a basis.
  public var parameterCount: Int {
    if case .sparse(_, let nonzeros) = constraint { return dictionary.atomCount * nonzeros }
    return dictionary.atomCount * dictionary.signalDimension
  }
}
