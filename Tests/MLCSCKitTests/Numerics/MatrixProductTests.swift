// Claim: matrix products are α A B + β C for every transposition, size and distance between rows, in
// both libraries that compute them.
import MLCSCKit
import Testing

struct MatrixProductTests {
  /// Below, at and above the 4,096 multiplications from which another library multiplies; empty ones.
  static let sizes = [
    (1, 1, 1), (3, 5, 7), (15, 16, 17), (16, 16, 16), (2, 300, 40), (33, 1, 200), (25, 90, 32),
    (4, 6, 0), (0, 5, 3),
  ]

  private func check<Scalar: NumericScalar>(
    _ type: Scalar.Type, _ m: Int, _ n: Int, _ k: Int, tolerance: Double
  ) {
    var stream = RandomStream("products", "\(m) \(n) \(k)")
    for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
      let (rowsA, columnsA) = transposeA ? (k, m) : (m, k)
      let (rowsB, columnsB) = transposeB ? (n, k) : (k, n)
      // Rows that are further apart than they are long.
      let (lda, ldb, ldc) = (columnsA + 3, columnsB + 1, n + 2)
      func drawn(_ count: Int) -> [Scalar] { (0..<count + 1).map { _ in Scalar(stream.normal()) } }
      let (a, b, c) = (drawn(rowsA * lda), drawn(rowsB * ldb), drawn(m * ldc))
      for (α, β) in [(1.0, 0.0), (-0.5, 1.0), (2.0, -0.25)] {
        // With β = 0 nothing of C is read, not even what is no number.
        var found = β == 0 ? c.map { _ in Scalar.nan } : c
        let before = found
        Scalar.gemm(
          transposeA, transposeB, m, n, k, Scalar(α), a, lda, b, ldb, Scalar(β), &found, ldc)
        for i in 0..<m {
          for j in 0..<n {
            var sum = 0.0
            for l in 0..<k {
              let (x, y) = (
                a[transposeA ? l * lda + i : i * lda + l], b[transposeB ? j * ldb + l : l * ldb + j]
              )
              sum += Double(x) * Double(y)
            }
            let expected = α * sum + (β == 0 ? 0 : β * Double(c[i * ldc + j]))
            #expect(abs(Double(found[i * ldc + j]) - expected) < tolerance * Double(k + 1))
          }
          for j in n..<ldc {
            let (old, new) = (before[i * ldc + j], found[i * ldc + j])
            #expect(old == new || (old.isNaN && new.isNaN))
          }
        }
      }
    }
  }

  @Test("in both precisions, against sums of single products", arguments: sizes)
  func products(_ m: Int, _ n: Int, _ k: Int) {
    check(Float.self, m, n, k, tolerance: 1e-5)
    check(Double.self, m, n, k, tolerance: 1e-14)
  }
}
