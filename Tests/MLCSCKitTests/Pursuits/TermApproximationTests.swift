// Claim: cosine basis and principal components are what their formulas say, and the errors of M-term
// approximation are optimal where they should be and never rise.
import Foundation
import MLCSCKit
import Testing

struct TermApproximationTests {
  @Test(
    "the cosine basis is orthonormal, at every size",
    arguments: [Extent(1, 1), Extent(1, 7), Extent(4, 4), Extent(5, 3), Extent(12, 12)])
  func orthonormal(_ size: Extent) throws {
    let basis = try DenseDictionary<Double>.cosineTransform(size)
    let gram = basis.atomRows.gramOfRows
    // Sums of at most 144 products of numbers below one.
    #expect(largestDifference(gram, .identity(size.area)) < 1e-13 * Double(size.area))
  }

  @Test("the cosine basis is the formula")
  func formula() throws {
    let basis = try DenseDictionary<Double>.cosineTransform(Extent(3, 4))
    for (u, v, i, j) in [(0, 0, 1, 2), (2, 0, 1, 3), (1, 3, 2, 0), (2, 2, 0, 1)] {
      let expected =
        sqrt((u == 0 ? 1.0 : 2) / 3) * cos(.pi * Double((2 * i + 1) * u) / 6)
        * sqrt((v == 0 ? 1.0 : 2) / 4) * cos(.pi * Double((2 * j + 1) * v) / 8)
      #expect(abs(basis.atomRows[u * 4 + v, i * 4 + j] - expected) < 1e-15)
    }
    #expect(throws: ModelError.self) {
      try DenseDictionary<Double>.cosineTransform(Extent(0, 4))
    }
  }

  /// Rows with energies that fall from one direction to the next.
  func correlated(_ count: Int, _ n: Int, from stream: inout RandomStream) -> Tensor<Double> {
    let mix = Matrix<Double>.normal(n, n, from: &stream)
    var factors = Matrix<Double>.normal(count, n, from: &stream)
    for t in 0..<count { for i in 0..<n { factors[t, i] /= Double(1 + i) } }
    return factors.multiplied(by: mix)
  }

  @Test("no subspace of M dimensions holds more of the signals than M principal components")
  func optimalSubspace() throws {
    var stream = RandomStream("optimal subspace")
    let signals = correlated(60, 10, from: &stream)
    let components = try PrincipalComponents(of: signals)
    let energy = signals.elements.reduce(0) { $0 + $1 * $1 }
    #expect(abs(components.energies.reduce(0, +) / energy - 1) < 1e-12)
    #expect(zip(components.energies, components.energies.dropFirst()).allSatisfy { $0 >= $1 })
    #expect(
      largestDifference(components.basis.atomRows.gramOfRows, .identity(10)) < 1e-12)
    func kept(_ basis: Tensor<Double>, _ m: Int) -> Double {
      let products = signals.multiplied(
        by: basis.gathering(rows: Array(0..<m)), transposingOther: true)
      return products.elements.reduce(0) { $0 + $1 * $1 }
    }
    for m in 1...9 {
      let best = kept(components.basis.atomRows, m)
      #expect(abs(best - components.energies[..<m].reduce(0, +)) < 1e-11 * energy)
      for _ in 0..<20 {
        // The rows of Vᵀ are a random orthonormal basis; small turns of V are near the optimum.
        let turn = try Matrix<Double>.normal(10, 10, from: &stream).singularValueDecomposition().vt
        #expect(kept(turn, m) <= best * (1 + 1e-12))
        var near = components.basis.atomRows
        let (c, s) = (0.999, 0.0447101778)
        for i in 0..<10 {
          let (a, b) = (near[m - 1, i], near[m, i])
          near[m - 1, i] = c * a + s * b
        }
        let length = Double.norm2(10, near.row(m - 1))
        for i in 0..<10 { near[m - 1, i] /= length }
        #expect(kept(near, m) <= best * (1 + 1e-9))
      }
    }
  }

  @Test("in an orthonormal basis the greedy pursuit finds the largest coefficients")
  func greedyIsBest() throws {
    var stream = RandomStream("greedy is best")
    let signals = correlated(30, 16, from: &stream)
    let basis = try DenseDictionary<Double>.cosineTransform(.square(4))
    let greedy = try TermApproximation.greedyErrors(of: signals, in: basis, upTo: 15)
    let best = try TermApproximation.bestErrors(of: signals, inBasis: basis, upTo: 15)
    #expect(largestDifference(greedy, best) < 1e-12)
    let leading = try TermApproximation.leadingErrors(of: signals, inBasis: basis, upTo: 15)
    for (a, b) in zip(best.elements, leading.elements) { #expect(a <= b + 1e-14) }
  }

  @Test("errors are those of the approximations, start at one and never rise")
  func errors() throws {
    var stream = RandomStream("term errors")
    let dictionary = DenseDictionary<Double>.gaussian(12, 20, normalized: true, from: &stream)
    let signals = correlated(9, 12, from: &stream)
    let errors = try TermApproximation.greedyErrors(of: signals, in: dictionary, upTo: 12)
    for b in 0..<9 {
      #expect(errors[b, 0] == 1)
      for m in 1...12 { #expect(errors[b, m] <= errors[b, m - 1]) }
    }
    for m in [1, 4, 9] {
      let codes = try OrthogonalMatchingPursuit<Double>(dictionary, sparsity: m).codes(signals)
      for (b, code) in codes.enumerated() {
        let norm = Double.norm2(12, signals.row(b))
        #expect(abs(errors[b, m] - code.residualNorm * code.residualNorm / norm / norm) < 1e-12)
      }
    }
  }

  @Test("a signal that a few atoms make up has no error from there on, one of zeros none at all")
  func exactSignals() throws {
    let basis = DenseDictionary<Double>(matrix: .identity(5))
    let signals = Tensor<Double>(rows: [[0, 3, 0, 4, 0], [0, 0, 0, 0, 0]])
    let greedy = try TermApproximation.greedyErrors(of: signals, in: basis, upTo: 4)
    #expect(
      largestDifference(
        greedy, Tensor(rows: [[1, 9.0 / 25, 0, 0, 0], [0, 0, 0, 0, 0]])) < 1e-15)
    let best = try TermApproximation.bestErrors(of: signals, inBasis: basis, upTo: 4)
    #expect(largestDifference(greedy, best) < 1e-15)
  }

  @Test("signals and bases that do not fit are refused")
  func refusal() throws {
    let basis = try DenseDictionary<Double>.cosineTransform(.line(4))
    let part = DenseDictionary(atomRows: basis.atomRows.gathering(rows: [0, 1]))
    let signals = Tensor<Double>(shape: [1, 4], repeating: 1)
    #expect(throws: PursuitError.self) {
      try TermApproximation.greedyErrors(of: signals, in: part, upTo: 3)
    }
    #expect(throws: ModelError.self) {
      try TermApproximation.bestErrors(of: signals, inBasis: part, upTo: 2)
    }
    #expect(throws: PursuitError.self) {
      try TermApproximation.bestErrors(of: signals, inBasis: basis, upTo: 0)
    }
    #expect(throws: ModelError.self) {
      try TermApproximation.leadingErrors(of: Tensor(zeros: 1, 3), inBasis: basis, upTo: 2)
    }
    #expect(throws: ModelError.self) { try PrincipalComponents(of: Tensor(zeros: 0, 4)) }
    #expect(throws: PursuitError.self) {
      try PrincipalComponents(of: Tensor(shape: [2, 4], repeating: .infinity))
    }
  }
}
