// Claim: ranks of integer matrices and sparks are exact; null spaces are orthonormal and complete.
import Algorithms
import MLCSCKit
import Testing

struct SparkTests {
  /// The rank by the sizes of all non-zero minors, straight from the definition.
  static func naiveRank(_ a: IntegerMatrix) -> Int {
    func determinant(_ m: [[Int]]) -> Int {
      guard let first = m.first else { return 1 }
      return first.indices.reduce(0) { sum, j in
        let minor = m.dropFirst().map { row in row.indices.filter { $0 != j }.map { row[$0] } }
        return sum + (j % 2 == 0 ? 1 : -1) * first[j] * determinant(minor)
      }
    }
    for size in stride(from: min(a.rows, a.columns), to: 0, by: -1) {
      for rows in (0..<a.rows).combinations(ofCount: size) {
        for columns in (0..<a.columns).combinations(ofCount: size)
        where determinant(rows.map { i in columns.map { a[i, $0] } }) != 0 {
          return size
        }
      }
    }
    return 0
  }

  @Test("the exact rank is the size of the largest non-zero minor", arguments: 0..<60)
  func rank(_ seed: Int) throws {
    var stream = RandomStream("rank", "\(seed)")
    let (rows, columns) = (1 + seed % 4, 1 + seed % 5)
    let matrix = IntegerMatrix.uniform(rows, columns, upTo: 1 + seed % 3, from: &stream)
    #expect(try matrix.rank() == Self.naiveRank(matrix))
    // A product has the rank of its thinner factor at most.
    let thin = IntegerMatrix.uniform(6, 2, upTo: 5, from: &stream)
    let product = try thin.multiplied(by: .uniform(2, 6, upTo: 5, from: &stream))
    #expect(try product.rank() == Self.naiveRank(product))
    #expect(try product.rank(atMost: 2) == product.rank())
  }

  @Test("a minor divisible by the first prime does not deceive the rank")
  func divisibleMinor() throws {
    let prime = (1 << 31) - 1
    #expect(try IntegerMatrix(1, 1, elements: [prime]).rank() == 1)
    #expect(try IntegerMatrix(2, 2, elements: [1, 1, 1, 1 + prime]).rank() == 2)
    #expect(try IntegerMatrix(2, 2, elements: [prime, 0, 0, 2_147_483_629]).rank() == 2)
    // Rounding would call this one singular.
    let a = 100_000_000
    #expect(try IntegerMatrix(2, 2, elements: [a, a + 1, a - 1, a]).rank() == 2)
    #expect(try IntegerMatrix(2, 2, elements: [a, a, a, a]).rank() == 1)
  }

