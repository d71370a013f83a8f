import RealModule

/// Polishing an approximate solution of the multi-layer problem to rounding.
extension SplitProblem {
  /// The solution of the optimality conditions on one active set.
  private struct Equilibrium {
    let code: [Double]
    /// Multipliers of all stacked rows; those of the deepest layer follow from stationarity.
    let multipliers: [Double]
    /// W γ.
    let coded: [Double]
  }

  /// Primal-dual active set iterations from a sign pattern.
  ///
  /// Solves the optimality conditions on the active set, then releases zero rows whose multiplier
  /// exceeds λ and fixes rows whose sign turned, until nothing changes (a semi-smooth Newton method:
  /// Hintermüller, Ito, Kunisch, SIAM J. Optim. 13, 2002). Away from the solution an active set may
  /// have dependent atoms or contradictory zeros; the systems are therefore those of the proximal
  /// method of multipliers (Rockafellar, 1976), always regular, whose reference point moves along
  /// while its weight σ falls. What is returned is the candidate with the smallest certified gap.
  ///
  /// - Parameters:
  ///   - pattern: The signs of all stacked rows.
  ///   - start: A code and the multipliers of all stacked rows, the first reference point.
  ///   - b: The signal.
  ///   - tolerance: The relative gap at which to stop.
  ///   - isThorough: Whether to go on from far away, at some twenty times the cost.
  /// - Returns: The best candidate; nil where the first system was singular.
  func polish(
    _ pattern: [Int8], from start: (code: [Double], multipliers: [Double]), signal b: Int,
    tolerance: Double, isThorough: Bool
  ) -> ExactState.Candidate? {
    var signs = pattern
    var reference = start
    var best: ExactState.Candidate?
    let inner = stacked - m
    let size = (0..<m).reduce(0.0) { $0 + gram[$1, $1] } / Double(m)
    let exponents = [-11] + (isThorough ? (4...22).map { -$0 / 2 } : [])
    for (attempt, exponent) in exponents.enumerated() {
      let σ = size * Double.pow(10, Double(exponent))
      // The barely regularised attempt comes first, as it is the last word close to the solution.
      if attempt == 1 { signs = pattern }
      for _ in 0..<10 {
        guard let found = equilibrium(signs, reference, σ, signal: b) else { return best }
        let q = (0..<inner).map { row -> Double in
          let λ = penalty(row, b)
          let value = found.multipliers[row]
          return problem.nonnegative ? min(value, λ) : min(max(value, -λ), λ)
        }
        let certificate = certificate(found.code, multipliers: q, signal: b)
        if certificate.gap.isFinite, certificate.gap < best?.certificate.gap ?? .infinity {
          best = ExactState.Candidate(
            code: found.code, certificate: certificate, zeros: signs.map { $0 == 0 })
          if certificate.meets(tolerance) { return best }
        }
        let next = corrected(signs, found, signal: b)
        if attempt > 0 { reference = (found.code, found.multipliers) }
        guard next != signs else { break }
        signs = next
      }
    }
    return best
  }

  private func corrected(_ signs: [Int8], _ found: Equilibrium, signal b: Int) -> [Int8] {
    var next = signs
    for row in 0..<stacked {
      let λ = penalty(row, b)
      if signs[row] == 0 {
        if found.multipliers[row] > λ { next[row] = 1 }
        if found.multipliers[row] < -λ, !problem.nonnegative { next[row] = -1 }
      } else if found.coded[row] * Double(signs[row]) <= 0, λ > 0 || problem.nonnegative {
        next[row] = 0
      }
    }
    return next
  }

  /// Solves the optimality conditions on an active set.
  ///
  /// With Z the zero rows of the inner layers, F the non-zero deepest entries and g the gradient of
  /// the penalty for the given signs:  A_FᵀA_F γ + g + W_{Z,F}ᵀ ν + σ(γ − γ') = A_Fᵀy and
  /// W_{Z,F} γ = σ(ν − ν').
  private func equilibrium(
    _ signs: [Int8], _ reference: (code: [Double], multipliers: [Double]), _ σ: Double,
    signal b: Int
  ) -> Equilibrium? {
    let inner = stacked - m
    let free = (0..<m).filter { signs[inner + $0] != 0 }
    // A row without penalty (λ = 0) and without sign constraint binds nothing.
    let zero = (0..<inner).filter {
      signs[$0] == 0 && (penalty($0, b) > 0 || problem.nonnegative)
    }
    let f = free.count
    var q = [Double](repeating: 0, count: stacked)
    for row in 0..<stacked where signs[row] != 0 { q[row] = penalty(row, b) * Double(signs[row]) }
    var code = [Double](repeating: 0, count: m)
    if f > 0 {
      guard let solved = solveConditions(free, zero, q, reference, σ, signal: b) else { return nil }
      for (i, j) in free.enumerated() { code[j] = solved[i, 0] }
      for (k, row) in zero.enumerated() { q[row] = solved[f + k, 0] }
    }
    guard code.allSatisfy(\.isFinite) else { return nil }
    // Stationarity gives the deepest multipliers: q_L = Aᵀ(y − Aγ) − Σ Wᵢᵀqᵢ.
    let n = a.rows
    var residual = problem.signals.row(b)
    var deepest = [Double](repeating: 0, count: m)
    var coded = [Double](repeating: 0, count: stacked)
    a.withElements { a in
      Double.gemv(false, n, m, -1, a, m, code, 1, &residual)
      Double.gemv(true, n, m, 1, a, m, residual, 0, &deepest)
    }
    w.withElements { w in
      if inner > 0 { Double.gemv(true, inner, m, -1, w, m, q, 1, &deepest) }
      Double.gemv(false, stacked, m, 1, w, m, code, 0, &coded)
    }
    for j in 0..<m where signs[inner + j] == 0 { q[inner + j] = deepest[j] }
    return Equilibrium(code: code, multipliers: q, coded: coded)
  }

  private func solveConditions(
    _ free: [Int], _ zero: [Int], _ q: [Double],
    _ reference: (code: [Double], multipliers: [Double]), _ σ: Double, signal b: Int
  ) -> Matrix<Double>? {
    let (inner, f, z) = (stacked - m, free.count, zero.count)
    var gradient = [Double](repeating: 0, count: m)
    if inner > 0 { w.withElements { Double.gemv(true, inner, m, 1, $0, m, q, 0, &gradient) } }
    var system = Matrix<Double>(zeros: f + z, f + z)
    var right = Matrix<Double>(zeros: f + z, 1)
    for (i, j) in free.enumerated() {
      for (k, l) in free.enumerated() { system[i, k] = gram[j, l] }
      system[i, i] += σ
      right[i, 0] = ay[b, j] - gradient[j] - q[inner + j] + σ * reference.code[j]
      for (k, row) in zero.enumerated() {
        system[i, f + k] = w[row, j]
        system[f + k, i] = w[row, j]
      }
    }
    for (k, row) in zero.enumerated() {
      system[f + k, f + k] = -σ
      right[f + k, 0] = -σ * reference.multipliers[row]
    }
    return try? system.solve(right)
  }
}
