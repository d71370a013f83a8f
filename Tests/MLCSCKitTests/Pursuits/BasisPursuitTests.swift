// Claim: the multi-layer problem is convex, contains basis pursuit and is ill-posed where B says so;
// ISTA, FISTA and ADMM come to its optimum as the textbooks say.
import MLCSCKit
import Testing

struct BasisPursuitTests {
  static func model(
    _ dimensions: [Int], _ stream: inout RandomStream
  ) throws -> MultiLayerModel<Double> {
    try MultiLayerModel<Double>(
      zip(dimensions, dimensions.dropFirst()).map {
        DenseDictionary.gaussian($0, $1, normalized: true, from: &stream)
      })
  }

  @Test("with λ₁ = 0 the multi-layer problem is basis pursuit with D₁D₂", arguments: 0..<5)
  func synthesisOnly(_ seed: Int) throws {
    var stream = RandomStream("synthesis only", "\(seed)")
    let model = try Self.model([12, 18, 16], &stream)
    let y = Matrix<Double>.normal(1, 12, from: &stream)
    let nested = try MultiLayerProblem(model: model, signals: y, penalties: [0, 0.1])
    let plain = try MultiLayerProblem(
      dictionary: ComposedDictionary(factors: model.layers), signals: y, penalty: 0.1)
    for _ in 0..<10 {
      let γ = Matrix<Double>.normal(1, 16, from: &stream)
      let values = (nested.objective(at: γ)[0], plain.objective(at: γ)[0])
      #expect(abs(values.0 - values.1) < 1e-12 * values.0)
    }
    let solver = ExactSolver(tolerance: 1e-13)
    // A relative gap of 1e-13 leaves codes of order one off by less than 1e-5.
    #expect(
      try largestDifference(solver.solve(nested).codes[1], solver.solve(plain).codes[0]) < 1e-5)
  }

  @Test("λ₂ = 0: the objective does not change along the kernel of D₂, so no solution is unique")
  func illPosed() throws {
    var stream = RandomStream("ill-posed")
    let model = try Self.model([8, 10, 14], &stream)
    let y = Matrix<Double>.normal(1, 8, from: &stream)
    let matrix = try #require(model.layers[1] as? DenseDictionary<Double>).matrix()
    let kernel = NullSpace(of: matrix).basis
    #expect(kernel.rows == 4)
    let flat = try MultiLayerProblem(model: model, signals: y, penalties: [0.1, 0])
    let strict = try MultiLayerProblem(model: model, signals: y, penalties: [0.1, 0.1])
    let γ = Matrix<Double>.normal(1, 14, from: &stream)
    let value = flat.objective(at: γ)[0]
    for i in 0..<4 {
      for length in [-1.0, 1, 100] {
        let moved = γ + length * kernel.gathering(rows: [i])
        // The signal moves by rounding of D₂'s products alone, 1e-14 times the length.
        #expect(abs(flat.objective(at: moved)[0] - value) < 1e-10 * value)
        #expect(abs(strict.objective(at: moved)[0] - strict.objective(at: γ)[0]) > 1e-4)
      }
    }
  }

  @Test("the objective is convex along every segment", arguments: 0..<5)
  func convex(_ seed: Int) throws {
    var stream = RandomStream("convex", "\(seed)")
    let model = try Self.model([8, 12, 11, 9], &stream)
    let problem = try MultiLayerProblem(
      model: model, signals: .normal(1, 8, from: &stream), penalties: [0.3, 0.2, 0.1])
    for _ in 0..<100 {
      let (a, b) = (
        Matrix<Double>.normal(1, 9, from: &stream), Matrix<Double>.normal(1, 9, from: &stream)
      )
      let θ = stream.uniform()
      let chord = θ * problem.objective(at: a)[0] + (1 - θ) * problem.objective(at: b)[0]
      #expect(problem.objective(at: θ * a + (1 - θ) * b)[0] <= chord * (1 + 1e-13))
    }
  }

  @Test("ADMM comes to the certified optimum of the multi-layer problem", arguments: 0..<5)
  func splitting(_ seed: Int) throws {
    var stream = RandomStream("ADMM", "\(seed)")
    let problem = try MultiLayerProblem(
      model: Self.model([12, 18, 16], &stream), signals: .normal(1, 12, from: &stream),
      penalties: [0.05, 0.05])
    let exact = try ExactSolver(tolerance: 1e-12).solve(problem)
    let best = problem.objective(at: exact.codes[1])[0]
    let found = try ADMM(problem, innerIterations: 100, innerIsAccelerated: true)
      .solution(stoppingAt: .relativeChange(1e-10), within: 3_000)
    #expect(problem.objective(at: found.codes[1])[0] - best < 1e-7 * best)
  }

  @Test("ADMM with inner solves to a gap comes to the optimum; FISTA inside needs fewer steps")
  func innerTolerance() throws {
    var stream = RandomStream("inner tolerance")
    let problem = try MultiLayerProblem(
      model: Self.model([12, 18, 16], &stream), signals: .normal(1, 12, from: &stream),
      penalties: [0.05, 0.05])
    let exact = try ExactSolver(tolerance: 1e-12).solve(problem)
    let best = problem.objective(at: exact.codes[1])[0]
    let inner = try [false, true].map { accelerated in
      let iterator = try ADMM(
        problem, innerIterations: 10_000, innerTolerance: 1e-6, innerIsAccelerated: accelerated
      ).makeIterator()
      for _ in 0..<200 { iterator.step() }
      // Two hundred outer iterations, not the inner gap, leave the rest.
      #expect(problem.objective(at: iterator.deepest)[0] - best < 1e-3 * best)
      return iterator.innerIterationsMade
    }
    // Every outer iteration looks at its fifth inner one at the earliest.
    #expect(inner[1] < inner[0] && inner[1] >= 1_000)
    #expect(throws: ModelError.self) { try ADMM(problem, innerTolerance: 0) }
  }

  // Beck and Teboulle 2009, Theorems 3.1 and 4.4, with L and with R's larger 2λ_max.
  @Test("ISTA and FISTA keep their bounds, O(1/k) and O(1/k²)", arguments: [1, 0.5])
  func rates(_ scale: Double) throws {
    for seed in 0..<5 {
      let problem = try ErrataTests.lasso(seed)
      let exact = try ExactSolver(tolerance: 1e-13).solve(problem).codes[0]
      let (best, distance) = (problem.objective(at: exact)[0], exact.dot(exact))
      let slow = try MultiLayerISTA(problem, innerStep: .fixed(scale)).makeIterator()
      let fast = try MultiLayerFISTA(problem, innerStep: .fixed(scale)).makeIterator()
      // λ_max(DᵀD) = 1 by construction.
      let constant = distance / scale
      for k in 1...500 {
        slow.step()
        fast.step()
        let n = Double(k)
        let gaps = [slow, fast].map { problem.objective(at: $0.deepest)[0] - best }
        #expect(gaps[0] <= constant / (2 * n) * (1 + 1e-9))
        #expect(gaps[1] <= 2 * constant / ((n + 1) * (n + 1)) * (1 + 1e-9))
      }
    }
  }

  @Test("every code is a non-negative one over [D −D], at the same cost", arguments: 0..<5)
  func split(_ seed: Int) throws {
    var stream = RandomStream("split", "\(seed)")
    let dictionary = DenseDictionary<Double>.gaussian(10, 15, normalized: true, from: &stream)
    let doubled = DenseDictionary<Double>(
      atomRows: Matrix(
        shape: [30, 10],
        elements: dictionary.atomRows.elements + dictionary.atomRows.elements.map { -$0 }))
    let γ = Matrix<Double>.normal(1, 15, from: &stream).softThresholded(by: 0.5)
    let parts = Matrix(
      shape: [1, 30], elements: γ.elements.map { max($0, 0) } + γ.elements.map { max(-$0, 0) })
    #expect(largestDifference(dictionary.synthesize(γ), doubled.synthesize(parts)) < 1e-14)
    #expect(
      SparsityMeasures.cardinality(γ.elements) == SparsityMeasures.cardinality(parts.elements))
    // So the two problems have the same optimum.
    let y = Matrix<Double>.normal(1, 10, from: &stream)
    let solver = ExactSolver(tolerance: 1e-13)
    let signed = try solver.solve(
      MultiLayerProblem(dictionary: dictionary, signals: y, penalty: 0.2)
    ).codes[0]
    let positive = try solver.solve(
      MultiLayerProblem(dictionary: doubled, signals: y, penalty: 0.2, nonnegative: true)
    ).codes[0].elements
    for j in 0..<15 {
      #expect(abs(signed[0, j] - (positive[j] - positive[15 + j])) < 1e-5)
      #expect(min(positive[j], positive[15 + j]) == 0)
    }
  }

  // What is exact of R's "larger β, sparser code, more loss": ‖Γ‖₁ and ‖X − DΓ‖.
  @Test("a larger β gives a code of smaller ‖Γ‖₁ that loses more of the signal", arguments: 0..<5)
  func largerPenalty(_ seed: Int) throws {
    var stream = RandomStream("larger penalty", "\(seed)")
    let dictionary = DenseDictionary<Double>.gaussian(10, 20, normalized: true, from: &stream)
    let y = Matrix<Double>.normal(1, 10, from: &stream)
    let largest = dictionary.analyze(y).elements.map(abs).max() ?? 0
    var (norms, losses) = ([Double](), [Double]())
    for i in 1...20 {
      let problem = try MultiLayerProblem(
        dictionary: dictionary, signals: y, penalty: largest * Double(i) / 20)
      let γ = try ExactSolver(tolerance: 1e-13).solve(problem).codes[0]
      let residual = y - dictionary.synthesize(γ)
      norms.append(γ.elements.reduce(0) { $0 + abs($1) })
      losses.append(residual.dot(residual))
    }
    for i in 1..<20 { #expect(norms[i] < norms[i - 1] && losses[i] > losses[i - 1]) }
    #expect(norms[19] < 1e-12)
  }

  @Test("the number of non-zeros can rise with β")
  func denserCode() throws {
    let atoms = Matrix<Double>(rows: [[-2, 1, 1], [0, -1, 1], [1, -1, -3]])
    let dictionary = DenseDictionary<Double>(atomRows: atoms).normalized()
    let y = Matrix<Double>(rows: [[2, 0, 2]])
    let largest = dictionary.analyze(y).elements.map(abs).max() ?? 0
    let counts = try [0.2, 0.48].map { share in
      let γ = try ExactSolver(tolerance: 1e-13).solve(
        MultiLayerProblem(dictionary: dictionary, signals: y, penalty: share * largest)
      ).codes[0]
      return SparsityMeasures.cardinality(γ.elements, threshold: 1e-5)
    }
    #expect(counts == [2, 3])
  }
}
