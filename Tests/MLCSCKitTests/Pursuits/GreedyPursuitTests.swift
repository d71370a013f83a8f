// Claim: the greedy pursuits reproduce an independent implementation, agree with brute force on
// small sizes, and run on operators as on explicit matrices.
import MLCSCKit
import Testing

struct GreedyPursuitTests {
  struct PursuitCase: Decodable {
    let k: Int
    let omp_order: [Int]
    let omp_residual: Double
    let sp_support: [Int]
    let sp_residual: Double
  }

  @Test(
    "OMP and subspace pursuit: supports and coefficients",
    .enabled(if: Fixture.root != nil, Fixture.absent), arguments: Fixture.all("pursuit"))
  func fixtures(_ fixture: Fixture) throws {
    let parameters = try fixture.parameters(PursuitCase.self)
    let dictionary = DenseDictionary(matrix: try fixture.matrix("D"))
    let signal = try fixture.batch("y")
    let omp = try OrthogonalMatchingPursuit<Double>(dictionary, sparsity: parameters.k).codes(
      signal)
    #expect(omp[0].support == parameters.omp_order)
    #expect(abs(omp[0].residualNorm - parameters.omp_residual) < 1e-10)
    #expect(
      largestDifference(omp.densified(dictionary.atomCount), try fixture.batch("gamma_omp")) < 1e-9)
    let subspace = try SubspacePursuit<Double>(dictionary, sparsity: parameters.k).codes(signal)
    #expect(subspace[0].support == parameters.sp_support)
    #expect(abs(subspace[0].residualNorm - parameters.sp_residual) < 1e-10)
    #expect(
      largestDifference(subspace.densified(dictionary.atomCount), try fixture.batch("gamma_sp"))
        < 1e-9)
  }

  @Test("OMP's residual is orthogonal to the chosen atoms", arguments: 0..<10)
  func orthogonality(_ seed: Int) throws {
    var stream = RandomStream("orthogonality", "\(seed)")
    let dictionary = DenseDictionary<Double>.gaussian(20, 40, normalized: false, from: &stream)
    let signals = Matrix<Double>.normal(5, 20, from: &stream)
    for (b, code) in try OrthogonalMatchingPursuit<Double>(dictionary, sparsity: 6).codes(signals)
      .enumerated()
    {
      let estimate = dictionary.synthesize([code].densified(40))
      let residual = zip(signals.row(b), estimate.elements).map { $0 - $1 }
      for j in code.support {
        let product = zip(residual, dictionary.atomRows.row(j)).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product) < 1e-12 * 20)  // n terms of size one
      }
    }
  }

  @Test("with enough atoms and no noise the best support of a tiny problem is found")
  func bruteForce() throws {
    for seed in 0..<20 {
      var stream = RandomStream("brute force", "\(seed)")
      let dictionary = DenseDictionary<Double>.gaussian(8, 10, normalized: true, from: &stream)
      let signal = Matrix<Double>.normal(1, 8, from: &stream)
      var best = Double.infinity
      for i in 0..<10 {
        for j in 0..<i {
          let columns = dictionary.atoms([i, j]).transposed
          let (x, _) = try columns.leastSquares(signal.row(0))
          let fit = columns.multiplied(by: Matrix(shape: [2, 1], elements: x))
          best = min(best, SparsityMeasures.relativeError(fit.elements, signal.row(0)))
        }
      }
      let norm = Double.norm2(8, signal.elements)
      let omp = try OrthogonalMatchingPursuit<Double>(dictionary, sparsity: 2).codes(signal)[0]
      let subspace = try SubspacePursuit<Double>(dictionary, sparsity: 2).codes(signal)[0]
      // No pursuit beats the exhaustive search, and one atom is always chosen optimally.
      #expect(omp.residualNorm >= best * norm - 1e-12)
      #expect(subspace.residualNorm >= best * norm - 1e-12)
      let single = try OrthogonalMatchingPursuit<Double>(dictionary, sparsity: 1).codes(signal)[0]
      let largest = dictionary.analyze(signal).elements.map(abs).max() ?? 0
      #expect(abs(single.residualNorm - (norm * norm - largest * largest).squareRoot()) < 1e-12)
    }
  }

  @Test("on operators as on explicit matrices, in a batch as alone")
  func operators() throws {
    var stream = RandomStream("operators")
    let geometry = try ConvolutionGeometry(
      signalSize: .line(24), kernelSize: .line(5), boundary: .circular)
    let convolution = try ConvolutionalDictionary<Double>(
      filters: .normal(3, 1, 1, 5, from: &stream), geometry: geometry)
    let dense = DenseDictionary(convolution)
    let signals = Matrix<Double>.normal(70, 24, from: &stream)
    for (a, b) in zip(
      try OrthogonalMatchingPursuit<Double>(convolution, sparsity: 5).codes(signals),
      try OrthogonalMatchingPursuit<Double>(dense, sparsity: 5).codes(signals))
    {
      #expect(a.support == b.support)
      #expect(zip(a.coefficients, b.coefficients).allSatisfy { abs($0 - $1) < 1e-10 })
    }
    let together = try SubspacePursuit<Double>(convolution, sparsity: 4).codes(signals)
    for b in stride(from: 0, to: 70, by: 7) {
      let alone = try SubspacePursuit<Double>(convolution, sparsity: 4)
        .codes(signals.gathering(rows: [b]))
      #expect(alone[0].support == together[b].support)
    }
  }

  @Test("more atoms than there are, signals of another dimension and NaN are refused")
  func refusal() throws {
    var stream = RandomStream("refusal")
    let dictionary = DenseDictionary<Double>.gaussian(4, 6, normalized: true, from: &stream)
    #expect(throws: PursuitError.self) {
      try OrthogonalMatchingPursuit<Double>(dictionary, sparsity: 7)
    }
    #expect(throws: PursuitError.self) { try SubspacePursuit<Double>(dictionary, sparsity: 0) }
    let pursuit = try OrthogonalMatchingPursuit<Double>(dictionary, sparsity: 2)
    #expect(throws: ModelError.self) { try pursuit.codes(Matrix(zeros: 1, 5)) }
    #expect(throws: PursuitError.self) {
      try pursuit.codes(Matrix(shape: [1, 4], repeating: .nan))
    }
    #expect(try pursuit.codes(Matrix(zeros: 1, 4))[0].support.isEmpty)
    #expect(try pursuit.codes(Matrix(zeros: 0, 4)).isEmpty)
  }

  struct ProjectionCase: Decodable {
    struct Layer: Decodable {
      let m: Int
      let cin: Int
      let n: Int
    }
    struct Algorithm: Decodable {
      let lambdas: [Int]
      let k_selected: Int
      let stripe_trace: [[Int]]
    }
    let N: Int
    let layers: [Layer]
    let algorithm1: Algorithm
    let k_oracle: Int
    let support_true: [Int]
  }

  @Test(
    "Algorithm 1 on a circular convolutional model",
    .enabled(if: Fixture.root != nil, Fixture.absent), arguments: Fixture.all("projection"))
  func projection(_ fixture: Fixture) throws {
    let parameters = try fixture.parameters(ProjectionCase.self)
    var layers = [ConvolutionalDictionary<Double>]()
    for (i, layer) in parameters.layers.enumerated() {
      layers.append(
        try ConvolutionalDictionary(
          filters: fixture.matrix("filters\(i + 1)").reshaped(layer.m, layer.cin, 1, layer.n),
          geometry: ConvolutionGeometry(
            channels: layer.cin, signalSize: .line(parameters.N), kernelSize: .line(layer.n),
            boundary: .circular)))
    }
    let model = try MultiLayerModel<Double>(layers)
    let grid = try #require(CodeGrid(layers[0]))
    let signal = try fixture.batch("y")
    let projection = try Projection(
      model, limits: parameters.algorithm1.lambdas, measures: [.stripe(grid)])
    let result = try projection.project(signal)[0]
    #expect(result.sparsity == parameters.algorithm1.k_selected)
    #expect(result.trace.map { $0[0] } == parameters.algorithm1.stripe_trace.map { $0[0] })
    // The fixture's column is shift · m + filter, ours filter · N + shift.
    let m = parameters.layers[1].m
    let expected = try fixture.batch("gamma2_alg1")
    var ours = Matrix<Double>(zeros: 1, expected.count)
    for (j, value) in zip(result.deepest.support, result.deepest.coefficients) {
      ours[0, (j % parameters.N) * m + j / parameters.N] = value
    }
    #expect(largestDifference(ours, expected) < 1e-9)
    let oracle = try SubspacePursuit(
      model.effectiveDictionary(2), sparsity: parameters.k_oracle
    ).codes(signal)[0]
    let support = oracle.support.map { ($0 % parameters.N) * m + $0 / parameters.N }.sorted()
    #expect(support == parameters.support_true)
  }
}
