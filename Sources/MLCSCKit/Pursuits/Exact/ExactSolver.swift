import Foundation

/// A solver of the multi-layer basis pursuit problem that certifies its answer.
///
/// The certificate is the dual
///
///     max νᵀy − ½‖ν‖²  subject to  Aᵀν = Σᵢ Wᵢᵀqᵢ,  |qᵢ| ≤ λᵢ  (qᵢ ≤ λᵢ for non-negative codes)
///
/// with A = D₁ ⋯ D_L and Wᵢ = D_{i+1} ⋯ D_L (W_L = I), at ν = s(y − Aγ), the multipliers qᵢ of i < L
/// scaled by the same s and q_L taking the remainder: feasible by construction, whatever the rounding
/// of the iteration. One of three methods finds γ and q.
///
/// **One layer:** `WorkingSetBasisPursuit`.
///
/// **Several layers, small problems:** ADMM on the splitting aᵢ = Wᵢγ with an exact inner step. The
/// generalised eigenvectors V of AᵀA and M = Σ WᵢᵀWᵢ, VᵀMV = I and VᵀAᵀAV = Λ, make that step diagonal
/// for every penalty ρ at once:
///
///     γ = V (Λ + ρ)⁻¹ Vᵀ (Aᵀy + ρ Σ Wᵢᵀ(aᵢ − uᵢ)),
///     aᵢ = S_{λᵢ/ρ}(Wᵢγ + uᵢ),   uᵢ ← uᵢ + Wᵢγ − aᵢ,
///
/// so each signal of a batch has its own, adapted ρ at the price of two matrix products for all.
/// Once the signs of the aᵢ settle, the optimality conditions on that active set are a linear
/// system, whose solution polishes the answer to rounding.
///
/// **Several layers with m_L Σmᵢ ≥ 500,000:** `SemismoothNewton`, signal by signal on the threads
/// there are. Signals that it leaves open (λ_L hundreds of times below the other layers' penalties)
/// go to the second method if m_L ≤ 4,000.
/// Dictionaries in other units (1e4 times larger, say, with penalties to match) are solved in
/// `BinaryUnits`.
/// - Complexity: the second method forms the products of dictionaries and takes O(m_L³) once, then
///   O(B m_L Σmᵢ) an iteration; the third O(w³) a step for w atoms, somewhat more than the answer
///   has.
public struct ExactSolver: Sendable {
  /// The relative duality gap to reach for every signal.
  public var tolerance: Double
  /// The largest number of iterations; with one layer, of rounds.
  public var limit: Int

  /// A solver.
  public init(tolerance: Double = 1e-10, limit: Int = 200_000) {
    self.tolerance = tolerance
    self.limit = limit
  }

  /// Solves every signal of a problem.
  ///
  /// - Parameters:
  ///   - problem: λ_L must be positive for every signal.
  ///   - clock: Seconds from a fixed moment, for the history.
  /// - Returns: γ₁ … γ_L with γᵢ = D_{i+1} γ_{i+1} and the certified gap of every signal.
  /// - Throws: `PursuitError.notCertified` when the iterations do not suffice;
  ///   `PursuitError.unsupported` when λ_L is zero; `PursuitError.notRepresentable`; `LinearAlgebraError` for entries not finite,
  ///   with one layer `PursuitError.notFinite`.
  public func solve(
    _ problem: MultiLayerProblem<Double>, clock: (() -> Double)? = nil
  ) throws -> PursuitSolution<Double> {
    for b in 0..<problem.batch where problem.penalty(problem.model.depth - 1, b) <= 0 {
      throw PursuitError.unsupported(
        pursuit: "exact",
        reason: "the deepest lambda is 0, where no scaling makes a dual point feasible; "
          + "give a positive one")
    }
    let units = BinaryUnits(
      of: problem.model, signals: problem.signals, isStrict: problem.model.depth > 1)
    guard units.areOriginal else {
      return try units.restored(solveInUnits(units.scaled(problem), clock: clock))
    }
    return try solveInUnits(problem, clock: clock)
  }

