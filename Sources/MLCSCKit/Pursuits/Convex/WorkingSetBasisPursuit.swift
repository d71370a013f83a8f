/// Basis pursuit for very sparse answers: few atoms at a time, certified on all.
///
///     min ½‖y − Dγ‖² + λ‖γ‖₁
///
/// Solves the problem on a working set W of atoms by cyclic coordinate descent on D_WᵀD_W, finds the
/// exact coefficients of the signs it ends with, (D_SᵀD_S)γ_S = D_Sᵀy − λ sign γ_S, adds the atoms
/// with the largest |dⱼᵀr| > λ and repeats until there are none: then the optimality conditions of
/// the whole problem hold. D is never formed and every signal has its own λ, where `ExactSolver`
/// decomposes DᵀD and iterates on all codes.
/// - Complexity: one analysis a round for the signals not yet done; O(|W|²) a sweep.
public struct WorkingSetBasisPursuit: Sendable {
  /// D.
  public let dictionary: any SparseDictionary<Double>
  /// The atoms added to a working set at a time.
  public var growth = 8
  /// The relative duality gap to certify.
  public var tolerance = 1e-10
  /// The largest number of rounds.
  public var limit = 200

  /// A pursuit.
  public init(_ dictionary: any SparseDictionary<Double>) { self.dictionary = dictionary }

  /// The codes of a batch of signals, each with its support ascending.
  ///
  /// - Parameters:
  ///   - signals: Shape [B, n].
  ///   - penalties: λ > 0 of every signal.
  /// - Returns: One code a signal, with ‖y − Dγ‖₂ and the number of rounds.
  /// - Throws: `ModelError`; `PursuitError.notCertified` where the rounds do not suffice.
  public func codes(_ signals: Tensor<Double>, penalties: [Double]) throws -> [SparseCode<Double>] {
    guard signals.columns == dictionary.signalDimension else {
      throw ModelError.signalDimension(
        expected: dictionary.signalDimension, found: signals.columns)
    }
    guard penalties.count == signals.rows else {
      throw ModelError.parameterCount(
        name: "lambda", expected: signals.rows, found: penalties.count)
    }
    for λ in penalties where !(λ > 0 && λ.isFinite) {
      throw ModelError.parameterOutOfRange(
        name: "lambda", value: "\(λ)", range: "finite and above 0")
    }
    return try run(dictionary, signals, penalties)
  }

  private func run(
    _ dictionary: some SparseDictionary<Double>, _ signals: Tensor<Double>, _ penalties: [Double]
  ) throws -> [SparseCode<Double>] {
    var states = penalties.indices.map {
      WorkingSet(signal: signals.row($0), penalty: penalties[$0])
    }
    var running = Array(states.indices)
    var round = 0
    while !running.isEmpty {
      let residuals = Tensor(
        shape: [running.count, signals.columns], elements: running.flatMap { states[$0].residual })
      let products = dictionary.analyze(residuals)
      var entering = [[Int]]()
      var worst = 0.0
      for (row, b) in running.enumerated() {
        let correlations = products.row(row)
        let gap = states[b].relativeGap(correlations)
        worst = max(worst, gap)
        let violations =
          gap <= tolerance ? [] : states[b].violations(correlations, atMost: growth)
        entering.append(violations)
        // No atom is left to add, yet the gap is open: the working set itself did not converge.
        guard gap <= tolerance || !violations.isEmpty else {
          throw PursuitError.notCertified(gap: gap, tolerance: tolerance, iterations: round)
        }
      }
      guard round < limit else {
        throw PursuitError.notCertified(gap: worst, tolerance: tolerance, iterations: round)
      }
      round += 1
      let added = dictionary.atoms(entering.flatMap { $0 })
      var next = 0
      var still = [Int]()
      for (row, b) in running.enumerated() where !entering[row].isEmpty {
        for j in entering[row] {
          states[b].add(j, atom: added.row(next))
          next += 1
        }
        states[b].solve()
        still.append(b)
      }
      running = still
    }
    return states.map { $0.code(rounds: round) }
  }
}

