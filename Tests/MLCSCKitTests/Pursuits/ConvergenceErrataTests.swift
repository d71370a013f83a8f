// Claim: B's proofs of convergence rest on operators that are not firmly non-expansive, and neither
// the rates nor the inequalities that they end in are true.
import MLCSCKit
import Testing

struct ConvergenceErrataTests {
  /// An instance of the size of B's figure 1: Gaussian dictionaries of unit atoms, ‖y‖ = 1.
  static func instance(_ seed: Int) throws -> MultiLayerProblem<Double> {
    var stream = RandomStream("convergence errata", "\(seed)")
    let model = try MultiLayerModel<Double>([
      DenseDictionary.gaussian(50, 70, normalized: true, from: &stream),
      DenseDictionary.gaussian(70, 60, normalized: true, from: &stream),
    ])
    let signal = Matrix<Double>.normal(1, 50, from: &stream)
    return try MultiLayerProblem(
      model: model, signals: (1 / Double.norm2(50, signal.elements)) * signal,
      penalties: [0.0056, 0.0056])
  }

  // D₁ = [1 0.6; 0 0.8] has λ_max(D₁ᵀD₁) = 1.6. The second entry of u and v is thresholded to zero
  // in both, so only the first entry of T_in differs, by −s·0.6 δ, while u − v has none there:
  // ‖T_in u − T_in v‖² = (0.6 s δ)² > 0 = (T_in u − T_in v)ᵀ(u − v).
  @Test("a pair of points shows that T_in and T_out are not firmly non-expansive")
  func firmness() {
    let dictionary = DenseDictionary<Double>(matrix: Matrix(rows: [[1, 0.6], [0, 0.8]]))
    let identity = DenseDictionary<Double>(matrix: .identity(2))
    let δ = 0.01
    let (u, v) = (Matrix<Double>(rows: [[1, 0]]), Matrix<Double>(rows: [[1, δ]]))
    // D₁u − y is orthogonal to the second atom, so that its entry stays at zero.
    let signal = Matrix<Double>(rows: [[2, -0.75]])
    let (step, threshold) = (0.5, 0.1)
    let operators = [
      TwoLayerOperators(
        first: dictionary, second: identity, signal: signal, innerStep: step, outerStep: 1,
        innerThreshold: threshold, outerThreshold: 0
      ).inner,
      // With D₁ = I and s = 1, T_in is constant; y is what its threshold leaves.
      TwoLayerOperators(
        first: identity, second: dictionary, signal: Matrix(rows: [[2.3, -1.05]]), innerStep: 1,
        outerStep: step, innerThreshold: 0.3, outerThreshold: threshold
      ).outer,
    ]
    for apply in operators {
      let difference = apply(u) - apply(v)
      // Rounding of numbers of order one.
      #expect(abs(abs(difference[0, 0]) - 0.6 * step * δ) < 1e-14 && difference[0, 1] == 0)
      #expect(abs(difference.dot(u - v)) < 1e-17)
      #expect(difference.dot(difference) > 8e-6)
    }
  }

  // What B needs for a limit to exist, and what its random pairs could not tell from firmness.
  @Test("with steps up to 1/λ_max they are non-expansive", arguments: 0..<10)
  func nonexpansive(_ seed: Int) throws {
    let (operators, _) = try Self.operators(seed, scale: 1)
    var stream = RandomStream("non-expansive", "\(seed)")
    for _ in 0..<200 {
      let u = Matrix<Double>.normal(1, 14, from: &stream)
      let v = Matrix<Double>.normal(1, 14, from: &stream)
      let γ = Matrix<Double>.normal(1, 12, from: &stream)
      let ζ = Matrix<Double>.normal(1, 12, from: &stream)
      for (image, points) in [
        (operators.inner(u) - operators.inner(v), u - v),
        (operators.outer(γ) - operators.outer(ζ), γ - ζ),
      ] {
        #expect(image.dot(image) <= points.dot(points) * (1 + 1e-12))
      }
    }
  }

