// Claim: what layered pursuits return is no signal of the model, and their bound is tighter where
// only the first layer is noisy.
import Algorithms
import MLCSCKit
import Testing

struct LayeredModelTests {
  static func model(_ stream: inout RandomStream) throws -> MultiLayerModel<Double> {
    try BasisPursuitTests.model([15, 20, 25], &stream)
  }

  /// γ̂_{i−1} − D_iγ̂_i, i = 2 … L.
  static func residuals(
    _ model: MultiLayerModel<Double>, _ codes: [Matrix<Double>]
  ) -> [Matrix<Double>] {
    (1..<codes.count).map { codes[$0 - 1] - ErrataTests.synthesize(model.layers[$0], codes[$0]) }
  }

  // At an optimum that is not zero the residual's products with the atoms in use are ±λ_i, so it
  // cannot vanish.
  @Test("layered basis pursuit: ‖D_iᵀ(γ̂_{i−1} − D_iγ̂_i)‖∞ is λ_i, not zero", arguments: 0..<10)
  func layeredBasisPursuit(_ seed: Int) throws {
    var stream = RandomStream("outside the model", "\(seed)")
    let model = try Self.model(&stream)
    let penalties = [0.1, 0.05]
    let problem = try MultiLayerProblem(
      model: model, signals: .normal(1, 15, from: &stream), penalties: penalties)
    let codes = try LayeredBasisPursuit(solver: ExactSolver(tolerance: 1e-13)).solve(problem).codes
    #expect(codes[1].elements.contains { $0 != 0 })
    let residual = Self.residuals(model, codes)[0]
    let products = ErrataTests.analyze(model.layers[1], residual).elements.map(abs)
    // A relative gap of 1e-13 leaves residuals of order one off by less than 1e-5.
    #expect(abs((products.max() ?? 0) - penalties[1]) < 1e-5)
  }

  @Test("layered thresholding, the forward pass, leaves the model too", arguments: 0..<10)
  func layeredThresholding(_ seed: Int) throws {
    var stream = RandomStream("outside the model", "\(seed)")
    let model = try Self.model(&stream)
    let y = Matrix<Double>.normal(1, 15, from: &stream)
    for nonnegative in [false, true] {
      let codes = try LayeredThresholding(
        model: model, thresholds: [0.1, 0.05], nonnegative: nonnegative
      ).solve(y).codes
      let residual = Self.residuals(model, codes)[0]
      let (left, right) = (residual.dot(residual), codes[0].dot(codes[0]))
      // Far above rounding; a signal of the model has none.
      #expect(left > 0.01 * right)
    }
    let deepest = Matrix<Double>.normal(1, 25, from: &stream)
    let member = Self.residuals(model, model.propagate(deepest))[0]
    #expect(member.elements.allSatisfy { abs($0) < 1e-13 })
  }

  // P, footnote 1. With D₂ exact, the errors δ₁ = D₂δ₂ are the only ones: ‖D₁D₂δ₂‖ ≤ 2E₀ gives
  // ‖δ₂‖² ≤ 4E₀²/((1 − 3µ₁)(1 − µ₂)) for ‖γ₁‖₀ ≤ 2, ‖γ₂‖₀ ≤ 1; eq. (5) has 16 in place of 4.
  @Test("without slack between the layers, bound (5) holds without its power of four")
  func exactLayers() throws {
    let first = try DenseDictionary<Double>.spikesAndHadamard(16)
    // Two taps an atom, so that ‖γ₁‖₀ = 2; any two atoms share one tap at most.
    let tap = Double(0.5).squareRoot()
    var atoms = Matrix<Double>(zeros: 64, 32)
    for i in 0..<32 {
      (atoms[i, i], atoms[i, (i + 1) % 32]) = (tap, tap)
      (atoms[32 + i, i], atoms[32 + i, (i + 3) % 32]) = (tap, -tap)
    }
    let second = DenseDictionary<Double>(atomRows: atoms)
    let coherences = [first.mutualCoherence(), second.mutualCoherence()]
    #expect(coherences.allSatisfy { $0 < 0.5 + 1e-12 })
    let guarantees = LayeredStability.guarantees(
      noise: 1, sparsities: [2, 1], coherences: coherences)
    #expect(guarantees.allSatisfy { $0.premise })
    let bound = try #require(guarantees[1].bound) / 4
    let effective = DenseDictionary<Double>(
      ComposedDictionary<Double>(factors: [first, second]))
    var largest = 0.0
    for pair in (0..<64).combinations(ofCount: 2) {
      largest = max(largest, 4 * (try GuaranteeTests.worst(effective, pair)))
    }
    #expect(largest <= bound && largest > 0.1 * bound)
  }

  // P, Sec. 3.2. An exhaustive search over all supports of the true size.
  @Test("the estimate γ̂₁ of a noisy signal has no sparse representation on D₂", arguments: 0..<5)
  func distortedCode(_ seed: Int) throws {
    var stream = RandomStream("distorted code", "\(seed)")
    let first = DenseDictionary<Double>.gaussian(20, 12, normalized: true, from: &stream)
    let second = DenseDictionary<Double>.gaussian(12, 15, normalized: true, from: &stream)
    var γ2 = Matrix<Double>(zeros: 1, 15)
    for j in stream.indices(2, below: 15) { γ2[0, j] = 1 + stream.uniform() }
    let γ1 = second.synthesize(γ2)
    let y = first.synthesize(γ1) + 0.05 * Matrix<Double>.normal(1, 20, from: &stream)
    let support = Array(0..<12)
    let (values, _) = try first.atoms(support).transposed.leastSquares(y.row(0))
    let estimate = Matrix(shape: [1, 12], elements: values)
    /// ‖γ − D₂ζ‖/‖γ‖ for the best ζ of two non-zeros.
    func best(_ γ: Matrix<Double>) throws -> Double {
      try (0..<15).combinations(ofCount: 2).map { pair in
        let columns = second.atoms(pair).transposed
        let (x, _) = try columns.leastSquares(γ.row(0))
        let fit = columns.multiplied(by: Matrix(shape: [2, 1], elements: x))
        return SparsityMeasures.relativeError(fit.elements, γ.row(0))
      }.min() ?? .infinity
    }
    #expect(try best(γ1) < 1e-13)
    #expect(try best(estimate) > 0.01)
  }
}