  @Test("what does not fit is refused")
  func refusal() {
    let large = IntegerMatrix(1, 1, elements: [.max])
    #expect(throws: LinearAlgebraError.integerRange(operation: "product")) {
      try large.multiplied(by: large)
    }
    let wide = IntegerMatrix(40, 40, elements: (0..<1600).map { $0 % 41 == 0 ? 1 << 40 : 1 })
    #expect(throws: LinearAlgebraError.integerRange(operation: "exact rank")) { try wide.rank() }
    #expect(throws: ModelError.self) { try IntegerMatrix(zeros: 30, 60).spark() }
    var stream = RandomStream("refusal")
    let dictionary = DenseDictionary<Double>.gaussian(30, 60, normalized: true, from: &stream)
    #expect(throws: ModelError.self) { try dictionary.spark() }
  }

  @Test("spark: known cases")
  func known() throws {
    #expect(try IntegerMatrix(2, 2, elements: [1, 0, 0, 1]).spark() == nil)
    #expect(try IntegerMatrix(2, 3, elements: [1, 0, 1, 0, 1, 1]).spark() == 3)
    #expect(try IntegerMatrix(2, 3, elements: [1, 0, 2, 0, 1, 0]).spark() == 2)
    #expect(try IntegerMatrix(2, 3, elements: [1, 0, 0, 0, 1, 0]).spark() == 1)
    // [I H] with Hadamard's matrix of order 4: spark 2√4 (Donoho, Elad 2003).
    let rows: [[Int]] = [
      [1, 0, 0, 0, 1, 1, 1, 1], [0, 1, 0, 0, 1, -1, 1, -1], [0, 0, 1, 0, 1, 1, -1, -1],
      [0, 0, 0, 1, 1, -1, -1, 1],
    ]
    let both = Array(rows.joined())
    #expect(try IntegerMatrix(4, 8, elements: both).spark() == 4)
  }

  @Test("spark: exact, by brute force and in floating point the same", arguments: 0..<40)
  func brute(_ seed: Int) throws {
    var stream = RandomStream("spark", "\(seed)")
    let (n, m) = (2 + seed % 3, 4 + seed % 4)
    let matrix = IntegerMatrix.uniform(n, m, upTo: 1 + seed % 4, from: &stream)
    let dependent = (1...m).first { size in
      (0..<m).combinations(ofCount: size).contains {
        Self.naiveRank(matrix.selecting(rows: Array(0..<n), columns: $0)) < size
      }
    }
    #expect(try matrix.spark() == dependent)
    #expect(try DenseDictionary(matrix: matrix.reals).spark() == dependent)
  }

  // The bound behind R's Lemma 1 (Donoho and Elad 2003): below half the spark a code is the sparsest.
  @Test("the spark is at least 1 + 1/µ, so codes below ½(1 + 1/µ) are unique", arguments: 0..<40)
  func coherence(_ seed: Int) throws {
    var stream = RandomStream("coherence and spark", "\(seed)")
    let n = 4 + seed % 3
    let dictionary = DenseDictionary<Double>.gaussian(
      n, n + 1 + seed % 2, normalized: true, from: &stream)
    let spark = try #require(try dictionary.spark())
    #expect(Double(spark) >= 1 + 1 / dictionary.mutualCoherence() - 1e-9)
    // Attained by the simplex of n + 1 atoms, µ = 1/n.
    let simplex = (0...n).map { i in (0...n).map { $0 == i ? Double(n) : -1 } }
    let (_, _, basis) = try Matrix(rows: simplex).singularValueDecomposition()
    let atoms = Matrix(rows: simplex).multiplied(by: basis, transposingOther: true)
    let tight = DenseDictionary<Double>(
      atomRows: Matrix(rows: (0...n).map { Array(atoms.row($0).prefix(n)) })
    ).normalized()
    #expect(try tight.spark() == n + 1)
    #expect(abs(tight.mutualCoherence() - 1 / Double(n)) < 1e-12)
  }

  @Test("a Gaussian dictionary has spark n + 1", arguments: 0..<5)
  func gaussian(_ seed: Int) throws {
    var stream = RandomStream("Gaussian spark", "\(seed)")
    let wide = DenseDictionary<Double>.gaussian(5, 9, normalized: false, from: &stream)
    #expect(try wide.spark() == 6)
    let tall = DenseDictionary<Double>.gaussian(5, 4, normalized: false, from: &stream)
    #expect(try tall.spark() == nil)
  }

  @Test("a null space is orthonormal, orthogonal to all rows and complete", arguments: 0..<20)
  func nullSpace(_ seed: Int) throws {
    var stream = RandomStream("null space", "\(seed)")
    let (rows, s, rank) = (1 + seed % 8, 9, min(1 + seed % 8, 1 + seed % 5))
    let matrix = Matrix<Double>.normal(rows, rank, from: &stream)
      .multiplied(by: .normal(rank, s, from: &stream))
    let space = NullSpace(of: matrix)
    #expect(space.rank == rank)
    #expect(space.basis.shape == [s - rank, s])
    // Products of nine numbers of size one to ten.
    #expect(largestDifference(space.basis.gramOfRows, .identity(s - rank)) < 1e-13)
    let products = matrix.multiplied(by: space.basis, transposingOther: true)
    #expect(products.elements.allSatisfy { abs($0) < 1e-11 })
  }
}