  // Erratum 3: B asks s < λ_max(D₁ᵀD₁) and η < λ_max(D₂ᵀD₂) where 1/λ_max is meant.
  @Test("steps just below λ_max, as printed, make both operators expand")
  func printedSteps() throws {
    let (operators, largest) = try Self.operators(0, scale: nil)
    #expect(largest.allSatisfy { $0 > 2 })
    let zero = Matrix<Double>(zeros: 1, 14)
    var stream = RandomStream("printed steps")
    let u = 100 * Matrix<Double>.normal(1, 14, from: &stream)
    let inner = operators.inner(u) - operators.inner(zero)
    #expect(inner.dot(inner) > u.dot(u))
    let γ = 100 * Matrix<Double>.normal(1, 12, from: &stream)
    let outer = operators.outer(γ) - operators.outer(Matrix(zeros: 1, 12))
    #expect(outer.dot(outer) > γ.dot(γ))
  }

  /// Operators of random dictionaries with steps `scale`/λ_max, or 0.99 λ_max, and both λ_max.
  private static func operators(
    _ seed: Int, scale: Double?
  ) throws -> (operators: TwoLayerOperators, largest: [Double]) {
    var stream = RandomStream("operators", "\(seed)")
    let first = DenseDictionary<Double>.gaussian(10, 14, normalized: true, from: &stream)
    let second = DenseDictionary<Double>.gaussian(14, 12, normalized: true, from: &stream)
    let largest = try [first, second].map { try $0.squaredSpectralNorm().estimate }
    let steps = largest.map { λ in scale.map { $0 / λ } ?? 0.99 * λ }
    return (
      TwoLayerOperators(
        first: first, second: second, signal: .normal(1, 10, from: &stream), innerStep: steps[0],
        outerStep: steps[1], innerThreshold: 0.02, outerThreshold: 0.02), largest
    )
  }

  // γ* is the fixed point itself, so that not the bias but the inequality is judged.
  @Test("‖γᵏ − γ*‖² exceeds ‖γ⁰ − γ*‖²/(k + 1) from the first iteration on", arguments: 0..<3)
  func distance(_ seed: Int) throws {
    let pursuit = try MultiLayerISTA(try Self.instance(seed))
    let limit = pursuit.makeIterator()
    for _ in 0..<60_000 { limit.step() }
    let fixed = limit.deepest
    limit.step()
    #expect(largestDifference(limit.deepest, fixed) < 1e-12)
    let start = fixed.dot(fixed)
    let iterator = pursuit.makeIterator()
    // An independent computation found 1.7 to 1.9, 5 to 9 and 11 to 31 on instances of this kind.
    let least = [1: 1.5, 10: 4.0, 100: 8.0]
    for k in 1...100 {
      iterator.step()
      let left = iterator.deepest - fixed
      guard let least = least[k] else { continue }
      #expect(left.dot(left) > least * start / Double(k + 1))
    }
  }

  // A sequence that converges to the optimum at rate O(1/k) keeps k(F(γᵏ) − F*) bounded; these stop
  // above F*, so that the products grow as k and k² do.
  @Test("neither O(1/k) nor O(1/k²): the gap stays while k grows", arguments: 0..<2)
  func rates(_ seed: Int) throws {
    let problem = try Self.instance(seed)
    let exact = try ExactSolver(tolerance: 1e-12).solve(problem)
    let best = problem.objective(at: exact.codes[1])[0]
    func gaps(_ iterator: ProximalIterator<Double>) -> [Double] {
      [20_000, 60_000].map { count in
        while iterator.iteration < count { iterator.step() }
        return problem.objective(at: iterator.deepest)[0] - best
      }
    }
    for gaps in [
      gaps(try MultiLayerISTA(problem).makeIterator()),
      gaps(try MultiLayerFISTA(problem).makeIterator()),
    ] {
      // Three times the iterations leave the gap, far above the certificate of 1e-12, as it was.
      #expect(gaps[1] > 0.95 * gaps[0] && gaps[1] > 1e-4 * best)
    }
  }

  @Test("ML-FISTA's gap exceeds 2c‖γ⁰ − γ*‖²/(k + 1)² once it has come to its floor")
  func accelerated() throws {
    let problem = try Self.instance(0)
    let exact = try ExactSolver(tolerance: 1e-12).solve(problem)
    let best = problem.objective(at: exact.codes[1])[0]
    let c = try ComposedDictionary<Double>(factors: problem.model.layers).squaredSpectralNorm()
      .upperBound
    let distance = exact.codes[1].dot(exact.codes[1])
    let iterator = try MultiLayerFISTA(problem).makeIterator()
    for _ in 0..<3_000 { iterator.step() }
    let gap = problem.objective(at: iterator.deepest)[0] - best
    #expect(gap > 2 * c * distance / (3_001 * 3_001))
  }
}
