// Claim: where the papers' formulas are wrong, the printed form fails and ours does not.
import MLCSCKit
import Testing

struct ErrataTests {
  /// A LASSO problem with λ_max(DᵀD) = 1, so that steps read as multiples of 1/L.
  static func lasso(_ seed: Int = 0) throws -> MultiLayerProblem<Double> {
    var stream = RandomStream("errata", "\(seed)")
    let raw = DenseDictionary<Double>.gaussian(20, 40, normalized: true, from: &stream)
    let norm = try raw.squaredSpectralNorm().estimate.squareRoot()
    let scaled = Matrix(
      shape: raw.atomRows.shape, elements: raw.atomRows.elements.map { $0 / norm })
    return try MultiLayerProblem(
      dictionary: DenseDictionary(atomRows: scaled), signals: .normal(1, 20, from: &stream),
      penalty: 0.02)
  }

  static func optimum(_ problem: MultiLayerProblem<Double>) throws -> Double {
    let solution = try ExactSolver(tolerance: 1e-12).solve(problem)
    return problem.objective(at: solution.codes[solution.codes.count - 1])[0]
  }

  @Test("erratum 2: B's printed momentum diverges, FISTA's converges")
  func momentum() throws {
    let problem = try Self.lasso()
    let best = try Self.optimum(problem)
    let right = try MultiLayerFISTA(problem).solution(stoppingAt: .iterations, within: 100)
    let gap = problem.objective(at: right.codes[0])[0] - best
    let dictionary = problem.model.layers[0]
    var (γ, z, t) = (Matrix<Double>(zeros: 1, 40), Matrix<Double>(zeros: 1, 40), 1.0)
    for _ in 0..<100 {
      let residual = Self.difference(Self.synthesize(dictionary, z), problem.signals)
      let gradient = Self.analyze(dictionary, residual)
      let next = Matrix(
        shape: [1, 40],
        elements: zip(z.elements, gradient.elements).map { z, g in
          let x = z - g
          return x > 0.02 ? x - 0.02 : x < -0.02 ? x + 0.02 : 0
        })
      let following = (1 + (1 + 4 * t * t).squareRoot()) / 2
      let printed = t / (following - 1)  // as printed; right: (t − 1)/following
      z = Matrix(
        shape: [1, 40],
        elements: zip(next.elements, γ.elements).map { $0 + printed * ($0 - $1) })
      (γ, t) = (next, following)
    }
    #expect(gap < 1e-2)
    #expect(!(problem.objective(at: γ)[0] - best < 100 * gap))
  }

  @Test("erratum 3: ISTA converges at 1.99/L and not at 2.05/L")
  func stepSize() throws {
    let problem = try Self.lasso(1)
    let best = try Self.optimum(problem)
    let below = try MultiLayerISTA(problem, innerStep: .fixed(1.99))
      .solution(stoppingAt: .iterations, within: 20_000)
    #expect(problem.objective(at: below.codes[0])[0] - best < 1e-6)
    let above = try MultiLayerISTA(problem, innerStep: .fixed(2.05)).makeIterator()
    for _ in 0..<20_000 { above.step() }
    #expect(!(problem.objective(at: above.deepest)[0] - best < 1e-3))
  }

  // ‖D‖₂ = 3: B's c ≥ ½‖D‖₂ = 1.5 is below ½‖D‖₂² = 4.5, at which ISTA begins to diverge.
  @Test("erratum 3: B's printed condition c ≥ ½‖D‖₂ lets ISTA diverge, c > ½‖D‖₂² does not")
  func stepAsPrinted() throws {
    let unit = try Self.lasso(1)
    let rows = Self.matrix(unit.model.layers[0]).transposed
    let problem = try MultiLayerProblem(
      dictionary: DenseDictionary(atomRows: 3 * rows), signals: unit.signals, penalty: 0.02)
    let best = try Self.optimum(problem)
    func gap(_ c: Double) throws -> Double {
      let iterator = try MultiLayerISTA(problem, steps: [1 / c], thresholds: [[0.02 / c]])
        .makeIterator()
      for _ in 0..<20_000 { iterator.step() }
      return problem.objective(at: iterator.deepest)[0] - best
    }
    #expect(try gap(0.51 * 9) < 1e-6)
    #expect(try !(gap(0.51 * 3) < 1e10))
  }

