// Claim: Algorithm 1 of P projects onto the model where its pursuit is exact, stops at the limits it
// is given, and with the limits of P's footnote 3 never does.
import MLCSCKit
import Testing

struct ProjectionTests {
  static let methods = [Projection.Method.orthogonalMatchingPursuit, .subspacePursuit]

  /// A layer whose atoms have two taps of random size.
  static func twoTaps(
    _ rows: Int, _ atoms: Int, _ stream: inout RandomStream
  ) -> DenseDictionary<Double> {
    var matrix = Matrix<Double>(zeros: atoms, rows)
    for j in 0..<atoms {
      for i in stream.indices(2, below: rows) { matrix[j, i] = stream.normal() }
    }
    return DenseDictionary<Double>(atomRows: matrix).normalized()
  }

  // With one atom, orthogonal matching pursuit is an exhaustive search.
  @Test("no signal of the model is nearer to y, the true one neither", arguments: 0..<20)
  func nearest(_ seed: Int) throws {
    var stream = RandomStream("nearest", "\(seed)")
    let first = DenseDictionary<Double>.gaussian(12, 16, normalized: true, from: &stream)
    let second = Self.twoTaps(16, 20, &stream)
    let model = try MultiLayerModel<Double>([first, second])
    let projection = try Projection(model, limits: [2, 1], measures: [.cardinality])
    var γ = Matrix<Double>(zeros: 1, 20)
    γ[0, stream.index(below: 20)] = 1 + stream.uniform()
    let noise = 0.2 * Matrix<Double>.normal(1, 12, from: &stream)
    let x = model.synthesize(γ)
    let y = x + noise
    let found = try projection.project(y)[0]
    let distance = found.deepest.residualNorm
    #expect(found.sparsity == 1 && distance <= noise.dot(noise).squareRoot())
    let distances = try (0..<20).map { j in
      let atom = DenseDictionary<Double>(
        ComposedDictionary<Double>(factors: [first, second])
      ).atoms([j]).transposed
      let (value, _) = try atom.leastSquares(y.row(0))
      let rest = y - Matrix(shape: [1, 12], elements: atom.elements.map { value[0] * $0 })
      return rest.dot(rest).squareRoot()
    }
    #expect(abs(distance - (distances.min() ?? 0)) < 1e-12)
  }

  // γ₁ = e₀ for the first atom, five entries for the second, which λ₁ = 2 forbids.
  @Test("a denser inner code ends the growth of k: the estimate before it stays", arguments: 0...1)
  func stop(_ method: Int) throws {
    let fifth = 1 / Double(5).squareRoot()
    let second = DenseDictionary<Double>(
      atomRows: Matrix(rows: [[1, 0, 0, 0, 0, 0], [0] + Array(repeating: fifth, count: 5)]))
    let model = try MultiLayerModel<Double>([DenseDictionary(matrix: .identity(6)), second])
    let y = Matrix<Double>(rows: [[3, 1, 1, 1, 1, 1]])
    func project(_ limit: Int) throws -> Projection.Result {
      try Projection(
        model, limits: [limit, 2], measures: [.cardinality], method: Self.methods[method]
      ).project(y)[0]
    }
    let stopped = try project(2)
    #expect(stopped.sparsity == 1 && stopped.trace == [[1], [6]])
    #expect(stopped.deepest.support == [0] && abs(stopped.deepest.coefficients[0] - 3) < 1e-14)
    let allowed = try project(6)
    #expect(allowed.sparsity == 2 && allowed.deepest.residualNorm < 1e-14)
  }

  // ‖D_iγ_i‖₀ ≤ ‖D_i‖₀‖γ_i‖₀ holds for every code, with ‖D_i‖₀ the most taps of a filter.
  @Test("with λ_{i−1} = ‖D_i‖₀λ_i and λ_L = k no limit is ever exceeded", arguments: 0...1)
  func footnoteLimits(_ method: Int) throws {
    var stream = RandomStream("footnote 3", "\(method)")
    for _ in 0..<10 {
      let model = try MultiLayerModel<Double>([
        DenseDictionary.gaussian(20, 40, normalized: true, from: &stream),
        Self.twoTaps(40, 50, &stream), Self.twoTaps(50, 60, &stream),
      ])
      let k = 6
      let projection = try Projection(
        model, limits: [4 * k, 2 * k, k], measures: [.cardinality, .cardinality],
        method: Self.methods[method])
      let result = try projection.project(.normal(1, 20, from: &stream))[0]
      #expect(result.trace.count == k && result.sparsity == k)
      for (i, inner) in result.trace.enumerated() {
        #expect(inner[0] <= 4 * (i + 1) && inner[1] <= 2 * (i + 1))
      }
    }
  }

  // µ(D⁽²⁾) ≤ 1/4, so that two atoms are found by either pursuit: k < ½(1 + 4).
  @Test("either pursuit finds all codes of a signal without noise", arguments: 0...1)
  func pursuits(_ method: Int) throws {
    let first = try DenseDictionary<Double>.spikesAndHadamard(64)
    let tap = Double(0.5).squareRoot()
    let second = DenseDictionary<Double>(
      atomRows: Matrix(
        rows: (0..<128).map { j in
          (0..<128).map { i in i / 2 != j / 2 ? 0 : i % 2 == 1 && j % 2 == 1 ? -tap : tap }
        }))
    let model = try MultiLayerModel<Double>([first, second])
    #expect(
      DenseDictionary<Double>(ComposedDictionary<Double>(factors: [first, second]))
        .mutualCoherence() < 0.25 + 1e-12)
    var stream = RandomStream("several pursuits", "\(method)")
    for _ in 0..<20 {
      var γ = Matrix<Double>(zeros: 1, 128)
      for j in stream.indices(2, below: 128) { γ[0, j] = stream.sign() * (1 + stream.uniform()) }
      let truth = model.propagate(γ)
      let projection = try Projection(
        model, limits: [4, 2], measures: [.cardinality], method: Self.methods[method])
      let found = try projection.project(model.synthesize(γ))[0].deepest
      let codes = model.propagate([found].densified(128))
      for (code, expected) in zip(codes, truth) {
        #expect(largestDifference(code, expected) < 1e-12)
      }
    }
  }

  @Test("a batch is projected as its signals are one by one", arguments: 0...1)
  func batches(_ method: Int) throws {
    var stream = RandomStream("batch of projections", "\(method)")
    let model = try MultiLayerModel<Double>([
      DenseDictionary.gaussian(12, 16, normalized: true, from: &stream),
      Self.twoTaps(16, 20, &stream),
    ])
    // A limit that some signals meet at every k and others do not.
    let projection = try Projection(
      model, limits: [5, 4], measures: [.cardinality], method: Self.methods[method])
    let signals = Matrix<Double>.normal(12, 12, from: &stream)
    let together = try projection.project(signals)
    #expect(Set(together.map(\.sparsity)).count > 1)
    for (b, found) in together.enumerated() {
      let alone = try projection.project(signals.gathering(rows: [b]))[0]
      #expect(alone.sparsity == found.sparsity && alone.trace == found.trace)
      #expect(alone.deepest.support == found.deepest.support)
      // Products of a batch and of a single signal may be summed in another order.
      for (x, y) in zip(alone.deepest.coefficients, found.deepest.coefficients) {
        #expect(abs(x - y) < 1e-12)
      }
    }
  }
}
