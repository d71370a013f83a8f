// Claim: the convex pursuits reproduce the optima and iterates of an independent implementation.
import MLCSCKit
import Testing

@Suite(.enabled(if: Fixture.root != nil, Fixture.absent))
struct ConvexPursuitFixtureTests {
  struct MultiLayerCase: Decodable {
    struct Iterates: Decodable {
      let iter_columns: [Int]
      let limit_F: Double
      let limit_gap: Double
    }
    let dims: [Int]
    let lams: [Double]
    let F_opt: Double
    let mlista: Iterates?
  }

  func problem(_ fixture: Fixture, _ parameters: MultiLayerCase) throws
    -> MultiLayerProblem<Double>
  {
    try MultiLayerProblem(
      model: MultiLayerModel(fixture.dictionaries(parameters.lams.count)),
      signals: fixture.batch("y"), penalties: parameters.lams)
  }

  @Test("the exact solver reaches the optimum with a certificate", arguments: Fixture.all("pml"))
  func exact(_ fixture: Fixture) throws {
    let parameters = try fixture.parameters(MultiLayerCase.self)
    let problem = try problem(fixture, parameters)
    let solution = try ExactSolver(tolerance: 1e-12).solve(problem)
    let deepest = try #require(solution.codes.last)
    let objective = problem.objective(at: deepest)[0]
    #expect(abs(objective - parameters.F_opt) <= 1e-11 * parameters.F_opt)
    let gap = try #require(solution.dualityGaps?.first)
    #expect(gap <= 1e-12 * objective)
    for i in 1...parameters.lams.count {
      let expected = try fixture.batch("gamma\(i)_opt")
      #expect(largestDifference(solution.codes[i - 1], expected) < 1e-6)
    }
    #expect(solution.iterations < 2_000)
  }

  @Test("ADMM reaches the optimum within 1e-6", arguments: Fixture.all("pml"), [true, false])
  func admm(_ fixture: Fixture, accelerated: Bool) throws {
    let parameters = try fixture.parameters(MultiLayerCase.self)
    let problem = try problem(fixture, parameters)
    let admm = try ADMM(problem, innerIterations: 100, innerIsAccelerated: accelerated)
    let solution = try admm.solution(
      stoppingAt: .relativeChange(1e-9), within: accelerated ? 2_000 : 8_000)
    let deepest = try #require(solution.codes.last)
    let objective = problem.objective(at: deepest)[0]
    #expect(objective - parameters.F_opt <= 1e-6 * parameters.F_opt)
  }

  @Test("ML-ISTA and ML-FISTA give the published iterates", arguments: Fixture.all("pml"))
  func iterates(_ fixture: Fixture) throws {
    let parameters = try fixture.parameters(MultiLayerCase.self)
    guard let expected = parameters.mlista else { return }
    let problem = try problem(fixture, parameters)
    try compare(MultiLayerISTA(problem), fixture.batch("mlista_iter"), expected.iter_columns)
    try compare(MultiLayerFISTA(problem), fixture.batch("mlfista_iter"), expected.iter_columns)
  }

  private func compare(
    _ pursuit: some Pursuit<Double>, _ expected: Matrix<Double>, _ columns: [Int]
  ) throws {
    for state in pursuit.prefix(columns.max() ?? 0) {
      guard let row = columns.firstIndex(of: state.iteration) else { continue }
      let deepest = try #require(state.codes.last)
      // The fixture states 1e-10 for its iterates.
      #expect(largestDifference(deepest, expected.gathering(rows: [row])) < 1e-10)
    }
  }

