// Claim: the working-set Newton solver satisfies the optimality conditions of multi-layer basis
// pursuit, agrees with the decomposition, and does not depend on the number of threads.
import MLCSCKit
import Testing

struct SemismoothNewtonTests {
  /// A model of Gaussian dictionaries, signals of few deepest atoms with noise, and penalties as
  /// fractions of ‖(D₁ ⋯ Dᵢ)ᵀy‖∞.
  static func problem(
    _ sizes: [Int], _ fractions: [Double], batch: Int = 1, nonnegative: Bool = false, seed: Int = 0
  ) throws -> MultiLayerProblem<Double> {
    var stream = RandomStream("semismooth newton", "\(sizes) \(seed)")
    // Non-negative codes of all layers need dictionaries that have some beside zero.
    func signed(_ x: Double) -> Double { nonnegative ? abs(x) : x }
    let model = try MultiLayerModel<Double>(
      zip(sizes, sizes.dropFirst()).map { n, m in
        let entries = Matrix<Double>.normal(m, n, from: &stream).elements.map(signed)
        return DenseDictionary(atomRows: Matrix(shape: [m, n], elements: entries)).normalized()
      })
    let m = sizes[sizes.count - 1]
    var codes = Matrix<Double>(zeros: batch, m)
    for b in 0..<batch {
      for j in stream.indices(8, below: m) { codes[b, j] = signed(stream.normal()) }
    }
    var signals = model.synthesize(codes)
    for b in 0..<batch {
      for i in 0..<sizes[0] { signals[b, i] += 0.1 * stream.normal() }
    }
    return try MultiLayerProblem(
      model: model, signals: signals, penaltyFractions: fractions, nonnegative: nonnegative)
  }

  static let cases: [(sizes: [Int], fractions: [Double])] = [
    ([30, 50, 60], [0.02, 0.05]), ([30, 50, 60], [0.1, 0.02]),
    ([40, 60, 90, 120], [0.01, 0.02, 0.05]),
    ([40, 60, 90, 120], [0.05, 0.05, 0.05]),
  ]

  @Test("the same optimum and supports as the decomposition", arguments: cases, [false, true])
  func agreesWithDecomposition(
    _ shape: (sizes: [Int], fractions: [Double]), _ nonnegative: Bool
  ) throws {
    let problem = try Self.problem(
      shape.sizes, shape.fractions, batch: 3, nonnegative: nonnegative)
    let solver = ExactSolver(tolerance: 1e-11)
    let expected = try solver.solveByDecomposition(problem, clock: nil)
    let deepest = try #require(expected.codes.last)
    let objectives = problem.objective(at: deepest)
    for b in 0..<problem.batch {
      var newton = SemismoothNewton(problem, signal: b, tolerance: 1e-11, limit: 1_000)
      let outcome = try newton.solve(clock: nil)
      // Both gaps bound the distance of the objectives.
      #expect(outcome.certificate.gap <= 1e-11 * objectives[b])
      #expect(abs(outcome.certificate.objective - objectives[b]) <= 1e-9 * objectives[b])
      let zeros = try #require(outcome.zeros)
      var row = 0
      for code in expected.codes {
        for j in 0..<code.columns {
          #expect((code[b, j] == 0) == zeros[row], "row \(row)")
          row += 1
        }
      }
    }
  }

  @Test("few steps", arguments: cases)
  func steps(_ shape: (sizes: [Int], fractions: [Double])) throws {
    let problem = try Self.problem(shape.sizes, shape.fractions)
    var newton = SemismoothNewton(problem, signal: 0, tolerance: 1e-10, limit: 1_000)
    // 20 to 60 were seen.
    #expect(try newton.solve(clock: nil).steps < 150)
  }

  @Test("the code solves the optimality conditions on a larger model")
  func optimality() throws {
    let problem = try Self.problem([100, 200, 300, 900], [0.01, 0.02, 0.05], batch: 2)
    try #require(SemismoothNewton.suits(problem))
    let solution = try ExactSolver(tolerance: 1e-10).solve(problem)
    let deepest = try #require(solution.codes.last)
    let objectives = problem.objective(at: deepest)
    var stream = RandomStream("semismooth newton", "directions")
    for b in 0..<2 {
      let gap = try #require(solution.dualityGaps?[b])
      #expect(gap <= 1e-10 * objectives[b])
    }
    // No direction descends further than the gap allows, along atoms in use or not.
    for _ in 0..<40 {
      var moved = deepest
      for b in 0..<2 {
        for j in stream.indices(3, below: 900) { moved[b, j] += 1e-4 * stream.normal() }
      }
      for (new, old) in zip(problem.objective(at: moved), objectives) {
        #expect(new >= old * (1 - 1e-10))
      }
    }
    for (code, expected) in zip(solution.codes, problem.model.propagate(deepest)) {
      // Exact zeros are put where rounding left some 1e-15.
      #expect(largestDifference(code, expected) < 1e-12)
    }
  }