  /// Solves a problem whose numbers are near one.
  private func solveInUnits(
    _ problem: MultiLayerProblem<Double>, clock: (() -> Double)?
  ) throws -> PursuitSolution<Double> {
    if problem.model.depth == 1 { return try solveOneLayer(problem) }
    if SemismoothNewton.suits(problem) {
      return try solveOneByOne(problem, clock: clock)
    }
    return try solveByDecomposition(problem, clock: clock)
  }

  /// Solves all signals together by the method for small problems of several layers.
  package func solveByDecomposition(
    _ problem: MultiLayerProblem<Double>, clock: (() -> Double)?
  ) throws -> PursuitSolution<Double> {
    let split = try SplitProblem(problem)
    var state = ExactState(split)
    var best = [ExactState.Candidate?](repeating: nil, count: problem.batch)
    var history = [HistoryEntry]()
    let start = clock?() ?? 0
    var iterations = 0
    var nextCheck = 20
    var nextAdaptation = 10
    while !state.active.isEmpty, iterations < limit {
      state.iterate()
      iterations += 1
      // Penalties adapt often at first and ever more rarely, as convergence asks for.
      if iterations == nextAdaptation {
        state.adaptPenalties()
        nextAdaptation += max(10, iterations / 10)
      }
      guard iterations == nextCheck || iterations == limit else { continue }
      nextCheck += max(20, iterations / 4)
      let candidates = try state.candidates(tolerance: tolerance, iterations: iterations)
      var remaining = [Int]()
      for (row, candidate) in candidates.enumerated() {
        let b = state.active[row]
        if candidate.certificate.gap < best[b]?.certificate.gap ?? .infinity {
          best[b] = candidate
        }
        if let found = best[b], found.certificate.meets(tolerance) { continue }
        remaining.append(row)
      }
      let objective = best.reduce(0) { $0 + ($1?.certificate.objective ?? 0) }
      history.append(
        HistoryEntry(
          iteration: iterations, seconds: (clock?() ?? 0) - start, objective: objective))
      state.keep(rows: remaining)
    }
    return try finish(problem, split, best, iterations, history)
  }

  private func solveOneLayer(
    _ problem: MultiLayerProblem<Double>
  ) throws -> PursuitSolution<Double> {
    var pursuit = WorkingSetBasisPursuit(problem.model.layers[0])
    pursuit.nonnegative = problem.nonnegative
    pursuit.tolerance = tolerance
    pursuit.limit = limit
    let found = try pursuit.solve(
      problem.signals, penalties: (0..<problem.batch).map { problem.penalty(0, $0) })
    return PursuitSolution(
      codes: [found.map(\.code).densified(problem.model.deepestDimension)],
      iterations: found.map(\.code.iterations).max() ?? 0, stopped: .dualityGap,
      dualityGaps: found.map(\.certificate.gap))
  }

  private func finish(
    _ problem: MultiLayerProblem<Double>, _ split: SplitProblem, _ best: [ExactState.Candidate?],
    _ iterations: Int, _ history: [HistoryEntry]
  ) throws -> PursuitSolution<Double> {
    var deepest = Tensor<Double>(zeros: problem.batch, problem.model.deepestDimension)
    var gaps = [Double]()
    for (b, candidate) in best.enumerated() {
      guard let candidate, candidate.certificate.meets(tolerance) else {
        let relative = best[b].map { $0.certificate.gap / max($0.certificate.objective, 1e-300) }
        throw PursuitError.notCertified(
          gap: relative ?? .infinity, tolerance: tolerance, iterations: iterations)
      }
      for (j, value) in candidate.code.enumerated() { deepest[b, j] = value }
      gaps.append(candidate.certificate.gap)
    }
    var solution = PursuitSolution(
      codes: problem.model.propagate(deepest), iterations: iterations, stopped: .dualityGap,
      dualityGaps: gaps, history: history)
    solution.codes = Self.cleaned(solution.codes, zeros: best.map { $0?.zeros })
    return solution
  }
}

