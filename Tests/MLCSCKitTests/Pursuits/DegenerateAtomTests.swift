// Claim: atoms that are almost, or wholly, combinations of others are passed over, not the signal; a
// signal that is explained takes no atoms of rounding; and a code says why it has no more atoms.
import MLCSCKit
import Testing

struct DegenerateAtomTests {
  static let methods: [Projection.Method] = [.orthogonalMatchingPursuit, .subspacePursuit]

  func code(
    _ dictionary: DenseDictionary<Double>, _ y: Matrix<Double>, _ k: Int, _ method: Int
  ) throws -> SparseCode<Double> {
    if method == 0 {
      return try OrthogonalMatchingPursuit<Double>(dictionary, sparsity: k).codes(y)[0]
    }
    var pursuit = try SubspacePursuit<Double>(dictionary, sparsity: k)
    pursuit.leastIndependence = SubspacePursuit<Double>.numericalDependence
    return try pursuit.codes(y)[0]
  }

  @Test(
    "atoms with a sine down to 1e-7 are told apart",
    arguments: [1e-3, 1e-4, 1e-5, 1e-7], 0...1)
  func parallelAtoms(_ sine: Double, _ method: Int) throws {
    let cosine = (1 - sine * sine).squareRoot()
    let dictionary = DenseDictionary<Double>(
      atomRows: Matrix(rows: [[1, 0, 0], [cosine, sine, 0], [0, 0, 1]]))
    let y = dictionary.synthesize(Matrix(shape: [1, 3], elements: [1, 2, 1e-5]))
    let found = try code(dictionary, y, 3, method)
    let values = [found].densified(3) as Tensor<Double>
    for (value, expected) in zip(values.elements, [1, 2, 1e-5]) {
      // Rounding of y over the sine.
      #expect(abs(value - expected) < 1e-15 / sine)
    }
    #expect(found.residualNorm < 1e-15)
  }

  // A copy correlates as much as the atom that is chosen; what follows must still be found.
  @Test("copies and zero atoms are passed over for atoms that help", arguments: 0...1)
  func copies(_ method: Int) throws {
    let dictionary = DenseDictionary<Double>(
      atomRows: Matrix(rows: [[1, 0, 0], [1, 0, 0], [0, 0, 0], [-1, 0, 0], [0, 1, 0]]))
    let found = try code(dictionary, Matrix(shape: [1, 3], elements: [3, 2, 1]), 4, method)
    #expect(found.support.sorted() == [0, 4])
    #expect(found.coefficients.sorted() == [2, 3] && found.residualNorm == 1)
    #expect(found.stopped == (method == 0 ? .dependent : .settled))
  }

  @Test("a signal of two atoms has a code of two, whatever is asked for", arguments: 0...1)
  func exactSignals(_ method: Int) throws {
    for seed in 0..<45 {
      var stream = RandomStream("exact signals", "\(seed)")
      let n = 4 + seed % 20
      let dictionary = DenseDictionary<Double>.gaussian(
        n, 2 * n, normalized: seed % 2 == 0, from: &stream)
      var γ = Matrix<Double>(zeros: 1, 2 * n)
      let support = stream.indices(2, below: 2 * n)
      for j in support { γ[0, j] = stream.sign() * (1 + stream.uniform()) }
      let y = dictionary.synthesize(γ)
      let found = try code(dictionary, y, min(8, n), method)
      // Two of few atoms are not always found; when they are, nothing is added.
      guard Set(support).isSubset(of: found.support) else { continue }
      #expect(found.support.sorted() == support.sorted())
      #expect(found.stopped == .exact)
    }
  }

  @Test("numbers of very different size in one signal are all found", arguments: 0...1)
  func mixedSizes(_ method: Int) throws {
    let identity = DenseDictionary(matrix: Matrix<Double>.identity(4))
    let values = [1, 1e-20, 0, 1e-150]
    let found = try code(identity, Matrix(shape: [1, 4], elements: values), 4, method)
    #expect(([found].densified(4) as Tensor<Double>).elements == values)
    // An atom's size does not matter, only its direction.
    let sizes = DenseDictionary<Double>(
      atomRows: Matrix(rows: [[1e-170, 0, 0], [0, 1, 0], [0, 0, 1e170]]))
    let code = try code(sizes, Matrix(shape: [1, 3], elements: [1, 2, 3]), 3, method)
    let restored = ([code].densified(3) as Tensor<Double>).elements
    for (value, expected) in zip(restored, [1e170, 2, 3e-170]) {
      #expect(abs(value / expected - 1) < 1e-14)
    }
  }

  @Test("a code says why it has no more atoms", arguments: 0...1)
  func reasons(_ method: Int) throws {
    var stream = RandomStream("reasons")
    let dictionary = DenseDictionary<Double>.gaussian(4, 9, normalized: true, from: &stream)
    let y = Matrix<Double>.normal(1, 4, from: &stream)
    #expect(try code(dictionary, y, 2, method).stopped == .complete)
    let all = try code(dictionary, y, 7, method)
    #expect(all.support.count <= 4 && [.exact, .dimension].contains(all.stopped))
    let zero = try code(dictionary, Matrix(zeros: 1, 4), 2, method)
    #expect(zero.support.isEmpty && zero.stopped == .exact)
    let pursuit = try OrthogonalMatchingPursuit<Double>(
      dictionary, sparsity: 4, residualTolerance: 0.9 * Double.norm2(4, y.elements))
    #expect(try pursuit.codes(y)[0].stopped == .residualNorm)
  }

  // 2⁻⁴⁰ y has the code 2⁻⁴⁰ γ; a threshold in the code's own units would count rounding.
  @Test("the projection of a small signal is that of the signal, scaled", arguments: 0...1)
  func smallSignals(_ method: Int) throws {
    var stream = RandomStream("small signals")
    let model = try MultiLayerModel<Double>([
      DenseDictionary.gaussian(12, 15, normalized: true, from: &stream),
      DenseDictionary(
        atomRows: Matrix(
          rows: (0..<20).map { j in
            (0..<15).map { $0 == j % 15 ? 1 : $0 == (j * 4 + 1) % 15 ? -0.7 : 0 }
          })),
    ])
    let y = Matrix<Double>.normal(1, 12, from: &stream)
    let small = Matrix(shape: y.shape, elements: y.elements.map { $0 * 0x1p-40 })
    let projection = try Projection(
      model, limits: [9, 5], measures: [.cardinality], method: Self.methods[method])
    let (one, other) = (try projection.project(y)[0], try projection.project(small)[0])
    #expect(one.trace == other.trace && one.sparsity == other.sparsity)
    #expect(one.deepest.coefficients == other.deepest.coefficients.map { $0 * 0x1p40 })
  }
}
