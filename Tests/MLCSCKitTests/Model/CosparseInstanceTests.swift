// Claim: a drawn instance has the codes that B and the slides describe, and rounding of its dictionaries
// moves them by rounding: the same draw is made on every processor.
import MLCSCKit
import Testing

struct CosparseInstanceTests {
  let support = [1, 3, 5, 8, 11, 12, 15]
  let cosupport = [0, 4, 7, 9]

  func layers(changedBy relative: Double) -> [DenseDictionary<Double>] {
    var stream = RandomStream("cosparse instance", "layers")
    var changes = RandomStream("cosparse instance", "changes")
    return [(8, 12), (12, 18)].map { n, m in
      let exact = Matrix<Double>.normal(m, n, from: &stream)
      return DenseDictionary(
        atomRows: Matrix(
          shape: exact.shape,
          elements: exact.elements.map { $0 * (1 + relative * changes.normal()) }))
    }
  }

  func instance(changedBy relative: Double) throws -> CosparseInstance {
    var stream = RandomStream("cosparse instance", "codes")
    return try CosparseInstance(
      layers: layers(changedBy: relative), support: support, cosupport: cosupport, from: &stream)
  }

  @Test("γ₂ is a unit vector on S, γ₁ = D₂γ₂ is zero on Λ and x = D₁γ₁")
  func definition() throws {
    let instance = try instance(changedBy: 0)
    let (γ1, γ2) = (instance.codes[0], instance.codes[1])
    #expect(γ2.indices.filter { γ2[$0] != 0 } == support)
    #expect(abs(Double.norm2(γ2.count, γ2) - 1) < 1e-12)
    let product = instance.layers[1].synthesize(Matrix(shape: [1, 18], elements: γ2)).elements
    #expect(zip(product, γ1).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(cosupport.allSatisfy { γ1[$0] == 0 })
    #expect(instance.rank == cosupport.count)
    let x = instance.layers[0].synthesize(Matrix(shape: [1, 12], elements: γ1)).elements
    #expect(zip(x, instance.signal).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test("dictionaries that differ by rounding give codes that differ by rounding")
  func rounding() throws {
    let exact = try instance(changedBy: 0)
    let other = try instance(changedBy: 1e-15)
    for (a, b) in zip(exact.codes, other.codes) {
      #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-11 })
    }
  }
}
