// Claim: with support and co-support known the holistic pursuit is constrained least squares; the
// greedy one finds the co-support without noise; its error obeys the slides' bound.
import MLCSCKit
import Testing

struct HolisticPursuitTests {
  static func draw(
    _ dimensions: [Int], _ sparsity: Int, _ cosparsity: Int, _ stream: inout RandomStream
  ) throws -> (instance: CosparseInstance, pursuit: HolisticPursuit) {
    let instance = try CosparseInstance(
      dimensions: dimensions, sparsity: sparsity, cosparsity: cosparsity, from: &stream)
    return (instance, try HolisticPursuit(instance.model()))
  }

  static func row(_ values: [Double]) -> Matrix<Double> {
    Matrix(shape: [1, values.count], elements: values)
  }

  @Test("given S and Λ: feasible, and the gradient is a combination of the rows", arguments: 0..<20)
  func optimality(_ seed: Int) throws {
    var stream = RandomStream("holistic optimality", "\(seed)")
    let (instance, pursuit) = try Self.draw([20, 40, 20], 8, 1 + seed % 7, &stream)
    let y = Matrix<Double>.normal(1, 20, from: &stream)
    let found = try pursuit.codes(
      y, support: instance.support, cosupports: [instance.cosupport])[0]
    #expect(found.rank == instance.cosupport.count)
    let γ2 = found.codes[1]
    #expect(SparsityMeasures.support(γ2) == instance.support)
    let γ1 = instance.layers[1].synthesize(Self.row(γ2)).elements
    #expect(instance.cosupport.allSatisfy { abs(γ1[$0]) < 1e-12 && found.codes[0][$0] == 0 })
    // KKT: (D_S)ᵀ(Dγ − y) = Φᵀν for some ν, to the rounding of twenty terms.
    let estimate = pursuit.effective.synthesize(Self.row(γ2)).elements
    let residual = Self.row(zip(estimate, y.elements).map { $0 - $1 })
    let gradient = pursuit.effective.atoms(instance.support)
      .multiplied(by: residual, transposingOther: true).elements
    let rows = Matrix(
      rows: instance.cosupport.map { row in
        instance.support.map { instance.layers[1].atomRows[$0, row] }
      })
    let (ν, _) = try rows.transposed.leastSquares(gradient)
    let combination = Self.row(ν).multiplied(by: rows).elements
    #expect(zip(gradient, combination).allSatisfy { abs($0 - $1) < 1e-11 })
    // And no feasible neighbour is better.
    let space = NullSpace(of: rows)
    for _ in 0..<5 {
      var other = γ2
      let step = Self.row((0..<space.basis.rows).map { _ in 1e-3 * stream.normal() })
        .multiplied(by: space.basis).elements
      for (j, atom) in instance.support.enumerated() { other[atom] += step[j] }
      let value = pursuit.effective.synthesize(Self.row(other)).elements
      #expect(
        SparsityMeasures.relativeError(value, y.elements) * Double.norm2(20, y.elements)
          > found.residualNorm)
    }
  }

  @Test("given S and Λ: the same as solving the KKT system", arguments: 0..<10)
  func system(_ seed: Int) throws {
    var stream = RandomStream("holistic system", "\(seed)")
    let (instance, pursuit) = try Self.draw([15, 30, 12], 6, 4, &stream)
    let y = Matrix<Double>.normal(1, 15, from: &stream)
    let atoms = pursuit.effective.atoms(instance.support)
    let gram = atoms.gramOfRows
    let right = atoms.multiplied(by: y, transposingOther: true).elements
    var kkt = Matrix<Double>(zeros: 10, 10)
    for i in 0..<6 {
      for j in 0..<6 { kkt[i, j] = gram[i, j] }
      for (k, row) in instance.cosupport.enumerated() {
        kkt[i, 6 + k] = instance.layers[1].atomRows[instance.support[i], row]
        kkt[6 + k, i] = kkt[i, 6 + k]
      }
    }
    let solution = try kkt.solve(
      Matrix(shape: [10, 1], elements: right + [0, 0, 0, 0])
    ).elements
    let found = try pursuit.codes(
      y, support: instance.support.reversed(), cosupports: [instance.cosupport])[0].codes[1]
    #expect(zip(instance.support, solution).allSatisfy { abs(found[$0] - $1) < 1e-10 })
  }

  @Test("a batch is solved as its signals alone; empty co-supports give the projection")
  func batch() throws {
    var stream = RandomStream("holistic batch")
    let (instance, pursuit) = try Self.draw([15, 30, 12], 6, 4, &stream)
    let signals = Matrix<Double>.normal(3, 15, from: &stream)
    let together = try pursuit.codes(
      signals, support: instance.support, cosupports: [instance.cosupport])
    let free = try pursuit.codes(signals, support: instance.support, cosupports: [[]])
    for b in 0..<3 {
      let alone = try pursuit.codes(
        signals.gathering(rows: [b]), support: instance.support,
        cosupports: [instance.cosupport])[0]
      #expect(alone.codes == together[b].codes)
      let (plain, _) = try pursuit.effective.atoms(instance.support).transposed
        .leastSquares(signals.row(b))
      #expect(zip(instance.support, plain).allSatisfy { abs(free[b].codes[1][$0] - $1) < 1e-11 })
      #expect(free[b].rank == 0 && free[b].residualNorm <= together[b].residualNorm)
    }
  }

  @Test("dependent rows of the co-support count once in the rank")
  func dependentRows() throws {
    var stream = RandomStream("holistic dependent rows")
    let d1 = DenseDictionary<Double>.gaussian(15, 30, normalized: false, from: &stream)
    var atoms = Matrix<Double>.normal(12, 30, from: &stream)
    for j in 0..<12 { atoms[j, 7] = -2 * atoms[j, 3] }
    let instance = try CosparseInstance(
      layers: [d1, DenseDictionary(atomRows: atoms)], support: [0, 2, 5, 9, 11],
      cosupport: [3, 7, 20], from: &stream)
    #expect(instance.rank == 2)
    let pursuit = try HolisticPursuit(instance.model())
    let y = Self.row(instance.signal)
    let known = try pursuit.codes(y, support: instance.support, cosupports: [[3, 7, 20]])[0]
    #expect(known.rank == 2 && known.residualNorm < 1e-12)
    let greedy = try pursuit.codes(y, support: instance.support, cosparsities: [3])[0]
    #expect(greedy.cosupports == [[3, 7, 20]] && greedy.rank == 2)
  }

  @Test(
    "without noise, S known, atoms independent and no accidental zeros: Λ is found",
    arguments: 0..<20)
  func noiseless(_ seed: Int) throws {
    var stream = RandomStream("holistic noiseless", "\(seed)")
    let (instance, pursuit) = try Self.draw([30, 50, 30], 11, 1 + seed % 10, &stream)
    let cosparsity = instance.cosupport.count
    let y = Self.row(instance.signal)
    let found = try pursuit.codes(y, support: instance.support, cosparsities: [cosparsity])[0]
    #expect(found.cosupports == [instance.cosupport])
    #expect(SparsityMeasures.relativeError(found.codes[1], instance.codes[1]) < 1e-9)
    // Nothing known but the sizes; the support is found where subspace pursuit finds it.
    let all = try pursuit.codes(y, sparsity: 11, cosparsities: [cosparsity])[0]
    let plain = try SubspacePursuit<Double>(pursuit.effective, sparsity: 11).codes(y)[0]
    if plain.support == instance.support {
      #expect(all.support == instance.support && all.cosupports == [instance.cosupport])
    }
    #expect(all.residualNorm <= 1e-9 || plain.support != instance.support)
  }

  @Test("the first row chosen is the one that raises the residual least", arguments: 0..<20)
  func firstRow(_ seed: Int) throws {
    var stream = RandomStream("holistic first row", "\(seed)")
    let (instance, pursuit) = try Self.draw([12, 10, 8], 5, 1, &stream)
    let y = Matrix<Double>.normal(1, 12, from: &stream)
    let support = instance.support
    let residuals = try (0..<10).map {
      try pursuit.codes(y, support: support, cosupports: [[$0]])[0].residualNorm
    }
    let found = try pursuit.codes(y, support: support, cosparsities: [1])[0]
    #expect(found.residualNorm == residuals.min())
  }

  @Test("three layers: every co-support holds, and without noise both are found")
  func threeLayers() throws {
    var stream = RandomStream("holistic three layers")
    let layers = [(20, 24), (24, 22), (22, 16)].map {
      DenseDictionary<Double>.gaussian($0.0, $0.1, normalized: true, from: &stream)
    }
    let pursuit = try HolisticPursuit(MultiLayerModel<Double>(layers))
    let (support, first, second) = ([1, 4, 6, 7, 10, 13, 15], [2, 9], [0, 5, 11])
    // A signal of the model: the codes of any signal under these constraints.
    let any = Matrix<Double>.normal(1, 20, from: &stream)
    let truth = try pursuit.codes(any, support: support, cosupports: [first, second])[0]
    #expect(truth.rank == 5)
    let x = pursuit.effective.synthesize(Self.row(truth.codes[2]))
    let again = pursuit.model.propagate(Self.row(truth.codes[2]))
    for i in 0..<3 {
      #expect(largestDifference(again[i], Self.row(truth.codes[i])) < 1e-13)
    }
    let found = try pursuit.codes(x, support: support, cosparsities: [2, 3])[0]
    #expect(found.cosupports == [first, second])
    #expect(SparsityMeasures.relativeError(found.codes[2], truth.codes[2]) < 1e-10)
  }

  @Test("a co-support never takes γ_L's last degree of freedom")
  func lastFreedom() throws {
    var stream = RandomStream("holistic last freedom")
    let (_, pursuit) = try Self.draw([10, 20, 8], 4, 1, &stream)
    let y = Matrix<Double>.normal(1, 10, from: &stream)
    let found = try pursuit.codes(y, support: [0, 3, 5], cosparsities: [9])[0]
    #expect(found.rank == 2 && found.cosupports[0].count == 2)
    #expect(found.codes[1].contains { $0 != 0 })
    // Asked for explicitly, it is taken.
    let none = try pursuit.codes(y, support: [0, 3, 5], cosupports: [[0, 1, 2]])[0]
    #expect(none.rank == 3 && none.codes[1].allSatisfy { $0 == 0 })
  }

  @Test("what cannot be is refused")
  func refusal() throws {
    var stream = RandomStream("holistic refusal")
    let (_, pursuit) = try Self.draw([6, 9, 8], 3, 1, &stream)
    let y = Matrix<Double>.normal(1, 6, from: &stream)
    #expect(throws: PursuitError.self) {
      try HolisticPursuit(MultiLayerModel<Double>([pursuit.effective]))
    }
    #expect(throws: ModelError.signalDimension(expected: 6, found: 5)) {
      try pursuit.codes(Matrix(zeros: 1, 5), support: [0], cosupports: [[]])
    }
    #expect(throws: PursuitError.self) {
      try pursuit.codes(Matrix(shape: [1, 6], repeating: .nan), sparsity: 2, cosparsities: [1])
    }
    for support in [[0, 0], [8], [-1]] {
      #expect(throws: ModelError.self) {
        try pursuit.codes(y, support: support, cosupports: [[]])
      }
    }
    #expect(throws: ModelError.self) { try pursuit.codes(y, support: [0], cosupports: [[9]]) }
    #expect(throws: ModelError.self) { try pursuit.codes(y, support: [0], cosupports: []) }
    #expect(throws: ModelError.self) { try pursuit.codes(y, support: [0], cosparsities: [10]) }
    #expect(throws: ModelError.self) { try pursuit.codes(y, support: [0], cosparsities: [1, 1]) }
    #expect(throws: PursuitError.self) { try pursuit.codes(y, sparsity: 9, cosparsities: [1]) }
    // Seven atoms of six dimensions are dependent.
    #expect(throws: LinearAlgebraError.self) {
      try pursuit.codes(y, support: Array(0..<7), cosparsities: [1])
    }
    #expect(try pursuit.codes(Matrix(zeros: 0, 6), sparsity: 2, cosparsities: [1]).isEmpty)
    let zero = try pursuit.codes(Matrix(zeros: 1, 6), sparsity: 2, cosparsities: [1])[0]
    #expect(zero.codes[1].allSatisfy { $0 == 0 })
  }

  @Test("instances whose co-support leaves nothing are refused")
  func impossibleInstance() throws {
    var stream = RandomStream("impossible instance")
    let layers = [(6, 9), (9, 8)].map {
      DenseDictionary<Double>.gaussian($0.0, $0.1, normalized: true, from: &stream)
    }
    #expect(throws: ModelError.self) {
      try CosparseInstance(layers: layers, support: [0, 1], cosupport: [2, 3], from: &stream)
    }
    #expect(throws: ModelError.self) {
      try CosparseInstance(
        layers: layers.reversed(), support: [0], cosupport: [], from: &stream)
    }
    #expect(throws: ModelError.self) {
      try CosparseInstance(layers: [layers[0]], support: [0], cosupport: [], from: &stream)
    }
  }
}
