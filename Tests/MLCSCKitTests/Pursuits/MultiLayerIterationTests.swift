// Claim: the papers' three ways to write ML-ISTA are one iteration, and where they differ in print,
// they solve another problem.
import MLCSCKit
import Testing

struct MultiLayerIterationTests {
  static let penalties = [0.03, 0.02]

  /// Two dictionaries with ‖D₁‖ scaled to a given norm, and a signal.
  static func model(
    _ seed: Int, firstNorm: Double? = nil
  ) throws -> (first: DenseDictionary<Double>, second: DenseDictionary<Double>, y: Matrix<Double>) {
    var stream = RandomStream("multi-layer iteration", "\(seed)")
    var first = DenseDictionary<Double>.gaussian(10, 14, normalized: true, from: &stream)
    let second = DenseDictionary<Double>.gaussian(14, 12, normalized: true, from: &stream)
    if let firstNorm {
      let norm = try first.squaredSpectralNorm().estimate.squareRoot()
      first = DenseDictionary(atomRows: (firstNorm / norm) * first.atomRows)
    }
    return (first, second, .normal(1, 10, from: &stream))
  }

  static func problem(
    _ seed: Int, firstNorm: Double? = nil, penalties: [Double] = penalties,
    nonnegative: Bool = false
  ) throws -> MultiLayerProblem<Double> {
    let (first, second, y) = try model(seed, firstNorm: firstNorm)
    return try MultiLayerProblem(
      model: MultiLayerModel<Double>([first, second]), signals: y, penalties: penalties,
      nonnegative: nonnegative)
  }

  /// The step of B, equation 5, with thresholds as printed: λ₁/c₁ and λ₂/c₂, cᵢ = ‖Dᵢ‖².
  static func printed(
    _ seed: Int, firstNorm: Double? = nil
  ) throws -> (operators: TwoLayerOperators, constants: [Double]) {
    let (first, second, y) = try model(seed, firstNorm: firstNorm)
    let c = try [first, second].map { try $0.squaredSpectralNorm().estimate }
    return (
      TwoLayerOperators(
        first: first, second: second, signal: y, innerStep: 1 / c[0], outerStep: 1 / c[1],
        innerThreshold: penalties[0] / c[0], outerThreshold: penalties[1] / c[1]), c
    )
  }

  // Rounding of 50 contracting steps on numbers of order one, of sums in any order.
  static let rounding = 1e-12

  @Test("S: proximal gradient-mapping steps are the loop of ML-ISTA", arguments: 0..<5)
  func gradientMapping(_ seed: Int) throws {
    let (first, second, y) = try Self.model(seed)
    let μ = try 1 / first.squaredSpectralNorm().estimate
    let t = try μ / second.squaredSpectralNorm().estimate
    let slide = TwoLayerOperators(
      first: first, second: second, signal: y, innerStep: μ, outerStep: t / μ,
      innerThreshold: μ * Self.penalties[0], outerThreshold: t * Self.penalties[1])
    var γ = Matrix<Double>(zeros: 1, 12)
    for state in try MultiLayerISTA(Self.problem(seed)).prefix(50) {
      γ = slide.outer(γ)
      #expect(largestDifference(state.codes[1], γ) < Self.rounding)
    }
  }

  @Test("S: ML-FISTA is the same step at z, with momentum on γ_L alone", arguments: 0..<5)
  func momentum(_ seed: Int) throws {
    let (first, second, y) = try Self.model(seed)
    let μ = try 1 / first.squaredSpectralNorm().estimate
    let t = try μ / second.squaredSpectralNorm().estimate
    let slide = TwoLayerOperators(
      first: first, second: second, signal: y, innerStep: μ, outerStep: t / μ,
      innerThreshold: μ * Self.penalties[0], outerThreshold: t * Self.penalties[1])
    var (γ, z, tk) = (Matrix<Double>(zeros: 1, 12), Matrix<Double>(zeros: 1, 12), 1.0)
    for state in try MultiLayerFISTA(Self.problem(seed)).prefix(50) {
      let next = slide.outer(z)
      let following = (1 + (1 + 4 * tk * tk).squareRoot()) / 2
      z = next + ((tk - 1) / following) * (next - γ)
      (γ, tk) = (next, following)
      #expect(largestDifference(state.codes[1], γ) < 10 * Self.rounding)
    }
  }