/// One signal's working set.
private struct WorkingSet {
  let signal: [Double]
  let penalty: Double
  var residual: [Double]
  private var indices: [Int] = []
  private var atoms: [[Double]] = []
  private var gram: [[Double]] = []
  private var products: [Double] = []
  private var values: [Double] = []

  init(signal: [Double], penalty: Double) {
    self.signal = signal
    self.penalty = penalty
    residual = signal
  }

  /// The duality gap relative to the objective, from the products of the residual with all atoms.
  func relativeGap(_ correlations: [Double]) -> Double {
    let n = signal.count
    let largest = correlations.reduce(0) { max($0, abs($1)) }
    let square = Double.squaredNorm(n, residual)
    let inner = Double.dot(n, residual, signal)
    let objective = 0.5 * square + penalty * values.reduce(0) { $0 + abs($1) }
    guard objective > 0, square > 0 else { return 0 }
    let s = max(0, min(inner / square, largest > 0 ? penalty / largest : .infinity))
    return (objective - (s * inner - 0.5 * s * s * square)) / objective
  }

  /// The atoms outside the set with the largest |dⱼᵀr| above λ.
  func violations(_ correlations: [Double], atMost count: Int) -> [Int] {
    let found = correlations.indices.filter { abs(correlations[$0]) > penalty }
    return Array(
      found.filter { !indices.contains($0) }
        .sorted { abs(correlations[$0]) > abs(correlations[$1]) }.prefix(count))
  }

  mutating func add(_ j: Int, atom: [Double]) {
    let n = signal.count
    var row = [Double]()
    for (k, other) in atoms.enumerated() {
      let value = Double.dot(n, atom, other)
      gram[k].append(value)
      row.append(value)
    }
    row.append(Double.squaredNorm(n, atom))
    gram.append(row)
    atoms.append(atom)
    indices.append(j)
    products.append(Double.dot(n, atom, signal))
    values.append(0)
  }

  /// Solves on the set and brings the residual up to date.
  mutating func solve() {
    let k = indices.count
    var slopes = products  // Dᵀ(y − Dγ) on the set
    for (j, value) in values.enumerated() where value != 0 {
      for i in 0..<k { slopes[i] -= gram[j][i] * value }
    }
    let scale = products.reduce(0) { max($0, abs($1)) }
    for _ in 0..<10_000 {
      var change = 0.0
      for j in 0..<k where gram[j][j] > 0 {
        let target = slopes[j] + gram[j][j] * values[j]
        let size = max(abs(target) - penalty, 0) / gram[j][j]
        let step = (target < 0 ? -size : size) - values[j]
        guard step != 0 else { continue }
        values[j] += step
        for i in 0..<k { slopes[i] -= gram[j][i] * step }
        change = max(change, abs(step) * gram[j][j])
      }
      if change <= 1e-13 * scale { break }
    }
    polish()
    residual = signal
    let n = signal.count
    for (j, value) in values.enumerated() where value != 0 {
      residual.withUnsafeMutableBufferPointer { Double.axpy(n, -value, atoms[j], $0.start) }
    }
  }

  /// Replaces the coefficients by the exact ones of their signs, where those agree.
  private mutating func polish() {
    let active = values.indices.filter { values[$0] != 0 }
    guard !active.isEmpty else { return }
    let right = active.map { products[$0] - (values[$0] > 0 ? penalty : -penalty) }
    let system = Matrix(rows: active.map { i in active.map { gram[i][$0] } })
    guard
      let exact = try? system.solve(Matrix(shape: [active.count, 1], elements: right)).elements,
      zip(active, exact).allSatisfy({ $1.isFinite && ($1 > 0) == (values[$0] > 0) })
    else { return }
    for (j, value) in zip(active, exact) { values[j] = value }
  }

  func code(rounds: Int) -> SparseCode<Double> {
    let order = indices.indices.filter { values[$0] != 0 }.sorted { indices[$0] < indices[$1] }
    return SparseCode(
      support: order.map { indices[$0] }, coefficients: order.map { values[$0] },
      residualNorm: Double.norm2(signal.count, residual), iterations: rounds)
  }
}
