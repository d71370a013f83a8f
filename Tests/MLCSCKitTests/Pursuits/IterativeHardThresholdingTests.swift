// Claim: iterative hard thresholding finds the code where coherence allows it, and its residual never
// rises.
import MLCSCKit
import Testing

struct IterativeHardThresholdingTests {
  @Test("on an orthonormal dictionary it keeps the k largest products, in one iteration")
  func orthonormal() throws {
    var stream = RandomStream("orthonormal")
    let dictionary = DenseDictionary<Double>(matrix: .identity(12))
    let y = Matrix<Double>.normal(1, 12, from: &stream)
    let code = try IterativeHardThresholding(dictionary, sparsity: 3).codes(y)[0]
    let order = (0..<12).sorted { abs(y[0, $0]) > abs(y[0, $1]) }
    #expect(code.support == order.prefix(3).sorted())
    // Products with unit atoms, and steps of one but for rounding.
    for (j, value) in zip(code.support, code.coefficients) { #expect(abs(value - y[0, j]) < 1e-14) }
    #expect(code.iterations <= 2)
  }

  // [I H/8] has coherence 1/8: three atoms are few enough for every greedy guarantee.
  @Test("it recovers three atoms of [I H/8], whatever their sizes", arguments: 0..<10)
  func recovery(_ seed: Int) throws {
    let dictionary = try DenseDictionary<Double>.spikesAndHadamard(64)
    var stream = RandomStream("hard thresholding", "\(seed)")
    let support = stream.indices(3, below: 128).sorted()
    var γ = Matrix<Double>(zeros: 1, 128)
    for j in support { γ[0, j] = stream.sign() * (1 + stream.uniform()) }
    let code = try IterativeHardThresholding(dictionary, sparsity: 3)
      .codes(dictionary.synthesize(γ))[0]
    #expect(code.support == support)
    for (j, value) in zip(code.support, code.coefficients) { #expect(abs(value - γ[0, j]) < 1e-6) }
    #expect(code.iterations < 100)
  }

  @Test("the residual does not rise, on a coherent dictionary", arguments: 0..<5)
  func descent(_ seed: Int) throws {
    var stream = RandomStream("descent", "\(seed)")
    let dictionary = DenseDictionary<Double>.gaussian(20, 60, normalized: true, from: &stream)
    let y = Matrix<Double>.normal(1, 20, from: &stream)
    let norms = try (1...40).map { limit in
      try IterativeHardThresholding(dictionary, sparsity: 6, limit: limit).codes(y)[0].residualNorm
    }
    for (before, after) in zip(norms, norms.dropFirst()) { #expect(after <= before * (1 + 1e-12)) }
    #expect(norms[39] < norms[0])
  }

  @Test("a signal of zeros has no atoms, and more atoms than there are is refused")
  func edges() throws {
    let dictionary = DenseDictionary<Double>(matrix: .identity(4))
    let code = try IterativeHardThresholding(dictionary, sparsity: 2).codes(Matrix(zeros: 1, 4))[0]
    #expect(code.support.isEmpty && code.residualNorm == 0)
    #expect(throws: PursuitError.self) { try IterativeHardThresholding(dictionary, sparsity: 5) }
  }
}
