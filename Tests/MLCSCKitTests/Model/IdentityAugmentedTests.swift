// Claim: [I D] is an exact operator with R's spectrum, layered thresholding on it is a dense network,
// and its LASSO optimum is the independent one.
import MLCSCKit
import Testing

struct IdentityAugmentedTests {
  @Test("synthesis is the adjoint of analysis, and both equal the matrix", arguments: [1, 2, 7])
  func adjoint(batch: Int) throws {
    var stream = RandomStream("augmented", "adjoint")
    let base = try ConvolutionalDictionary<Double>(
      filters: .normal(2, 1, 3, 3, from: &stream),
      geometry: ConvolutionGeometry(
        signalSize: .square(6), kernelSize: .square(3), dilation: .square(2), padding: .square(2)))
    let dictionary = IdentityAugmentedDictionary(base)
    #expect(dictionary.atomCount == 36 + 72)
    let signals = Matrix<Double>.normal(batch, 36, from: &stream)
    let codes = Matrix<Double>.normal(batch, 108, from: &stream)
    let matrix = dictionary.matrix()
    for (i, j) in [(0, 0), (5, 5), (5, 6), (35, 35)] { #expect(matrix[i, j] == (i == j ? 1 : 0)) }
    let synthesis = codes.multiplied(by: matrix, transposingOther: true)
    let analysis = signals.multiplied(by: matrix)
    // Sums of at most 108 products of order one.
    #expect(largestDifference(dictionary.synthesize(codes), synthesis) < 1e-12)
    #expect(largestDifference(dictionary.analyze(signals), analysis) < 1e-12)
    let norms = dictionary.atomNorms
    for j in 0..<108 {
      let column = (0..<36).reduce(0.0) { $0 + matrix[$1, j] * matrix[$1, j] }
      #expect(abs(norms[j] * norms[j] - column) < 1e-12)
    }
  }

  @Test("the coherence is that of all pairs, also where shifts stand for one another")
  func coherence() throws {
    var stream = RandomStream("augmented", "coherence")
    for boundary in Boundary.allCases {
      let base = try ConvolutionalDictionary<Double>(
        filters: .normal(2, 1, 1, 3, from: &stream),
        geometry: ConvolutionGeometry(
          signalSize: .line(8), kernelSize: .line(3), boundary: boundary))
      let dictionary = IdentityAugmentedDictionary(base)
      let dense = DenseDictionary(dictionary)
      #expect(abs(dictionary.mutualCoherence() - dense.mutualCoherence()) < 1e-13)
    }
  }

  @Test("biases that do not fit the model are refused")
  func biases() throws {
    var stream = RandomStream("augmented", "biases")
    let model = try MultiLayerModel<Double>([
      IdentityAugmentedDictionary(
        DenseDictionary.gaussian(4, 3, normalized: true, from: &stream))
    ])
    #expect(throws: ModelError.self) { try LayeredThresholding(model: model, biases: []) }
    #expect(throws: ModelError.self) { try LayeredThresholding(model: model, biases: [[0, 1]]) }
    #expect(throws: ModelError.self) { try LayeredThresholding(model: model, biases: [[.nan]]) }
  }

  struct Parameters: Decodable {
    let beta: Double
    let F_ml_lasso: Double
    let F_msd_lasso: Double
    let dims: [Int]?
    let lambda_max_ml: Double?
    let lambda_max_msd: Double?
    let eig_B: [Double]?
  }

  /// The dictionary Fᵀ of a case: R's example names it D.
  private func plain(_ fixture: Fixture) throws -> DenseDictionary<Double> {
    fixture.name.contains("2x3")
      ? DenseDictionary(matrix: try fixture.matrix("D"))
      : DenseDictionary(atomRows: try fixture.matrix("F1"))
  }

  @Test(
    "optima with and without the identity equal the independent ones",
    .enabled(if: Fixture.root != nil, Fixture.absent), arguments: Fixture.all("msd_"))
  func optima(_ fixture: Fixture) throws {
    let expected = try fixture.parameters(Parameters.self)
    let x = try fixture.batch("X")
    let plain = try plain(fixture)
    func optimum(_ dictionary: some SparseDictionary<Double>) throws -> Double {
      let problem = try MultiLayerProblem(
        dictionary: dictionary, signals: x, penalty: expected.beta)
      return problem.objective(at: try ExactSolver(tolerance: 1e-12).solve(problem).codes[0])[0]
    }
    // The fixtures' own tolerance.
    #expect(abs(try optimum(plain) / expected.F_ml_lasso - 1) < 1e-9)
    #expect(
      abs(try optimum(IdentityAugmentedDictionary(plain)) / expected.F_msd_lasso - 1) < 1e-9)
  }

  @Test(
    "a dense network's features and spectrum equal the independent ones",
    .enabled(if: Fixture.root != nil, Fixture.absent),
    arguments: Fixture.all("msd_").filter { !$0.name.contains("2x3") })
  func network(_ fixture: Fixture) throws {
    let expected = try fixture.parameters(Parameters.self)
    let widths = try #require(expected.dims)
    var layers = [any SparseDictionary<Double>]()
    var biases = [[Double]]()
    for i in 1..<widths.count {
      layers.append(
        IdentityAugmentedDictionary(DenseDictionary(atomRows: try fixture.matrix("F\(i)"))))
      biases.append(
        [Double](repeating: 0, count: widths[i - 1]) + (try fixture.matrix("b\(i)").elements))
    }
    let codes = try LayeredThresholding(model: MultiLayerModel(layers), biases: biases)
      .solve(try fixture.batch("x")).codes
    #expect(largestDifference(codes[codes.count - 1], try fixture.batch("features")) < 1e-12)
    let atoms = layers[0].atoms(Array(0..<layers[0].atomCount))
    let spectrum = try atoms.gramOfRows.symmetricEigenvalues().sorted()
    for (found, value) in zip(spectrum, try #require(expected.eig_B)) {
      #expect(abs(found - value) < 1e-12)
    }
    #expect(
      abs(try #require(expected.lambda_max_msd) - (try #require(expected.lambda_max_ml)) - 1)
        < 1e-12)
  }
}
