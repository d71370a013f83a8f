// Claim: a problem in other units is the same problem. Codes scale, supports and certificates stay, up
// to where numbers end; there a typed error says so, and nothing is certified that is not.
import MLCSCKit
import Testing

struct ExtremeNumberTests {
  /// A tensor times 2ᵉ.
  func scaled(_ x: Tensor<Double>, _ e: Int) -> Tensor<Double> {
    Tensor(
      shape: x.shape,
      elements: x.elements.map { Double(sign: .plus, exponent: e, significand: $0) })
  }

  func twoLayers(_ seed: Int) throws -> (d1: Matrix<Double>, d2: Matrix<Double>, y: Matrix<Double>)
  {
    var stream = RandomStream("extreme numbers", "\(seed)")
    return (
      .normal(12, 16, from: &stream), .normal(16, 20, from: &stream), .normal(1, 12, from: &stream)
    )
  }

  // With c D₁, λ₁ c and λ₂ c the problem is the same for γ/c.
  @Test("a two-layer problem is certified in whatever units D₁ is", arguments: 0..<8)
  func unitsOfOneLayer(_ seed: Int) throws {
    let (d1, d2, y) = try twoLayers(seed)
    var objectives = [Double]()
    for c in [1, 1e3, 1e4, 1e6, 1e7, 1e-6, 1e-10, 1e30] {
      let first = Matrix(shape: d1.shape, elements: d1.elements.map { c * $0 })
      let problem = try MultiLayerProblem(
        model: MultiLayerModel([DenseDictionary(matrix: first), DenseDictionary(matrix: d2)]),
        signals: y, penalties: [0.1 * c, 0.1 * c])
      let solution = try ExactSolver().solve(problem)
      objectives.append(problem.objective(at: solution.codes[1])[0])
      // 40 to 80 were seen; with residuals in their own units it was up to 32,658.
      #expect(solution.iterations <= 200)
    }
    let relative = objectives.map { abs($0 / objectives[0] - 1) }
    #expect(relative.allSatisfy { $0 < 1e-9 })  // ten times the tolerance of the gap
  }

  @Test(
    "exact codes of signals and dictionaries of 2^±550 are those of ordinary ones, scaled",
    arguments: [(0, -550), (0, 550), (-550, 0), (400, 0), (300, -200), (-300, -300)])
  func powersOfTwo(_ dictionaryExponent: Int, _ signalExponent: Int) throws {
    var stream = RandomStream("powers of two")
    let matrix = Matrix<Double>.normal(6, 9, from: &stream)
    let y = Matrix<Double>.normal(2, 6, from: &stream)
    func solve(_ d: Int, _ s: Int) throws -> PursuitSolution<Double> {
      let dictionary = DenseDictionary(matrix: scaled(matrix, d))
      let λ = Double(sign: .plus, exponent: d + s, significand: 0.3)
      return try ExactSolver().solve(
        MultiLayerProblem(dictionary: dictionary, signals: scaled(y, s), penalty: λ))
    }
    let ordinary = try solve(0, 0).codes[0]
    let code = try solve(dictionaryExponent, signalExponent).codes[0]
    let back = scaled(code, dictionaryExponent - signalExponent)
    #expect(largestDifference(back, ordinary) < 1e-12)  // condition times rounding
  }

  @Test("an entry beyond the range of numbers is an error that names it")
  func notRepresentable() throws {
    let problem = try MultiLayerProblem(
      dictionary: DenseDictionary(matrix: Matrix(shape: [1, 1], elements: [1e-200])),
      signals: Matrix(shape: [1, 1], elements: [1e200]), penalty: 0.1)
    #expect(throws: PursuitError.self) { try ExactSolver().solve(problem) }
    do {
      _ = try ExactSolver().solve(problem)
    } catch PursuitError.notRepresentable(let layer, let exponent) {
      #expect(layer == 1 && abs(exponent - 1329) <= 1)  // log₂ 1e400 = 1328.8
    }
  }

  // ½‖y‖² is zero as a number here, and 0 ≤ tolerance · 0 would hold for any code.
  @Test("where squares underflow no code is certified", arguments: [1e-163, 1e-170, 1e-200])
  func underflow(_ size: Double) throws {
    let dictionary = DenseDictionary(matrix: Matrix(shape: [2, 2], elements: [1, 0.5, 0.3, 1]))
    let y = Matrix(shape: [1, 2], elements: [0.5 * size, 2 * size])
    let problem = try MultiLayerProblem(dictionary: dictionary, signals: y, penalty: 0.1 * size)
    let solution = try MultiLayerISTA(problem).solution(stoppingAt: .dualityGap(1e-8), within: 50)
    #expect(solution.stopped == .iterations)
    #expect(solution.dualityGaps?.allSatisfy { $0 == .infinity } == true)
    // The exact solver changes units: γ₂ = (D⁻¹y)₂ − λ (DᵀD)⁻¹ sign γ for signs −, +.
    let code = try ExactSolver().solve(problem).codes[0]
    #expect(abs(code[0, 0] / size + 0.304_498_269_896_193_8) < 1e-12)
    #expect(abs(code[0, 1] / size - 1.914_878_892_733_564) < 1e-12)
  }

