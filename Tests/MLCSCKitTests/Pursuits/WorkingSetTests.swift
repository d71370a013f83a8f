// Claim: working sets end at certified solutions of the whole LASSO, whatever the dictionary; large
// dictionaries change no pursuit by how their products are computed.
import MLCSCKit
import RealModule
import Testing

struct WorkingSetTests {
  /// A Gaussian dictionary with a zero atom, an atom twice and its negative.
  static func degenerate(
    _ n: Int, _ m: Int, _ stream: inout RandomStream
  ) -> DenseDictionary<Double> {
    var rows = DenseDictionary<Double>.gaussian(n, m, normalized: true, from: &stream).atomRows
    for i in 0..<n {
      rows[1, i] = 0
      rows[3, i] = rows[2, i]
      rows[4, i] = -rows[2, i]
    }
    return DenseDictionary(atomRows: rows)
  }

  static func largestProduct(
    _ dictionary: some SparseDictionary<Double>, _ signals: Tensor<Double>
  ) -> Double {
    dictionary.analyze(signals).elements.map(abs).max() ?? 0
  }

  @Test(
    "the optimality conditions hold, in sizes below and above n, with zero and repeated atoms",
    arguments: [8, 30, 120], [0.5, 0.02, 1e-4])
  func optimality(_ m: Int, _ share: Double) throws {
    var stream = RandomStream("optimality of working sets", "\(m) \(share)")
    let n = 30
    let dictionary = Self.degenerate(n, m, &stream)
    let signals = Tensor<Double>.normal(3, n, from: &stream)
    for isNonnegative in [false, true] {
      var pursuit = WorkingSetBasisPursuit(dictionary)
      pursuit.nonnegative = isNonnegative
      pursuit.growth = 8
      let λ = share * Self.largestProduct(dictionary, signals)
      let found = try pursuit.solve(signals, penalties: [λ, λ, λ])
      let codes = found.map(\.code).densified(m)
      let residual = signals - dictionary.synthesize(codes)
      let slopes = dictionary.analyze(residual)
      for b in 0..<3 {
        let certificate = found[b].certificate
        #expect(certificate.gap <= 1e-10 * certificate.objective)
        // A relative gap of 1e-10 is a violation of about the same size where λ is not tiny; the
        // slopes themselves are products of unit vectors, so that rounding is some 1e-14.
        for j in 0..<m {
          let (x, c) = (codes[b, j], slopes[b, j])
          if x != 0 {
            #expect(abs(c - (x > 0 ? λ : -λ)) < 1e-8 * λ + 1e-13)
          } else {
            #expect((isNonnegative ? c : abs(c)) < λ * (1 + 1e-8) + 1e-13)
          }
          #expect(!isNonnegative || x >= 0)
        }
      }
    }
  }

