/// Basis pursuit on a few atoms at a time, certified on all.
///
///     min ½‖y − Dγ‖² + λ‖γ‖₁                (γ ≥ 0 where asked for)
///
/// Solves the problem on a working set of atoms to rounding, adds the atoms with the largest |dⱼᵀr|,
/// as many as the code has, and repeats until the duality gap of the whole problem is small. The
/// sets grow and are pruned as in celer and skglm (Massias, Gramfort, Salmon, arXiv 1802.07481;
/// Bertrand et al., arXiv 2204.07826). Those extrapolate residuals of an unfinished descent to get a
/// better dual point; here every set is solved, so that its residual is what they extrapolate to.
/// There is no Gap Safe screening: on Gaussian dictionaries with sparse codes the gap before the last
/// round was still 0.09 to 0.7 of the objective, too much to drop an atom, and after it nothing is left. D is never formed, and every signal has its own λ.
/// - Complexity: one analysis a round, O(k² n) for a set of k atoms, and what `GramBasisPursuit`
///   says; O(k² + k n + m) memory a signal.
public struct WorkingSetBasisPursuit: Sendable {
  /// D.
  public let dictionary: any SparseDictionary<Double>
  /// Whether codes must be non-negative.
  public var nonnegative = false
  /// The least number of atoms to add to a working set at a time.
  public var growth = 48
  /// The relative duality gap to certify.
  public var tolerance = 1e-10
  /// The largest number of rounds.
  public var limit = 200

  /// A pursuit.
  public init(_ dictionary: any SparseDictionary<Double>) { self.dictionary = dictionary }

  /// A code with the objective and the duality gap recomputed from its residual.
  public struct Solution: Sendable {
    /// The code, its support ascending; its iterations are rounds.
    public let code: SparseCode<Double>
    /// What is certain of it.
    public let certificate: Certificate
  }

  /// The codes of a batch of signals, each with its support ascending.
  ///
  /// - Parameters:
  ///   - signals: Shape [B, n].
  ///   - penalties: λ > 0 of every signal.
  /// - Returns: One code a signal, with ‖y − Dγ‖₂ and the number of rounds.
  /// - Throws: `ModelError`; `PursuitError.notCertified` where the rounds do not suffice;
  ///   `PursuitError.notFinite` where the signals or the dictionary are not.
  public func codes(_ signals: Tensor<Double>, penalties: [Double]) throws -> [SparseCode<Double>] {
    try solve(signals, penalties: penalties).map(\.code)
  }

  /// The codes of a batch of signals with their certificates.
  ///
  /// - Parameters:
  ///   - signals: Shape [B, n].
  ///   - penalties: λ > 0 of every signal.
  /// - Returns: One solution a signal.
  /// - Throws: As `codes(_:penalties:)`.
  public func solve(_ signals: Tensor<Double>, penalties: [Double]) throws -> [Solution] {
    try path(signals, penalties: [penalties]).map { $0[0] }
  }

  /// The codes of a batch of signals for one list of penalties after the other.
  ///
  /// Each step begins with the set and the code of the step before, so penalties that fall slowly
  /// cost little more than the last of them alone.
  ///
  /// - Parameters:
  ///   - signals: Shape [B, n].
  ///   - penalties: For every step λ > 0 of every signal.
  /// - Returns: For every signal one solution a step.
  /// - Throws: As `codes(_:penalties:)`.
  public func path(_ signals: Tensor<Double>, penalties: [[Double]]) throws -> [[Solution]] {
    guard signals.columns == dictionary.signalDimension else {
      throw ModelError.signalDimension(
        expected: dictionary.signalDimension, found: signals.columns)
    }
    for step in penalties {
      guard step.count == signals.rows else {
        throw ModelError.parameterCount(name: "lambda", expected: signals.rows, found: step.count)
      }
      for λ in step where !(λ > 0 && λ.isFinite) {
        throw ModelError.parameterOutOfRange(
          name: "lambda", value: "\(λ)", range: "finite and above 0")
      }
    }
    // A few signals share every analysis; where there are few of them, each has a thread.
    let size = signals.rows <= 16 ? 1 : 8
    let count = (signals.rows + size - 1) / size
    var groups = [Result<[[Solution]], any Error>](repeating: .success([]), count: count)
    groups.withUnsafeMutableBufferPointer { groups in
      Parallelism.forEach(count) { i in
        let rows = i * size..<min((i + 1) * size, signals.rows)
        groups[i] = Result { try follow(dictionary, signals, rows, penalties) }
      }
    }
    return try groups.flatMap { try $0.get() }
  }

  /// Solves for some of the signals, one step after the other.
  private func follow(
    _ dictionary: some SparseDictionary<Double>, _ signals: Tensor<Double>, _ rows: Range<Int>,
    _ penalties: [[Double]]
  ) throws -> [[Solution]] {
    var states = rows.map {
      WorkingSet(
        signal: signals.row($0), atomCount: dictionary.atomCount, penalty: 1,
        nonnegative: nonnegative)
    }
    var found = [[Solution]](repeating: [], count: rows.count)
    try analyze(dictionary, &states, Array(states.indices), round: 0)
    for step in penalties {
      let targets = Array(step[rows])
      let solutions = try solve(dictionary, &states, targets)
      for (b, solution) in solutions.enumerated() { found[b].append(solution) }
    }
    return found
  }