  @Test("no atom at all above the largest useful penalty, and for a signal of zeros")
  func nothing() throws {
    let large = try Self.problem([30, 50, 60], [0.01, 1.01])
    var newton = SemismoothNewton(large, signal: 0, tolerance: 1e-10, limit: 100)
    #expect(try newton.solve(clock: nil).code.allSatisfy { $0 == 0 })
    let silent = try MultiLayerProblem(
      model: large.model, signals: Tensor(zeros: 1, 30), penalties: [0.1, 0.1])
    newton = SemismoothNewton(silent, signal: 0, tolerance: 1e-10, limit: 100)
    let outcome = try newton.solve(clock: nil)
    #expect(outcome.code.allSatisfy { $0 == 0 })
    #expect(outcome.certificate.gap == 0)
  }

  @Test("convolutional layers give what their matrices give")
  func convolutional() throws {
    var stream = RandomStream("semismooth newton", "convolution")
    func layer(_ filters: Int, _ channels: Int, _ size: Int, _ kernel: Int) throws
      -> ConvolutionalDictionary<Double>
    {
      try ConvolutionalDictionary(
        filters: Tensor(
          shape: [filters, channels, kernel, kernel],
          elements: (0..<filters * channels * kernel * kernel).map { _ in stream.normal() }),
        geometry: ConvolutionGeometry(
          channels: channels, signalSize: .square(size), kernelSize: .square(kernel))
      ).normalizingFilters()
    }
    let layers = [try layer(3, 1, 9, 3), try layer(4, 3, 7, 3), try layer(5, 4, 5, 3)]
    let model = try MultiLayerModel<Double>(layers)
    let dense = try MultiLayerModel<Double>(layers.map { DenseDictionary<Double>($0) })
    let signals = Matrix<Double>.normal(1, model.signalDimension, from: &stream)
    let found = try [model, dense].map { model in
      let problem = try MultiLayerProblem(
        model: model, signals: signals, penaltyFractions: [0.02, 0.02, 0.05])
      var newton = SemismoothNewton(problem, signal: 0, tolerance: 1e-10, limit: 1_000)
      return try newton.solve(clock: nil)
    }
    for outcome in found {
      #expect(outcome.certificate.gap <= 1e-10 * outcome.certificate.objective)
    }
    #expect(
      abs(found[0].certificate.objective - found[1].certificate.objective)
        <= 1e-9 * found[0].certificate.objective)
  }

  @Test("the learned model's digits are certified to 1e-8")
  func digits() throws {
    let model = try MultiLayerModel<Double>(LearnedModel.embedded().layers)
    let digits = try MNIST.embedded().test.batch([0, 1], as: Double.self)
    let problem = try MultiLayerProblem(
      model: model, signals: digits, penaltyFractions: [0.01, 0.01, 0.05])
    try #require(SemismoothNewton.suits(problem))
    let solution = try ExactSolver(tolerance: 1e-8).solve(problem)
    let objectives = problem.objective(at: try #require(solution.codes.last))
    for (gap, objective) in zip(try #require(solution.dualityGaps), objectives) {
      #expect(gap <= 1e-8 * objective)
    }
  }

  @Test("threads change no bit")
  func threads() throws {
    let problem = try Self.problem([100, 200, 300, 900], [0.01, 0.02, 0.05], batch: 2)
    let solutions = try [1, 2, 3].map { width in
      try Parallelism.withWidth(width) { try ExactSolver(tolerance: 1e-9).solve(problem) }
    }
    for other in solutions.dropFirst() {
      #expect(other.codes == solutions[0].codes)
      #expect(other.dualityGaps == solutions[0].dualityGaps)
    }
  }

  @Test("numbers that are not finite are an error")
  func notFinite() throws {
    let sound = try Self.problem([30, 50, 60], [0.02, 0.05])
    var signals = sound.signals
    signals[0, 3] = .nan
    let problem = try MultiLayerProblem(
      model: sound.model, signals: signals, penalties: sound.penalties)
    var newton = SemismoothNewton(problem, signal: 0, tolerance: 1e-10, limit: 100)
    #expect(throws: LinearAlgebraError.self) { _ = try newton.solve(clock: nil) }
  }
}
