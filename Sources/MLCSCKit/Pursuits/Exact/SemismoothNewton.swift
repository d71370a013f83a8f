/// Certified multi-layer basis pursuit of one signal whose answer has few deepest atoms.
///
///     min over γ of ½‖y − Aγ‖² + Σ λᵢ‖Wᵢγ‖₁,   A = D₁ ⋯ D_L,  Wᵢ = D_{i+1} ⋯ D_L,  W_L = I
///
/// The method of multipliers on aᵢ = Wᵢγ (Rockafellar, Math. Oper. Res. 1, 1976), whose augmented
/// Lagrangians are piecewise quadratic and minimised by a semismooth Newton method with an exact
/// line search (Li, Sun, Toh, SIAM J. Optim. 28, 2018), on a working set of deepest atoms: after
/// every change of the multipliers qᵢ the atoms enter that violate |Aᵀν − Σ Wᵢᵀqᵢ| ≤ λ_L with
/// ν = y − Aγ. The same ν and q are the dual point of the certificate, see `ExactSolver`. The weights
/// ρ of the augmented terms grow until the gap is closed; once the zeros of all layers are found,
/// the optimality conditions on them give the answer to rounding.
/// - Complexity: for w atoms in the set, w³/3 operations a Newton step; products with D₁ … D_L as
///   operators once a change of multipliers. The matrices A and Wᵢ are formed for the set only.
package struct SemismoothNewton {
  /// What was found for the signal.
  package struct Outcome {
    /// γ_L.
    package let code: [Double]
    /// The objective at γ_L and its certified gap.
    package let certificate: Certificate
    /// Which stacked rows γ₁ … γ_L are zero, where their conditions were solved; else nil.
    package let zeros: [Bool]?
    /// Newton steps.
    package let steps: Int
    let history: [HistoryEntry]
  }

  /// A certified code on the working set.
  struct Candidate {
    let code: [Double]
    let certificate: Certificate
    /// Aᵀν − Σ Wᵢᵀqᵢ of all atoms.
    let correlations: [Double]
  }

  let problem: MultiLayerProblem<Double>
  let signal: Int
  let tolerance: Double
  let limit: Int

  var set: DeepestWorkingSet
  var penalty: AugmentedPenalty
  /// The code on the working set, its stacked codes of all layers and their multipliers.
  var code: [Double] = []
  var stacked: [Double] = []
  var multipliers: [Double] = []
  private var system = SemismoothNewtonSystem()
  private var steps = 0

  /// The factor from one scale of the weights to the next.
  private let growth = 4.0
  /// Beyond this scale the rounding of ρu is larger than what the gap can gain.
  private let largestScale = 1e7

  /// A solver of one signal's problem.
  ///
  /// - Parameters:
  ///   - problem: λ_L must be positive.
  ///   - signal: The row of the signals.
  ///   - tolerance: The relative duality gap to reach.
  ///   - limit: The largest number of Newton steps.
  package init(
    _ problem: MultiLayerProblem<Double>, signal: Int, tolerance: Double, limit: Int
  ) {
    self.problem = problem
    self.signal = signal
    self.tolerance = tolerance
    self.limit = limit
    set = DeepestWorkingSet(problem.model, signal: problem.signals.row(signal))
    penalty = AugmentedPenalty(layers: [], nonnegative: problem.nonnegative)
  }

  /// Whether a problem is one for this method.
  ///
  /// It has several layers and matrices too large to decompose quickly. Smaller ones are solved
  /// as a batch by `ExactSolver`'s decomposition.
  package static func suits(_ problem: MultiLayerProblem<Double>) -> Bool {
    let rows = problem.model.layers.reduce(0) { $0 + $1.atomCount }
    return problem.model.depth > 1 && rows * problem.model.deepestDimension >= 500_000
  }

  /// Solves the problem of the signal.
  ///
  /// - Returns: The best code found; its gap says whether that is good enough.
  /// - Throws: `LinearAlgebraError` where numbers are not finite.
  package mutating func solve(clock: (() -> Double)?) throws -> Outcome {
    let start = clock?() ?? 0
    prepare()
    var history = [HistoryEntry]()
    var best: (candidate: Candidate, zeros: [Bool]?)?
    var lastZeros = [Bool]()
    var stalled = 0
    while true {
      let zeros = try minimize()
      multipliers = penalty.multipliers(stacked, multipliers)
      let found = certified(code, stacked, multipliers)
      let violators = violators(found.correlations)
      let earlier = best?.candidate.certificate.gap ?? .infinity
      if violators.isEmpty, isNear(found, zerosStand: zeros == lastZeros),
        let polished = polished(zeros), polished.certificate.gap < earlier
      {
        best = (polished, zeros)
      }
      if found.certificate.gap < best?.candidate.certificate.gap ?? .infinity {
        best = (found, nil)
      }
      lastZeros = zeros
      let reached = best?.candidate ?? found
      history.append(
        HistoryEntry(
          iteration: steps, seconds: (clock?() ?? 0) - start,
          objective: reached.certificate.objective))
      let advances = reached.certificate.gap < earlier || !violators.isEmpty
      stalled = advances || penalty.scale < largestScale ? 0 : stalled + 1
      if reached.certificate.meets(tolerance) || steps >= limit || stalled > 8 {
        return outcome(reached, best?.zeros, history)
      }
      let inside = gap(of: found, among: set.indices)
      if !violators.isEmpty { grow(found.correlations) }
      if inside >= 0.1 * found.certificate.gap {
        penalty.scale = min(penalty.scale * growth, largestScale)
      }
    }
  }

  /// Whether the optimality conditions on the present zeros may be worth solving.
  ///
  /// Non-negative codes are feasible to rounding only once that is done, and infinite until then.
  private func isNear(_ found: Candidate, zerosStand: Bool) -> Bool {
    guard found.certificate.objective.isFinite else { return zerosStand }
    return found.certificate.gap < (zerosStand ? 1e-2 : 1e-6) * found.certificate.objective
  }

  private func outcome(
    _ candidate: Candidate, _ zeros: [Bool]?, _ history: [HistoryEntry]
  ) -> Outcome {
    let inner = set.innerCount
    var code = [Double](repeating: 0, count: problem.model.deepestDimension)
    var all = zeros.map { Array($0[..<inner]) + [Bool](repeating: true, count: code.count) }
    // The set may have grown since the candidate was found.
    for (position, value) in candidate.code.enumerated() {
      let j = set.indices[position]
      code[j] = value
      if let zeros { all?[inner + j] = zeros[inner + position] }
    }
    return Outcome(
      code: code, certificate: candidate.certificate, zeros: all, steps: steps, history: history)
  }

  /// The first atoms, and weights that balance the layers with the data term.
  private mutating func prepare() {
    let model = problem.model
    let inner = set.innerCount
    let y = problem.signals.row(signal)
    multipliers = Array(repeating: 0, count: inner)
    stacked = multipliers
    let correlations = correlations(residual: y, multipliers: multipliers)
    let first = ordered(correlations.indices.map { $0 }, by: correlations)
      .prefix(max(32, model.deepestDimension / 50)).map { $0 }
    set.add(first)
    var offset = 0
    let trace = (0..<set.count).reduce(0.0) { $0 + set.gram[$1 * set.count + $1] }
    var squares = [Double](repeating: 0, count: inner)
    for j in 0..<set.count {
      for r in 0..<inner {
        let entry = set.inner[j * inner + r]
        squares[r] += entry * entry
      }
    }
    for (i, layer) in model.layers.enumerated() {
      let isDeepest = i == model.depth - 1
      let range = offset..<offset + (isDeepest ? set.count : layer.atomCount)
      let square = isDeepest ? Double(set.count) : squares[range].reduce(0, +)
      let weight = square > 0 ? 0.1 * trace / (Double(model.depth) * square) : 0
      penalty.layers.append(
        .init(
          range: range, penalty: problem.penalty(i, signal), weight: weight > 0 ? weight : 1))
      offset = range.upperBound
    }
    code = Array(repeating: 0, count: set.count)
    stacked += code
    multipliers += clipped(first.map { correlations[$0] })
  }

  /// Adds atoms that violate their bound, and those that come close to it.
  private mutating func grow(_ correlations: [Double]) {
    let λ = problem.penalty(problem.model.depth - 1, signal)
    let close = correlations.indices.filter {
      !set.contains[$0] && size(correlations[$0]) > 0.95 * λ
    }
    let new = Array(ordered(close, by: correlations).prefix(max(20, set.count / 2)))
    set.add(new)
    let none = [Double](repeating: 0, count: new.count)
    code += none
    stacked += none
    multipliers += clipped(new.map { correlations[$0] })
    let last = penalty.layers.count - 1
    penalty.layers[last].range = set.innerCount..<stacked.count
    system.forget()
  }

  /// Minimises the augmented Lagrangian on the working set; which stacked rows are zero there.
  private mutating func minimize() throws -> [Bool] {
    let inner = set.innerCount
    let λ = problem.penalty(problem.model.depth - 1, signal)
    let energy =
      0.5
      * Double.squaredNorm(
        problem.signals.columns, problem.signals.row(signal))
    system.forget()
    var isLast = false
    for iteration in 0..<100 {
      let next = penalty.multipliers(stacked, multipliers)
      let smooth = zip(set.gramProduct(code), set.products).map(-)
      let pulled = set.innerProducts(Array(next[..<inner]))
      let gradient = smooth.indices.map { smooth[$0] + pulled[$0] + next[inner + $0] }
      let largest = gradient.reduce(0) { max($0, abs($1)) }
      guard largest.isFinite else {
        throw LinearAlgebraError.noConvergence(routine: "Newton's method", info: iteration)
      }
      let zero = penalty.isZero(stacked, multipliers)
      if iteration > 0, isLast || largest <= 1e-9 * λ || steps >= limit { return zero }
      guard let direction = system.direction(set, penalty, zero: zero, gradient: gradient) else {
        throw LinearAlgebraError.noConvergence(routine: "Newton's method", info: iteration)
      }
      let change = set.innerCodes(direction) + direction
      let slope = Double.dot(direction.count, direction, smooth)
      let curvature = Double.dot(direction.count, direction, set.gramProduct(direction))
      guard
        let found = penalty.minimum(
          slope: slope, curvature: curvature, stacked, change, multipliers)
      else { return zero }
      // What is left to gain is below rounding: this step still sharpens the gradient.
      isLast = -found.slope <= 1e-16 * energy
      for (i, d) in direction.enumerated() { code[i] += found.step * d }
      stacked = set.innerCodes(code) + code
      steps += 1
    }
    return penalty.isZero(stacked, multipliers)
  }
}