/// The matrices of a multi-layer problem after splitting.
struct SplitProblem {
  let problem: MultiLayerProblem<Double>
  /// A = D₁ ⋯ D_L, shape [n, m].
  let a: Matrix<Double>
  /// W₁ … W_{L−1} and the identity stacked, shape [P, m].
  let w: Matrix<Double>
  /// W V, shape [P, m].
  let wv: Matrix<Double>
  /// V, shape [m, m].
  let v: Matrix<Double>
  /// Λ.
  let eigenvalues: [Double]
  /// Aᵀy and VᵀAᵀy of every signal, shape [B, m].
  let ay: Matrix<Double>
  let vay: Matrix<Double>
  /// AᵀA, shape [m, m].
  let gram: Matrix<Double>
  /// For every stacked row, its layer from 0.
  let layerOfRow: [Int]

  init(_ problem: MultiLayerProblem<Double>) throws {
    self.problem = problem
    let model = problem.model
    func explicit(_ d: some SparseDictionary<Double>) -> Matrix<Double> { d.matrix() }
    a = explicit(model.effectiveDictionary(model.depth))
    let m = model.deepestDimension
    var rows = [Double]()
    var layers = [Int]()
    for i in 1..<max(model.depth, 1) {
      let block = explicit(model.composition(from: i + 1, through: model.depth))
      rows += block.elements
      layers += Array(repeating: i - 1, count: block.rows)
    }
    rows += Matrix<Double>.identity(m).elements
    layers += Array(repeating: model.depth - 1, count: m)
    w = Matrix(shape: [layers.count, m], elements: rows)
    layerOfRow = layers
    gram = a.multiplied(by: a, transposingSelf: true)
    (eigenvalues, v) = try gram.generalizedEigen(
      with: w.multiplied(by: w, transposingSelf: true))
    wv = w.multiplied(by: v)
    ay = problem.signals.multiplied(by: a)
    vay = ay.multiplied(by: v)
  }

  var m: Int { w.columns }
  var stacked: Int { w.rows }

  func penalty(_ row: Int, _ signal: Int) -> Double { problem.penalty(layerOfRow[row], signal) }

  /// The certificate of a code with multipliers of the layers before the last.
  func certificate(_ code: [Double], multipliers q: [Double], signal b: Int) -> Certificate {
    let n = a.rows
    var residual = problem.signals.row(b)
    let y = residual
    var correlation = [Double](repeating: 0, count: m)
    let inner = stacked - m
    var coded = [Double](repeating: 0, count: stacked)
    a.withElements { a in
      Double.gemv(false, n, m, -1, a, m, code, 1, &residual)
      Double.gemv(true, n, m, 1, a, m, residual, 0, &correlation)
    }
    w.withElements { w in
      if inner > 0 { Double.gemv(true, inner, m, -1, w, m, q, 1, &correlation) }
      Double.gemv(false, stacked, m, 1, w, m, code, 0, &coded)
    }
    var objective = 0.5 * Double.squaredNorm(n, residual)
    var scale = 1.0
    let nonnegative = problem.nonnegative
    let negligible = 1e-12 * (coded.map(abs).max() ?? 0)
    for row in 0..<stacked {
      let λ = penalty(row, b)
      if λ > 0 { objective += λ * abs(coded[row]) }
      if nonnegative, coded[row] < -negligible { objective = .infinity }
      let value = row < inner ? q[row] : correlation[row - inner]
      let size = nonnegative ? value : abs(value)
      if size > λ { scale = min(scale, λ / size) }
    }
    let square = Double.squaredNorm(n, residual)
    let product = Double.dot(n, residual, y)
    // The dual value along the ray is s·rᵀy − ½s²‖r‖²; beyond s = 1 feasibility is not checked.
    let s = square > 0 ? max(0, min(scale, product / square)) : 0
    return Certificate(
      objective: objective, dual: s * product - 0.5 * s * s * square,
      residualIsZero: residual.allSatisfy { $0 == 0 })
  }
}
