// Claim: signals that share analyses in a block have the codes of the method as it is printed.
import MLCSCKit
import Testing

struct SubspacePursuitBatchTests {
  /// Dai and Milenkovic's method with nothing shared: sort all atoms, solve normal equations anew.
  private func printed(
    _ dictionary: DenseDictionary<Double>, _ y: [Double], _ k: Int
  ) throws -> (support: [Int], coefficients: [Double], residual: Double) {
    let (n, m) = (dictionary.signalDimension, dictionary.atomCount)
    let norms = dictionary.atomNorms
    func project(_ support: [Int]) throws -> (coefficients: [Double], residual: [Double]) {
      let atoms = dictionary.atoms(support)
      let right = atoms.multiplied(by: Matrix(shape: [n, 1], elements: y))
      let a = try atoms.gramOfRows.solve(right).elements
      let estimate = Matrix(shape: [1, support.count], elements: a).multiplied(by: atoms)
      return (a, zip(y, estimate.elements).map { $0 - $1 })
    }
    func correlated(_ residual: [Double]) -> [Int] {
      let c = dictionary.analyze(Matrix(shape: [1, n], elements: residual)).elements
      return Array((0..<m).sorted { abs(c[$0]) / norms[$0] > abs(c[$1]) / norms[$1] }.prefix(k))
    }
    var support = correlated(y).sorted()
    var (coefficients, residual) = try project(support)
    while true {
      let merged = Set(support).union(correlated(residual)).sorted()
      let sizes = try zip(merged, project(merged).coefficients).map { ($0, abs($1) * norms[$0]) }
      let kept = sizes.sorted { $0.1 > $1.1 }.prefix(k).map(\.0).sorted()
      let next = try project(kept)
      guard Double.norm2(n, next.residual) < Double.norm2(n, residual) else { break }
      (support, coefficients, residual) = (kept, next.coefficients, next.residual)
    }
    return (support, coefficients, Double.norm2(n, residual))
  }

  @Test("blocks, and a last block that is smaller", arguments: [3, 17, 37])
  func blocks(_ count: Int) throws {
    var stream = RandomStream("subspace pursuit", "\(count)")
    // Atoms of different norms.
    let dictionary = DenseDictionary<Double>.gaussian(30, 80, normalized: false, from: &stream)
    var codes = Matrix<Double>(zeros: count, 80)
    for b in 0..<count {
      // From easy signals, which end at once, to ones that are not sparse.
      for j in stream.indices(1 + b % 9, below: 80) { codes[b, j] = stream.normal() }
    }
    var signals = dictionary.synthesize(codes)
    for b in 0..<count {
      for i in 0..<30 { signals[b, i] += 0.1 * stream.normal() }
    }
    let found = try SubspacePursuit<Double>(dictionary, sparsity: 5).codes(signals)
    for b in 0..<count {
      let expected = try printed(dictionary, signals.row(b), 5)
      #expect(found[b].support == expected.support)
      // Normal equations of ten atoms lose some digits.
      #expect(
        zip(found[b].coefficients, expected.coefficients).allSatisfy {
          abs($0 - $1) < 1e-9 * (1 + abs($1))
        })
      #expect(abs(found[b].residualNorm - expected.residual) < 1e-9 * expected.residual)
    }
  }

  @Test("a signal of zeros in a block has an empty code")
  func zeros() throws {
    var stream = RandomStream("subspace pursuit", "zeros")
    let dictionary = DenseDictionary<Double>.gaussian(12, 20, normalized: true, from: &stream)
    var signals = Matrix<Double>.normal(20, 12, from: &stream)
    for i in 0..<12 { signals[9, i] = 0 }
    let found = try SubspacePursuit<Double>(dictionary, sparsity: 3).codes(signals)
    #expect(found[9].support.isEmpty && found[9].residualNorm == 0)
    for b in [8, 10] {
      let alone = try SubspacePursuit<Double>(dictionary, sparsity: 3)
        .codes(signals.gathering(rows: [b]))[0]
      #expect(found[b].support == alone.support)
    }
  }
}
