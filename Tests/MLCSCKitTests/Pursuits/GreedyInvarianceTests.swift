// Claim: greedy pursuits give the same bits on any number of threads, supports of OMP are nested so
// that one path serves all cardinalities of the projection, and dependent atoms do no harm.
import MLCSCKit
import Testing

struct GreedyInvarianceTests {
  func model() throws -> MultiLayerModel<Double> {
    var stream = RandomStream("invariance", "model")
    let first = try ConvolutionGeometry(
      signalSize: .line(40), kernelSize: .line(7), boundary: .circular)
    let second = try ConvolutionGeometry(
      channels: 2, signalSize: first.codeSize, kernelSize: .line(5), boundary: .circular)
    return try MultiLayerModel<Double>([
      ConvolutionalDictionary<Double>(
        filters: .normal(2, 1, 1, 7, from: &stream), geometry: first),
      ConvolutionalDictionary<Double>(
        filters: .normal(3, 2, 1, 5, from: &stream), geometry: second),
    ])
  }

  @Test("the number of threads changes no bit of OMP and subspace pursuit")
  func threads() throws {
    let dictionary = try model().effectiveDictionary(2)
    var stream = RandomStream("invariance", "signals")
    let signals = Matrix<Double>.normal(150, 40, from: &stream)
    let orthogonal = try OrthogonalMatchingPursuit<Double>(dictionary, sparsity: 6)
    let subspace = try SubspacePursuit<Double>(dictionary, sparsity: 6)
    func codes(threads: Int) throws -> [[SparseCode<Double>]] {
      try Parallelism.withWidth(threads) {
        [try orthogonal.codes(signals), try subspace.codes(signals)]
      }
    }
    #expect(try codes(threads: 1) == codes(threads: 3))
  }

  @Test("G = DᵀD in place of analyses changes codes by rounding, down to exact residuals")
  func gram() throws {
    let dictionary = try model().effectiveDictionary(2)
    var stream = RandomStream("invariance", "gram")
    var signals = Matrix<Double>.normal(60, 40, from: &stream)
    // Signals of two atoms, whose residual becomes rounding, at two scales, and one of zeros.
    let rows = dictionary.atoms([3, 17])
    for (b, scale) in [(0, 1.0), (1, 1e150), (2, 0.0)] {
      for i in 0..<40 { signals[b, i] = scale * (2 * rows[0, i] - rows[1, i]) }
    }
    let plain = try OrthogonalMatchingPursuit<Double>(dictionary, sparsity: 12).codes(signals)
    let pursuit = try OrthogonalMatchingPursuit<Double>(
      dictionary, sparsity: 12, formingGramFor: signals.rows)
    let codes = try pursuit.codes(signals)
    for (b, (code, other)) in zip(codes, plain).enumerated() {
      #expect(code.support == other.support && code.stopped == other.stopped)
      let norm = signals.row(b).reduce(0) { max($0, abs($1)) }
      #expect(
        zip(code.coefficients, other.coefficients).allSatisfy { abs($0 - $1) <= 1e-12 * norm })
    }
    #expect(Set(codes[0].support) == [3, 17] && codes[0].stopped == .exact)
    #expect(codes[2].support.isEmpty)
    let threads = try Parallelism.withWidth(3) { try pursuit.codes(signals) }
    #expect(threads == codes)
  }

  @Test(
    "G by shifts in place of analyses changes a convolutional pursuit's codes by rounding",
    arguments: [
      // Overlapping a little, covering the signal, reaching beyond the code, of many channels.
      (1, Extent(12, 10), Extent(3, 4), Extent(2, 1), 5),
      (1, Extent(9, 9), Extent(8, 8), Extent(1, 1), 3),
      (2, Extent(1, 40), Extent(1, 7), Extent(1, 3), 4),
      (3, Extent(8, 8), Extent(2, 3), Extent(3, 3), 6),
    ])
  func shiftGram(
    channels: Int, size: Extent, kernel: Extent, stride: Extent, filters: Int
  ) throws {
    var stream = RandomStream("invariance", "shifts", "\(channels) \(size)")
    let dictionary = try ConvolutionalDictionary<Double>(
      filters: .normal(filters, channels, kernel.height, kernel.width, from: &stream),
      geometry: ConvolutionGeometry(
        channels: channels, signalSize: size, kernelSize: kernel, stride: stride))
    let signals = Matrix<Double>.normal(100, dictionary.signalDimension, from: &stream)
    let plain = try OrthogonalMatchingPursuit<Double>(dictionary, sparsity: 8).codes(signals)
    let codes = try OrthogonalMatchingPursuit<Double>(
      dictionary, sparsity: 8, formingGramFor: signals.rows
    ).codes(signals)
    for (code, other) in zip(codes, plain) {
      #expect(code.support == other.support && code.stopped == other.stopped)
      #expect(
        zip(code.coefficients, other.coefficients).allSatisfy { abs($0 - $1) <= 1e-10 })
      #expect(abs(code.residualNorm - other.residualNorm) <= 1e-10 * other.residualNorm)
    }
  }

  @Test("a pursuit with fewer atoms is the beginning of one with more")
  func nested() throws {
    let dictionary = try model().effectiveDictionary(2)
    var stream = RandomStream("invariance", "nested")
    let signals = Matrix<Double>.normal(6, 40, from: &stream)
    let longest = try OrthogonalMatchingPursuit<Double>(dictionary, sparsity: 8).codes(signals)
    for k in 1...7 {
      let codes = try OrthogonalMatchingPursuit<Double>(dictionary, sparsity: k).codes(signals)
      for (short, long) in zip(codes, longest) {
        #expect(short.support == Array(long.support.prefix(k)))
      }
    }
  }

  @Test("the projection's one path equals a pursuit started again at its cardinality")
  func projectionPath() throws {
    let model = try model()
    let effective = model.effectiveDictionary(2)
    var stream = RandomStream("invariance", "projection")
    for limit in [6, 12, 30] {
      let signal = Matrix<Double>.normal(1, 40, from: &stream)
      let result = try Projection(model, limits: [limit, 8], measures: [.cardinality])
        .project(signal)[0]
      guard result.sparsity > 0 else {
        #expect(result.deepest.support.isEmpty)
        continue
      }
      let again = try OrthogonalMatchingPursuit<Double>(effective, sparsity: result.sparsity)
        .codes(signal)[0]
      #expect(result.deepest == again)
      #expect(result.trace[result.sparsity - 1][0] <= limit)
      if result.sparsity < 8 { #expect(result.trace[result.sparsity][0] > limit) }
    }
  }

  @Test("atoms that occur twice, or are zero, never enter a support together")
  func dependentAtoms() throws {
    var stream = RandomStream("invariance", "dependent")
    let rows = Matrix<Double>.normal(4, 10, from: &stream)
    let zero = [Double](repeating: 0, count: 10)
    // Atoms 0 … 3, the same again as 4 … 7, and a zero atom.
    let dictionary = DenseDictionary<Double>(
      atomRows: Matrix(shape: [9, 10], elements: rows.elements + rows.elements + zero))
    let signals = Matrix<Double>.normal(20, 10, from: &stream)
    let pursuits = [
      try OrthogonalMatchingPursuit<Double>(dictionary, sparsity: 9).codes(signals),
      try SubspacePursuit<Double>(dictionary, sparsity: 9).codes(signals),
    ]
    for code in pursuits.joined() {
      #expect(Set(code.support.map { $0 % 4 }).count == code.support.count)
      #expect(code.support.count <= 4 && !code.support.contains(8))
      let finite = code.coefficients.allSatisfy { $0.isFinite }
      #expect(finite)
    }
  }
}