  @Test("ML-ISTA stalls at its biased limit", arguments: Fixture.all("pml"))
  func biasedLimit(_ fixture: Fixture) throws {
    let parameters = try fixture.parameters(MultiLayerCase.self)
    guard let expected = parameters.mlista else { return }
    let problem = try problem(fixture, parameters)
    let solution = try MultiLayerISTA(problem)
      .solution(stoppingAt: .relativeChange(1e-14), within: 400_000)
    let deepest = try #require(solution.codes.last)
    let objective = problem.objective(at: deepest)[0]
    #expect(abs(objective - expected.limit_F) < 1e-7 * expected.limit_F)
    #expect(
      abs(objective - parameters.F_opt - expected.limit_gap) < 1e-3 * expected.limit_gap)
    #expect(largestDifference(deepest, try fixture.batch("mlista_limit")) < 1e-6)
  }

  struct LassoCase: Decodable {
    let type: String
    let lam: Double
    let F_opt: Double
    let iter_columns: [Int]
  }

  @Test("basis pursuit: optimum and iterates", arguments: Fixture.all("lasso"))
  func lasso(_ fixture: Fixture) throws {
    let parameters = try fixture.parameters(LassoCase.self)
    let problem = try MultiLayerProblem(
      dictionary: DenseDictionary(matrix: fixture.matrix("D")), signals: fixture.batch("y"),
      penalty: parameters.lam, nonnegative: parameters.type == "lasso_nonneg")
    let exact = try ExactSolver(tolerance: 1e-13).solve(problem)
    #expect(
      abs(problem.objective(at: exact.codes[0])[0] - parameters.F_opt) <= 1e-12 * parameters.F_opt)
    #expect(largestDifference(exact.codes[0], try fixture.batch("gamma_opt")) < 1e-6)
    try compare(MultiLayerISTA(problem), fixture.batch("ista_iter"), parameters.iter_columns)
    try compare(MultiLayerFISTA(problem), fixture.batch("fista_iter"), parameters.iter_columns)
    let fista = try MultiLayerFISTA(problem).solution(
      stoppingAt: .dualityGap(1e-9), within: 20_000)
    #expect(fista.stopped == .dualityGap)
    #expect(
      problem.objective(at: fista.codes[0])[0] - parameters.F_opt <= 1e-8 * parameters.F_opt)
  }

  struct LayeredCase: Decodable {
    let lams: [Double]
    let thresholds: [Double]
  }

  @Test("layered basis pursuit and layered thresholding", arguments: Fixture.all("layered"))
  func layered(_ fixture: Fixture) throws {
    let parameters = try fixture.parameters(LayeredCase.self)
    let model = try MultiLayerModel(fixture.dictionaries(parameters.lams.count))
    let signals = try fixture.batch("y")
    let pursuit = try LayeredBasisPursuit().solve(
      MultiLayerProblem(model: model, signals: signals, penalties: parameters.lams))
    let thresholding = try LayeredThresholding(model: model, thresholds: parameters.thresholds)
      .solve(signals)
    for i in 1...parameters.lams.count {
      #expect(
        largestDifference(
          pursuit.codes[i - 1], try fixture.batch("gamma\(i)_layeredBP")) < 1e-6)
      #expect(
        largestDifference(
          thresholding.codes[i - 1], try fixture.batch("gamma\(i)_layeredThr")) < 1e-12)
    }
  }

  struct DenseNetworkCase: Decodable {
    let beta: Double
    let F_ml_lasso: Double
    let F_msd_lasso: Double
  }

  @Test("LASSO optima with and without the identity", arguments: Fixture.all("msd"))
  func identityAugmented(_ fixture: Fixture) throws {
    let parameters = try fixture.parameters(DenseNetworkCase.self)
    let signal = try fixture.batch("X")
    let last = try #require(["D", "F3", "F2"].first { (try? fixture.matrix($0)) != nil })
    let isExample = last == "D"
    guard isExample else { return }  // the networks' own dictionaries belong to `msdcsc-theory`
    let atoms = try fixture.matrix(last).transposed
    let identity = Matrix<Double>.identity(atoms.columns)
    let augmented = Matrix(
      shape: [identity.rows + atoms.rows, atoms.columns],
      elements: identity.elements + atoms.elements)
    for (rows, expected) in [(atoms, parameters.F_ml_lasso), (augmented, parameters.F_msd_lasso)] {
      let problem = try MultiLayerProblem(
        dictionary: DenseDictionary(atomRows: rows), signals: signal, penalty: parameters.beta)
      let solution = try ExactSolver(tolerance: 1e-12).solve(problem)
      #expect(abs(problem.objective(at: solution.codes[0])[0] - expected) < 1e-11)
    }
  }
}