  /// Solves for one penalty each; on a way of larger penalties where it does not work at once.
  ///
  /// Far below λ_max the signs of a code cannot be found from none; halving λ keeps them close.
  private func solve(
    _ dictionary: some SparseDictionary<Double>, _ states: inout [WorkingSet],
    _ penalties: [Double]
  ) throws -> [Solution] {
    for (b, λ) in penalties.enumerated() { states[b].penalty = λ }
    let start = states
    var ratios = [Double]()
    do {
      return try solve(dictionary, &states, within: tolerance, failures: 1)
    } catch let error as PursuitError {
      guard case .notCertified = error else { throw error }
      states = start
      ratios = zip(states, penalties).map { state, λ in max(state.largestCorrelation / λ, 1) }
      // So far below λ_max the objective itself is rounding, and no way leads there.
      guard ratios.allSatisfy({ $0 <= Self.largestRatio }) else { throw error }
    }
    let steps = Int(Double.log2(ratios.max() ?? 1).rounded(.up))
    for i in 1..<max(steps, 1) {
      for (b, λ) in penalties.enumerated() {
        let fraction = 1 - Double(i) / Double(steps)
        states[b].penalty = λ * Double.pow(ratios[b], fraction)
      }
      // A step that falls short still leaves the next one closer.
      _ = try? solve(dictionary, &states, within: max(tolerance, 1e-3), failures: 3)
    }
    for (b, λ) in penalties.enumerated() { states[b].penalty = λ }
    return try solve(dictionary, &states, within: tolerance, failures: 20)
  }

  /// The largest λ_max/λ for which a way of smaller steps is tried.
  private static var largestRatio: Double { 0x1p60 }

  /// Rounds until every signal is certified.
  ///
  /// - Parameters:
  ///   - dictionary: D.
  ///   - states: The signals, with their penalties.
  ///   - tolerance: The relative gap to certify.
  ///   - mostFailures: How often a set may be left unsolved before that is the end.
  /// - Returns: One solution a signal.
  /// - Throws: `PursuitError.notCertified`, `PursuitError.notFinite`.
  private func solve(
    _ dictionary: some SparseDictionary<Double>, _ states: inout [WorkingSet],
    within tolerance: Double, failures mostFailures: Int
  ) throws -> [Solution] {
    var solutions = [Solution?](repeating: nil, count: states.count)
    var gaps = [Double](repeating: .infinity, count: states.count)
    var failures = [Int](repeating: 0, count: states.count)
    for round in 0... {
      var entering = [Int: [Int]]()
      for b in states.indices where solutions[b] == nil {
        let certificate = states[b].certificate
        if certificate.meets(tolerance) {
          solutions[b] = Solution(code: states[b].code(rounds: round), certificate: certificate)
          continue
        }
        // All sets were solved, no atom violates its condition and the last round was of no use:
        // rounding is reached.
        let isUseful =
          certificate.gap < gaps[b] || states[b].hasViolations || failures[b] > 0
        guard round < limit, isUseful, failures[b] < mostFailures else {
          let last = try certificateBeyondRounding(dictionary, states[b]) ?? certificate
          guard last.meets(tolerance) else {
            throw PursuitError.notCertified(
              gap: last.gap / last.objective, tolerance: tolerance, iterations: round)
          }
          solutions[b] = Solution(code: states[b].code(rounds: round), certificate: last)
          continue
        }
        gaps[b] = certificate.gap
        entering[b] = states[b].entering(atLeast: growth)
      }
      let running = entering.keys.sorted()
      guard !running.isEmpty else { break }
      for b in running {
        let new = entering[b] ?? []
        let isSolved = dictionary.atoms(new).withElements { rows in
          states[b].solve(adding: new, rows: rows, tolerance: tolerance)
        }
        if !isSolved { failures[b] += 1 }
      }
      try analyze(dictionary, &states, running, round: round + 1)
    }
    return solutions.compactMap { $0 }
  }

  /// The certificate with the corrected residual as the dual point.
  private func certificateBeyondRounding(
    _ dictionary: some SparseDictionary<Double>, _ state: WorkingSet
  ) throws -> Certificate? {
    guard let dual = state.correctedResidual else { return nil }
    let products = dictionary.analyze(Matrix(shape: [1, dual.count], elements: dual)).elements
    return products.allSatisfy(\.isFinite)
      ? state.certificate(dual: dual, correlations: products) : nil
  }

  /// Dᵀr of some of the signals.
  private func analyze(
    _ dictionary: some SparseDictionary<Double>, _ states: inout [WorkingSet], _ running: [Int],
    round: Int
  ) throws {
    let (n, m) = (dictionary.signalDimension, dictionary.atomCount)
    let areFinite = Scratch.withMemory(running.count * (n + m), of: Double.self) { residuals in
      let products = residuals + running.count * n
      for (row, b) in running.enumerated() {
        (residuals + row * n).update(from: states[b].residual, count: n)
      }
      dictionary.analyze(residuals, batch: running.count, into: products)
      return running.enumerated().allSatisfy { row, b in
        states[b].update(correlations: products + row * m)
      }
    }
    guard areFinite else {
      throw PursuitError.notFinite(
        pursuit: "working-set basis pursuit", iteration: round, stepSize: 0)
    }
  }
}