  @Test("a signal of zeros is certified, with a code of zeros")
  func zeroSignal() throws {
    let dictionary = DenseDictionary(matrix: Matrix(shape: [2, 2], elements: [1, 0.5, 0.3, 1]))
    let problem = try MultiLayerProblem(
      dictionary: dictionary, signals: Matrix(zeros: 1, 2), penalty: 0.1)
    let ista = try MultiLayerISTA(problem).solution(stoppingAt: .dualityGap(1e-8), within: 50)
    #expect(ista.stopped == .dualityGap)
    let exact = try ExactSolver().solve(problem)
    #expect(exact.codes[0].elements == [0, 0] && exact.dualityGaps == [0])
  }

  // Optimality itself, for λ where the residual is 1e-12 of the signal: |Dᵀr| = λ on the support.
  @Test("a small penalty is certified", arguments: [1e-3, 1e-5, 1e-7, 1e-9, 1e-12])
  func smallPenalty(_ λ: Double) throws {
    for (n, m) in [(64, 128), (60, 90)] {
      var stream = RandomStream("small penalty", "\(n)")
      let dictionary = DenseDictionary<Double>.gaussian(n, m, normalized: false, from: &stream)
      let y = Matrix<Double>.normal(1, n, from: &stream)
      let problem = try MultiLayerProblem(dictionary: dictionary, signals: y, penalty: λ)
      let solution = try ExactSolver().solve(problem)
      let gap = try #require(solution.dualityGaps?.first)
      #expect(gap <= 1e-10 * problem.objective(at: solution.codes[0])[0])
      // As λ falls the code tends to a basic solution of min ‖γ‖₁ with Dγ = y.
      #expect(SparsityMeasures.cardinality(solution.codes[0].elements) <= n)
    }
  }

  @Test("a penalty below the rounding of the signal is refused")
  func penaltyOfRounding() throws {
    var stream = RandomStream("penalty of rounding")
    let dictionary = DenseDictionary<Double>.gaussian(8, 12, normalized: true, from: &stream)
    let problem = try MultiLayerProblem(
      dictionary: dictionary, signals: .normal(1, 8, from: &stream), penalty: 1e-200)
    #expect(throws: PursuitError.self) { try ExactSolver().solve(problem) }
  }

  @Test("wide dictionaries end in memory's reach: 2 × 60,000 by exact and by ADMM")
  func wide() throws {
    var stream = RandomStream("wide")
    let dictionary = DenseDictionary<Double>.gaussian(2, 60_000, normalized: true, from: &stream)
    let y = Matrix(shape: [1, 2], elements: [3.0, 4.0])
    let problem = try MultiLayerProblem(dictionary: dictionary, signals: y, penalty: 0.5)
    let exact = try ExactSolver().solve(problem)
    let optimum = problem.objective(at: exact.codes[0])[0]
    // With an atom along y the optimum is λ‖y‖ − ½λ²; one of 60,000 is within 1e-4 of it.
    #expect(abs(optimum - (0.5 * 5 - 0.125)) < 1e-6)
    let admm = try ADMM(problem, innerIterations: 1).solution(stoppingAt: .iterations, within: 2)
    #expect(admm.iterations == 2)
  }

  @Test("units of a model, its signals and its penalties come back as they were")
  func roundTrip() throws {
    let (d1, d2, y) = try twoLayers(3)
    let model = try MultiLayerModel([
      DenseDictionary(matrix: scaled(d1, 300)), DenseDictionary(matrix: scaled(d2, -200)),
    ])
    let units = BinaryUnits(of: model, signals: scaled(y, 500))
    let near = try units.scaled(model)
    for layer in near.layers {
      let largest = layer.atomNorms.reduce(0, max)
      #expect((1..<2).contains(largest))
    }
    var stream = RandomStream("round trip")
    let deepest = Matrix<Double>.normal(1, 20, from: &stream)
    let codes = try units.restored(codes: near.propagate(deepest))
    // γ₁ = D₂γ₂ holds in either units, bit for bit.
    #expect(model.propagate(codes[1])[0] == codes[0])
    #expect(units.restored(norm: 1) == Double(sign: .plus, exponent: units.signal, significand: 1))
    #expect(BinaryUnits(of: try MultiLayerModel([near.layers[0]]), signals: y).areOriginal)
  }
}