  @Test("erratum 12: the printed dual step of ADMM diverges for ρ = 3, the scaled one does not")
  func dualStep() throws {
    let problem = try Self.lasso(2)
    let best = try Self.optimum(problem)
    func run(_ dualStep: Double) throws -> Double {
      // ADMM for the LASSO with an exact inner step: (DᵀD + ρI)γ = Dᵀy + ρ(a − u).
      let d = Self.matrix(problem.model.layers[0])
      let ρ = 3.0
      var system = d.multiplied(by: d, transposingSelf: true)
      for i in 0..<40 { system[i, i] += ρ }
      let dy = problem.signals.multiplied(by: d)
      var (a, u) = ([Double](repeating: 0, count: 40), [Double](repeating: 0, count: 40))
      for _ in 0..<30_000 {
        let right = (0..<40).map { dy[0, $0] + ρ * (a[$0] - u[$0]) }
        guard let γ = try? system.solve(Matrix(shape: [40, 1], elements: right)) else { break }
        for i in 0..<40 {
          let x = γ.elements[i] + u[i]
          let t = 0.02 / ρ
          a[i] = x > t ? x - t : x < -t ? x + t : 0
          u[i] += dualStep * (γ.elements[i] - a[i])
        }
      }
      return problem.objective(at: Matrix(shape: [1, 40], elements: a))[0] - best
    }
    #expect(try run(1) < 1e-6)
    #expect(try !(run(3) < 1e-3))
  }

  @Test("one layer: ML-ISTA is ISTA iterate by iterate, and λ ≥ λ_max gives zero")
  func oneLayer() throws {
    let problem = try Self.lasso(3)
    let dictionary = problem.model.layers[0]
    var γ = Matrix<Double>(zeros: 1, 40)
    for state in try MultiLayerISTA(problem).prefix(50) {
      let residual = Self.difference(Self.synthesize(dictionary, γ), problem.signals)
      let gradient = Self.analyze(dictionary, residual)
      γ = Matrix(
        shape: [1, 40],
        elements: zip(γ.elements, gradient.elements).map { γ, g in
          let x = γ - g
          return x > 0.02 ? x - 0.02 : x < -0.02 ? x + 0.02 : 0
        })
      #expect(largestDifference(state.codes[0], γ) < 1e-12)
    }
    let largest = Self.analyze(dictionary, problem.signals).elements.map(abs).max() ?? 0
    let zero = try MultiLayerProblem(
      dictionary: dictionary, signals: problem.signals, penalty: largest * 1.0001)
    let solution = try ExactSolver().solve(zero)
    #expect(solution.codes[0].elements.allSatisfy { $0 == 0 })
  }

  @Test("the exact solver satisfies the optimality conditions", arguments: [false, true])
  func optimality(nonnegative: Bool) throws {
    for seed in 0..<8 {
      var stream = RandomStream("optimality", "\(seed)")
      let dictionary = DenseDictionary<Double>.gaussian(15, 30, normalized: true, from: &stream)
      let λ = 0.1
      let problem = try MultiLayerProblem(
        dictionary: dictionary, signals: .normal(2, 15, from: &stream), penalty: λ,
        nonnegative: nonnegative)
      let γ = try ExactSolver(tolerance: 1e-13).solve(problem).codes[0]
      let correlation = dictionary.analyze(
        Self.difference(problem.signals, dictionary.synthesize(γ)))
      for (c, g) in zip(correlation.elements, γ.elements) {
        if g > 0 { #expect(abs(c - λ) < 1e-8) }
        if g < 0 { #expect(abs(c + λ) < 1e-8 && !nonnegative) }
        if g == 0 { #expect(nonnegative ? c < λ + 1e-8 : abs(c) < λ + 1e-8) }
      }
    }
  }

  static func synthesize(
    _ d: any SparseDictionary<Double>, _ γ: Matrix<Double>
  ) -> Matrix<Double> {
    func run(_ d: some SparseDictionary<Double>) -> Matrix<Double> { d.synthesize(γ) }
    return run(d)
  }

  static func analyze(
    _ d: any SparseDictionary<Double>, _ x: Matrix<Double>
  ) -> Matrix<Double> {
    func run(_ d: some SparseDictionary<Double>) -> Matrix<Double> { d.analyze(x) }
    return run(d)
  }

  static func matrix(_ d: any SparseDictionary<Double>) -> Matrix<Double> {
    func run(_ d: some SparseDictionary<Double>) -> Matrix<Double> { d.matrix() }
    return run(d)
  }

  static func difference(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Matrix<Double> {
    Matrix(shape: a.shape, elements: zip(a.elements, b.elements).map { $0 - $1 })
  }
}