  // B's Algorithm 2 has no steps, so that ‖D₁‖ and ‖D₂‖ are 1 at most.
  @Test("B: eq. (5) is Algorithm 2's layer-wise loop, for steps of one", arguments: 0..<5)
  func nestedForm(_ seed: Int) throws {
    let (large, wide, y) = try Self.model(seed)
    let (first, second) = (
      DenseDictionary(atomRows: 0.3 * large.atomRows),
      DenseDictionary(atomRows: 0.3 * wide.atomRows)
    )
    let nested = TwoLayerOperators(
      first: first, second: second, signal: y, innerStep: 1, outerStep: 1,
      innerThreshold: Self.penalties[0], outerThreshold: Self.penalties[1])
    let problem = try MultiLayerProblem(
      model: MultiLayerModel<Double>([first, second]), signals: y, penalties: Self.penalties)
    let library = try MultiLayerISTA(
      problem, steps: [1, 1], thresholds: Self.penalties.map { [$0] })
    var (γ, byLayers) = (Matrix<Double>(zeros: 1, 12), Matrix<Double>(zeros: 1, 12))
    for state in library.prefix(50) {
      γ = nested.outer(γ)
      // Alg. 2: γ̂_i = D_(i,L) γ_L; γ_i = S_{λ_i}(γ̂_i − D_iᵀ(D_i γ̂_i − γ_{i−1})).
      let estimate = second.synthesize(byLayers)
      let γ1 = (estimate - first.analyze(first.synthesize(estimate) - y))
        .softThresholded(by: Self.penalties[0])
      byLayers = (byLayers - second.analyze(second.synthesize(byLayers) - γ1))
        .softThresholded(by: Self.penalties[1])
      #expect(largestDifference(γ, byLayers) < Self.rounding)
      #expect(largestDifference(state.codes[1], byLayers) < Self.rounding)
    }
  }

  @Test("erratum 18: eq. (5) as printed is ML-ISTA for λ₂·c₁ in place of λ₂", arguments: 0..<5)
  func printedThresholds(_ seed: Int) throws {
    let (operators, c) = try Self.printed(seed)
    let other = try Self.problem(
      seed, penalties: [Self.penalties[0], Self.penalties[1] * c[0]])
    var γ = Matrix<Double>(zeros: 1, 12)
    for state in try MultiLayerISTA(other).prefix(50) {
      γ = operators.outer(γ)
      #expect(largestDifference(state.codes[1], γ) < Self.rounding)
    }
    // And not for λ₂, unless ‖D₁‖ = 1.
    let right = try MultiLayerISTA(Self.problem(seed)).solution(stoppingAt: .iterations, within: 50)
    #expect(c[0] > 2 && largestDifference(right.codes[1], γ) > 1e-2)
    let (unit, one) = try Self.printed(seed, firstNorm: 1)
    let same = try MultiLayerISTA(Self.problem(seed, firstNorm: 1))
      .solution(stoppingAt: .iterations, within: 50)
    var ζ = Matrix<Double>(zeros: 1, 12)
    for _ in 0..<50 { ζ = unit.outer(ζ) }
    #expect(abs(one[0] - 1) < 1e-12 && largestDifference(same.codes[1], ζ) < Self.rounding)
  }

  // The slides print ReLU(μ₁D₁ᵀ(D₁γ₁ − y) + b₁), without "γ₁ −", for the second iteration.
  @Test("erratum 14: the printed second iteration is ML-ISTA's only with γ₁ in its inner ReLU")
  func printedRecurrence() throws {
    let (first, second, y) = try Self.model(0)
    let steps = try [first, second].map { try 1 / $0.squaredSpectralNorm().estimate }
    let biases = [-0.01, -0.005]
    let library = try MultiLayerISTA(
      Self.problem(0, nonnegative: true), steps: steps, thresholds: biases.map { [-$0] })
    let states = Array(library.prefix(2))
    let γ2 = (steps[1] * second.analyze((steps[0] * first.analyze(y)).rectified(bias: biases[0])))
      .rectified(bias: biases[1])
    #expect(largestDifference(states[0].codes[1], γ2) < Self.rounding)
    let γ1 = second.synthesize(γ2)
    let slope = steps[0] * first.analyze(first.synthesize(γ1) - y)
    func next(inner: Matrix<Double>) -> Matrix<Double> {
      (γ2 - steps[1] * second.analyze(γ1 - inner.rectified(bias: biases[0])))
        .rectified(bias: biases[1])
    }
    #expect(largestDifference(states[1].codes[1], next(inner: γ1 - slope)) < Self.rounding)
    #expect(largestDifference(states[1].codes[1], next(inner: slope)) > 1e-2)
  }
}