  @Test("working sets find the codes of the exact path", arguments: 0..<10)
  func path(_ seed: Int) throws {
    var stream = RandomStream("working sets and path", "\(seed)")
    let dictionary = DenseDictionary<Double>.gaussian(15, 40, normalized: true, from: &stream)
    let signal = Tensor<Double>.normal(1, 15, from: &stream)
    let products = dictionary.analyze(signal).elements
    let λ = 0.1 * (products.map(abs).max() ?? 0)
    var pursuit = WorkingSetBasisPursuit(dictionary)
    pursuit.growth = 4
    let code = try pursuit.codes(signal, penalties: [λ])[0]
    let exact = try BasisPursuitPath(dictionary).solve(products: products, penalty: λ)
    #expect(code.support == exact.piece.support)
    // Both solve the same linear system on the support.
    for (a, b) in zip(code.coefficients, exact.coefficients) { #expect(abs(a - b) < 1e-10) }
  }

  @Test("a path of penalties ends where each penalty alone does")
  func warmStarts() throws {
    var stream = RandomStream("warm starts")
    let dictionary = DenseDictionary<Double>.gaussian(40, 200, normalized: true, from: &stream)
    let signals = Tensor<Double>.normal(20, 40, from: &stream)
    let λ = Self.largestProduct(dictionary, signals)
    let steps = (0..<10).map { step in (0..<20).map { _ in λ * Double.exp2(-0.5 * Double(step)) } }
    let pursuit = WorkingSetBasisPursuit(dictionary)
    let along = try pursuit.path(signals, penalties: steps)
    for (i, penalties) in steps.enumerated() {
      let alone = try pursuit.codes(signals, penalties: penalties)
      for b in 0..<20 {
        #expect(along[b][i].code.support == alone[b].support)
        for (x, y) in zip(along[b][i].code.coefficients, alone[b].coefficients) {
          #expect(abs(x - y) < 1e-9)
        }
      }
    }
  }

  @Test("a convolutional dictionary has the codes of its matrix")
  func convolution() throws {
    var stream = RandomStream("working sets of a convolution")
    let geometry = try ConvolutionGeometry(
      channels: 1, signalSize: .square(12), kernelSize: .square(3))
    let dictionary = try ConvolutionalDictionary<Double>(
      filters: .normal(4, 1, 3, 3, from: &stream), geometry: geometry)
    let dense = DenseDictionary<Double>(dictionary)
    let signals = Tensor<Double>.normal(2, dictionary.signalDimension, from: &stream)
    let λ = 0.1 * Self.largestProduct(dense, signals)
    let codes = try [dictionary as any SparseDictionary<Double>, dense].map {
      try WorkingSetBasisPursuit($0).codes(signals, penalties: [λ, λ])
        .densified(dictionary.atomCount)
    }
    #expect(largestDifference(codes[0], codes[1]) < 1e-10)
  }

  @Test("the number of threads changes no bit", arguments: [1, 20])
  func threads(_ batch: Int) throws {
    var stream = RandomStream("threads of working sets")
    // Large enough for products in pieces.
    let dictionary = DenseDictionary<Double>.gaussian(200, 1500, normalized: true, from: &stream)
    let signals = Tensor<Double>.normal(batch, 200, from: &stream)
    let λ = 0.2 * Self.largestProduct(dictionary, signals)
    let penalties = [Double](repeating: λ, count: batch)
    let found = try [1, 2, 3].map { width in
      try Parallelism.withWidth(width) {
        try WorkingSetBasisPursuit(dictionary).codes(signals, penalties: penalties)
      }
    }
    #expect(found[0] == found[1] && found[0] == found[2])
  }

  @Test("products of a large dense dictionary are those of its parts", arguments: [3, 1400])
  func largeProducts(_ nonzeros: Int) {
    var stream = RandomStream("large products")
    let (n, m) = (201, 1501)
    let dictionary = DenseDictionary<Double>.gaussian(n, m, normalized: true, from: &stream)
    var code = Tensor<Double>(zeros: 1, m)
    for j in stream.indices(nonzeros, below: m) { code[0, j] = stream.normal() }
    let signal = dictionary.synthesize(code)
    for i in 0..<n {
      let sum = (0..<m).reduce(0.0) { $0 + code[0, $1] * dictionary.atomRows[$1, i] }
      // Sums of at most 1,400 terms of size one.
      #expect(abs(sum - signal[0, i]) < 1e-12)
    }
    let products = dictionary.analyze(signal)
    for j in 0..<m {
      let sum = (0..<n).reduce(0.0) { $0 + signal[0, $1] * dictionary.atomRows[j, $1] }
      #expect(abs(sum - products[0, j]) < 1e-11)
    }
  }

  @Test("what is not finite is refused, and so are rounds that do not suffice")
  func refusals() throws {
    var stream = RandomStream("refusals of working sets")
    let dictionary = DenseDictionary<Double>.gaussian(20, 60, normalized: true, from: &stream)
    let signal = Tensor<Double>.normal(1, 20, from: &stream)
    #expect(throws: PursuitError.self) {
      try WorkingSetBasisPursuit(dictionary).codes(.infinity * signal, penalties: [0.1])
    }
    var pursuit = WorkingSetBasisPursuit(dictionary)
    pursuit.limit = 0
    #expect(throws: PursuitError.self) { try pursuit.codes(signal, penalties: [0.01]) }
  }

  // The products come from columns of DᵀD as soon as the codes are sparse.
  @Test("FISTA on a large dictionary makes the textbook's iterations, whatever the threads")
  func largeFISTA() throws {
    var stream = RandomStream("FISTA on a large dictionary")
    let (n, m) = (200, 1500)
    let dictionary = DenseDictionary<Double>.gaussian(n, m, normalized: true, from: &stream)
    var planted = Tensor<Double>(zeros: 1, m)
    for j in stream.indices(5, below: m) { planted[0, j] = stream.sign() }
    let y = dictionary.synthesize(planted)
    let λ = 0.1 * Self.largestProduct(dictionary, y)
    let problem = try MultiLayerProblem(dictionary: dictionary, signals: y, penalty: λ)
    let pursuit = try MultiLayerFISTA(problem)
    let codes = [1, 3].map { width in
      Parallelism.withWidth(width) {
        let iterator = pursuit.makeIterator()
        for _ in 0..<200 { iterator.step() }
        return iterator.deepest
      }
    }
    #expect(codes[0] == codes[1])
    let norm = try dictionary.squaredSpectralNorm().estimate
    var (γ, z, t) = (Tensor<Double>(zeros: 1, m), Tensor<Double>(zeros: 1, m), 1.0)
    for _ in 0..<200 {
      let gradient = dictionary.analyze(dictionary.synthesize(z) - y)
      let new = (z - (1 / norm) * gradient).softThresholded(by: λ / norm)
      let next = (1 + (1 + 4 * t * t).squareRoot()) / 2
      z = new + ((t - 1) / next) * (new - γ)
      (γ, t) = (new, next)
    }
    #expect(SparsityMeasures.cardinality(γ.elements) < n / 4)
    // Rounding of 200 iterations.
    #expect(largestDifference(codes[0], γ) < 1e-11)
  }
}
