// Claim: the products of small dense dictionaries, which run on packed rows, equal the definition for
// every size, batch and sparsity, and do not depend on where a batch is cut.
import MLCSCKit
import Testing

struct DenseProductTests {
  /// Around the widths of registers, and beyond what is packed.
  static let sizes = [
    (1, 1), (3, 8), (7, 5), (8, 16), (15, 33), (16, 64), (17, 31), (50, 70), (70, 60), (65, 129),
    (40, 257), (300, 120),
  ]

  private func check<Scalar: NumericScalar>(_ n: Int, _ m: Int, _ batch: Int, _ type: Scalar.Type) {
    var stream = RandomStream("dense products", "\(n) \(m) \(batch)")
    let dictionary = DenseDictionary<Scalar>.gaussian(n, m, normalized: false, from: &stream)
    var codes = Matrix<Scalar>.normal(batch, m, from: &stream)
    // Two thirds of the entries are zero: packed rows pass over them.
    for b in 0..<batch { for j in 0..<m where (j + b) % 3 != 0 { codes[b, j] = 0 } }
    let signals = Matrix<Scalar>.normal(batch, n, from: &stream)
    let matrix = dictionary.matrix()
    let synthesis = dictionary.synthesize(codes)
    let analysis = dictionary.analyze(signals)
    // Rounding of a sum of at most 300 products of numbers of order one.
    let tolerance = 300 * Double(Scalar.ulpOfOne) * 10
    for b in 0..<batch {
      for i in 0..<n {
        let sum = (0..<m).reduce(0.0) { $0 + Double(matrix[i, $1]) * Double(codes[b, $1]) }
        #expect(abs(Double(synthesis[b, i]) - sum) < tolerance)
      }
      for j in 0..<m {
        let sum = (0..<n).reduce(0.0) { $0 + Double(matrix[$1, j]) * Double(signals[b, $1]) }
        #expect(abs(Double(analysis[b, j]) - sum) < tolerance)
      }
    }
  }

  @Test("synthesis and analysis equal sums written out", arguments: sizes, [1, 2, 3, 4, 5, 9])
  func products(size: (n: Int, m: Int), batch: Int) {
    check(size.n, size.m, batch, Double.self)
    check(size.n, size.m, batch, Float.self)
  }

  @Test("a product of zeros is zero, of a code that is not finite not finite")
  func edges() {
    var stream = RandomStream("dense products", "edges")
    let dictionary = DenseDictionary<Double>.gaussian(9, 5, normalized: true, from: &stream)
    var code = Matrix<Double>(zeros: 1, 5)
    #expect(dictionary.synthesize(code).elements.allSatisfy { $0 == 0 })
    code[0, 3] = .nan
    #expect(dictionary.synthesize(code).elements.allSatisfy { $0.isNaN })
  }
}
