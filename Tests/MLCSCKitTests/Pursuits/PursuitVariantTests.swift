// Claim: the variants of the multi-layer pursuits (penalties a signal, non-negative codes, falling
// steps) solve the same problem as their plain forms, and stacked dictionaries are exact operators.
import MLCSCKit
import Testing

struct PursuitVariantTests {
  private func model(_ seed: String) throws -> MultiLayerModel<Double> {
    var stream = RandomStream("variants", seed)
    return try MultiLayerModel([
      DenseDictionary.gaussian(12, 16, normalized: true, from: &stream),
      DenseDictionary.gaussian(16, 9, normalized: true, from: &stream),
    ])
  }

  private func signals(_ count: Int, _ seed: String) -> Tensor<Double> {
    var stream = RandomStream("variant signals", seed)
    return .normal(count, 12, from: &stream)
  }

  @Test("penalties of their own solve every signal as if it were alone")
  func penalties() throws {
    let model = try model("penalties")
    let y = signals(5, "penalties")
    let first = (0..<5).map { 0.02 * Double($0 + 1) }
    let second = (0..<5).map { 0.3 / Double($0 + 1) }
    let together = try MultiLayerProblem(model: model, signals: y, penalties: [first, second])
    let certified = try ExactSolver(tolerance: 1e-12).solve(together)
    let fast = try MultiLayerFISTA(together).solution(stoppingAt: .iterations, within: 300)
    for b in 0..<5 {
      let alone = try MultiLayerProblem(
        model: model, signals: y.gathering(rows: [b]), penalties: [[first[b]], [second[b]]])
      let exact = try ExactSolver(tolerance: 1e-12).solve(alone)
      let (f, g) = (
        together.objective(at: certified.codes[1])[b], alone.objective(at: exact.codes[1])[0]
      )
      // Both are certified to 1e-12 relative.
      #expect(abs(f - g) <= 3e-12 * g)
      let single = try MultiLayerFISTA(alone).solution(stoppingAt: .iterations, within: 300)
      // The same iteration, summed in another order.
      #expect(
        largestDifference(fast.codes[1].gathering(rows: [b]), single.codes[1]) < 1e-10)
    }
  }

  @Test("the non-negative optimum is feasible and no feasible point in reach is lower")
  func nonnegative() throws {
    // Non-negative layers, so that γ₁ = D₂γ₂ ≥ 0 leaves room.
    var stream = RandomStream("variants", "non-negative")
    func layer(_ n: Int, _ m: Int) -> DenseDictionary<Double> {
      let rows = Tensor<Double>.normal(m, n, from: &stream)
      return DenseDictionary(
        atomRows: Tensor(shape: [m, n], elements: rows.elements.map(abs))
      ).normalized()
    }
    let model = try MultiLayerModel([layer(12, 16), layer(16, 9)])
    let y = signals(4, "non-negative")
    let problem = try MultiLayerProblem(
      model: model, signals: y, penalties: [0.01, 0.02], nonnegative: true)
    let solution = try ExactSolver(tolerance: 1e-11).solve(problem)
    #expect(solution.codes.allSatisfy { $0.elements.allSatisfy { $0 >= -1e-9 } })
    let best = problem.objective(at: solution.codes[1])
    for _ in 0..<2_000 {
      var other = solution.codes[1]
      let size = stream.uniform() * 0.1
      let count = other.count
      other.withMutableElements { p in
        for i in 0..<count { p[i] = max(0, p[i] + size * stream.normal()) }
      }
      for (f, g) in zip(problem.objective(at: other), best) { #expect(f >= g - 1e-10) }
    }
  }

  @Test("a falling step ends nearer to the optimum than the step it started from")
  func decreasing() throws {
    let problem = try MultiLayerProblem(
      model: model("falling"), signals: signals(3, "falling"), penalties: [0.05, 0.05])
    let best = problem.objective(at: try ExactSolver(tolerance: 1e-12).solve(problem).codes[1])
    func gap(_ step: InnerStep) throws -> Double {
      let found = try MultiLayerISTA(problem, innerStep: step)
        .solution(stoppingAt: .iterations, within: 60_000)
      let objective = problem.objective(at: found.codes[1])
      return zip(objective, best).reduce(0) { max($0, $1.0 / $1.1 - 1) }
    }
    let (fixed, falling) = (try gap(.fixed(1)), try gap(.decreasing(1, period: 100)))
    #expect(falling > -1e-11)
    // μ has fallen to 1/600 of its start and the bias with it; the code follows more slowly.
    #expect(falling < fixed / 10)
  }

  @Test("a stack of scaled dictionaries equals its matrix", arguments: [1, 6])
  func stack(batch: Int) throws {
    var stream = RandomStream("variants", "stack")
    let blocks = [3, 7].map {
      DenseDictionary<Double>.gaussian($0, 5, normalized: false, from: &stream)
    }
    let stack = StackedDictionary(blocks, scales: [2, -0.5])
    let matrix = stack.matrix()
    for i in 0..<10 {
      for j in 0..<5 {
        let expected =
          i < 3 ? 2 * blocks[0].matrix()[i, j] : -0.5 * blocks[1].matrix()[i - 3, j]
        #expect(abs(matrix[i, j] - expected) < 1e-15)
      }
    }
    let codes = Matrix<Double>.normal(batch, 5, from: &stream)
    let x = Matrix<Double>.normal(batch, 10, from: &stream)
    #expect(
      largestDifference(
        stack.synthesize(codes), codes.multiplied(by: matrix, transposingOther: true)) < 1e-13)
    #expect(largestDifference(stack.analyze(x), x.multiplied(by: matrix)) < 1e-13)
  }
}
