// Claim: the dictionaries made for the premises have the coherence they promise, the local norm is
// what its definition says, and the working-set pursuit solves basis pursuit.
import MLCSCKit
import RealModule
import Testing

struct LowCoherenceTests {
  static func circular(
    _ filters: Tensor<Double>, on size: Extent
  ) throws -> ConvolutionalDictionary<Double> {
    try ConvolutionalDictionary(
      filters: filters,
      geometry: ConvolutionGeometry(
        channels: filters.shape[1], signalSize: size,
        kernelSize: Extent(filters.shape[2], filters.shape[3]), boundary: .circular))
  }

  @Test("Kasami filters have periodic correlations −1 and −1 ± 2^(degree/2)", arguments: [4, 6, 8])
  func kasami(_ degree: Int) throws {
    let (n, half) = ((1 << degree) - 1, 1 << (degree / 2))
    let filters = try LowCoherenceFilters.kasami(degree: degree, count: min(half, 6))
    let dictionary = try Self.circular(filters, on: .line(n))
    let gram = dictionary.analyze(dictionary.atoms(dictionary.representativeAtoms))
    let allowed: Set<Int> = [n, -1, -1 - half, -1 + half]
    #expect(gram.elements.allSatisfy { allowed.contains(Int(($0 * Double(n)).rounded())) })
    // Three-valued, so the coherence is (2^(degree/2) + 1)/n up to rounding.
    #expect(
      dictionary.mutualCoherence()
        .isApproximatelyEqual(to: Double(half + 1) / Double(n), relativeTolerance: 1e-12))
  }

  @Test("Kasami filters refuse what does not exist")
  func refusals() {
    #expect(throws: ModelError.self) { try LowCoherenceFilters.kasami(degree: 5, count: 2) }
    #expect(throws: ModelError.self) { try LowCoherenceFilters.kasami(degree: 4, count: 5) }
  }

  @Test(
    "searched ±1 filters reach the coherences of the catalogue, in 1-D and 2-D",
    arguments: [(Extent.line(63), Extent.line(450), 0.16), (Extent(8, 8), Extent(20, 17), 0.141)])
  func searched(_ size: Extent, _ signal: Extent, _ limit: Double) throws {
    var stream = RandomStream("searched filters")
    let filters = LowCoherenceFilters.searched(
      count: 2, size: size, flips: 20_000, from: &stream)
    let weight = 1 / Double(size.area).squareRoot()
    #expect(filters.elements.allSatisfy { abs($0) == weight })
    let µ = try Self.circular(filters, on: signal).mutualCoherence()
    #expect(µ < limit)
    let peak = µ * Double(size.area)
    #expect(peak.isApproximatelyEqual(to: peak.rounded(), relativeTolerance: 1e-12))
  }

  @Test("rotation layers are orthonormal, and so are their cascades")
  func rotations() throws {
    for (size, delays) in [
      (Extent.line(11), [Extent(0, 1), Extent(0, 3)]),
      (Extent(5, 6), [Extent(1, 2), Extent(2, 0)]),
    ] {
      let layers = try delays.enumerated().map {
        try ConvolutionalDictionary<Double>.rotation(
          signalSize: size, angle: 0.3 + Double($0), delay: $1)
      }
      let effective = try layers[0].product(with: layers[1])
      let gram = effective.matrix().transposed.gramOfRows
      let identity = Matrix<Double>.identity(gram.rows)
      for (a, b) in zip(gram.elements, identity.elements) { #expect(abs(a - b) < 1e-14) }
      #expect(SparsityMeasures.largestFilterCardinality(layers[0]) == 2)
      #expect(SparsityMeasures.largestFilterCardinality(effective) == 4)
    }
  }

  @Test("rotation layers with two delays have the coherence ½|sin 2θ|")
  func delayedRotation() throws {
    let layer = try ConvolutionalDictionary<Double>.rotation(
      signalSize: .line(20), angle: 0.129, delay: Extent(0, 7), secondDelay: Extent(0, 4))
    let expected: Double = 0.5 * .sin(0.258)
    #expect(layer.mutualCoherence().isApproximatelyEqual(to: expected, relativeTolerance: 1e-12))
    #expect(layer.atomNorms.allSatisfy { abs($0 - 1) < 1e-14 })
  }

  // P, Sec. 3.1, expects less correlation "as one considers more global atoms".
  @Test(
    "erratum 22: a cascade's effective dictionary grows more correlated with depth",
    arguments: [4, 6])
  func effectiveCoherence(_ degree: Int) throws {
    let filters = try LowCoherenceFilters.kasami(degree: degree, count: 2)
    let size = Extent.line((1 << degree) - 1)
    var product = try Self.circular(filters, on: size)
    var coherences = [product.mutualCoherence()]
    for delay in [1, 2] {
      product = try product.product(
        with: .rotation(signalSize: size, angle: .pi / 4, delay: Extent(0, delay)))
      coherences.append(product.mutualCoherence())
    }
    #expect(coherences[1] > 1.1 * coherences[0] && coherences[2] > 1.1 * coherences[1])
  }

  @Test(
    "the local norm agrees with a direct loop, in 1-D and 2-D",
    arguments: SparsityMeasureTests.grids)
  func localNorm(_ grid: CodeGrid) {
    var stream = RandomStream("local norm", "\(grid)")
    let (h, w) = (grid.size.height, grid.size.width)
    for _ in 0..<20 {
      let code = (0..<grid.channels * h * w).map { _ in stream.normal() }
      var largest = 0.0
      for y in 0..<h {
        for x in 0..<w {
          var places = Set<Int>()
          for a in 0..<grid.filterSize.height {
            for b in 0..<grid.filterSize.width {
              let (i, j) = (y + a, x + b)
              if grid.boundary == .circular {
                places.insert(i % h * w + j % w)
              } else if i < h, j < w {
                places.insert(i * w + j)
              }
            }
          }
          let energy = places.reduce(0.0) { sum, place in
            (0..<grid.channels).reduce(sum) { $0 + code[$1 * h * w + place].squared }
          }
          largest = max(largest, energy)
        }
      }
      // Running sums of at most 70 squares.
      #expect(
        SparsityMeasures.patchNorm2(code, on: grid)
          .isApproximatelyEqual(to: largest.squareRoot(), relativeTolerance: 1e-13))
    }
  }

  @Test("the working set ends at the certified optimum of the exact solver", arguments: 0..<5)
  func workingSet(_ seed: Int) throws {
    var stream = RandomStream("working set", "\(seed)")
    let dictionary = DenseDictionary<Double>.gaussian(20, 50, normalized: true, from: &stream)
    let signals = Tensor<Double>.normal(6, 20, from: &stream)
    let penalties = (0..<6).map { _ in 0.05 + stream.uniform() }
    let found = try WorkingSetBasisPursuit(dictionary).codes(signals, penalties: penalties)
    let dense = found.densified(50)
    let problem = try MultiLayerProblem(
      model: MultiLayerModel([dictionary]), signals: signals, penalties: [penalties])
    let certified = try ExactSolver(tolerance: 1e-12).solve(problem)
    let objectives = zip(problem.objective(at: dense), problem.objective(at: certified.codes[0]))
    for (ours, theirs) in objectives {
      #expect(ours.isApproximatelyEqual(to: theirs, relativeTolerance: 1e-10))
    }
    for (a, b) in zip(dense.elements, certified.codes[0].elements) { #expect(abs(a - b) < 1e-7) }
  }

  @Test("a penalty above every product gives the empty code; a zero penalty is refused")
  func workingSetEdges() throws {
    var stream = RandomStream("working set edges")
    let dictionary = DenseDictionary<Double>.gaussian(8, 12, normalized: true, from: &stream)
    let signal = Tensor<Double>.normal(1, 8, from: &stream)
    let largest = dictionary.analyze(signal).elements.map(abs).max() ?? 0
    let pursuit = WorkingSetBasisPursuit(dictionary)
    #expect(try pursuit.codes(signal, penalties: [largest * 1.0001])[0].support.isEmpty)
    #expect(throws: ModelError.self) { try pursuit.codes(signal, penalties: [0]) }
  }

  @Test("layered basis pursuit keeps within the supports and its bound where the premise holds")
  func layeredBasisPursuit() throws {
    let dictionary = try DenseDictionary<Double>.spikesAndHadamard(64)
    let geometry = AtomGeometry(dictionary)
    #expect(geometry.basisPursuitLimit.isApproximatelyEqual(to: 3))
    var stream = RandomStream("layered basis pursuit")
    for _ in 0..<100 {
      let support = stream.indices(3, below: 128)
      var code = Matrix<Double>(zeros: 1, 128)
      for j in support { code[0, j] = stream.sign() * (0.5 + stream.uniform()) }
      let noise = Tensor<Double>.normal(1, 64, from: &stream)
      let ε = 0.02
      let scale = ε / Double.norm2(64, noise.elements)
      let signal = Tensor(
        shape: [1, 64],
        elements: zip(dictionary.synthesize(code).elements, noise.elements).map {
          $0 + scale * $1
        })
      let profile = LayerProfile(
        stripe: 3, patch: 3, smallest: 0.5, largest: 1.5, coherence: geometry.coherence)
      let layer = BasisPursuitStability.layers(noise: ε, [profile])[0]
      #expect(layer.guarantee.premise && layer.penalty == 4 * ε)
      let found = try WorkingSetBasisPursuit(dictionary)
        .codes(signal, penalties: [layer.penalty])[0]
      #expect(Set(found.support).isSubset(of: support))
      let dense = [found].densified(128)
      let error = Double.squaredDistance(128, dense.elements, code.elements).squareRoot()
      #expect(!layer.guarantee.isViolated(by: error))
    }
  }
}

extension Double {
  fileprivate var squared: Double { self * self }
}
