// Claim: draws for the theorems have the sparsity and noise that was asked for, and estimates that
// count as admissible meet the theorems' constraints.
import MLCSCKit
import Testing

struct ModelUnderTestTests {
  static func model(isDense: Bool = false) throws -> ModelUnderTest {
    var stream = RandomStream("model under test", "filters")
    let filters = LowCoherenceFilters.searched(
      count: 2, size: .line(15), flips: 500, from: &stream)
    return try ModelUnderTest(
      "line",
      [
        ConvolutionalDictionary(
          filters: filters,
          geometry: ConvolutionGeometry(
            signalSize: .line(60), kernelSize: .line(15), boundary: .circular)),
        .rotation(signalSize: .line(60), angle: .pi / 4, delay: Extent(0, 5)),
      ], isDense: isDense)
  }

  @Test("codes are nested and sparse, noise is as strong as asked", arguments: [false, true])
  func draws(withinSpan: Bool) throws {
    var stream = RandomStream("model under test", "draws")
    let model = try Self.model()
    let draws = try model.draws(
      20, cardinality: 3, withinSpan: withinSpan, noise: [0.1, 0.2], from: &stream)
    for draw in draws {
      #expect(draw.codes[1].count { $0 != 0 } == 3)
      let propagated = model.layers[1].synthesize(
        Matrix(shape: [1, draw.codes[1].count], elements: draw.codes[1]))
      // Sums of two numbers, in any order.
      #expect(zip(propagated.elements, draw.codes[0]).allSatisfy { abs($0 - $1) < 1e-14 })
      let x = model.layers[0].synthesize(propagated).elements
      let noise = zip(draw.signal, x).map { $0 - $1 }
      let norm = Double.norm2(noise.count, noise)
      #expect(abs(norm - draw.noise) < 1e-12)
      #expect((0.1 - 1e-12...0.2 + 1e-12).contains(norm / Double.norm2(x.count, x)))
    }
  }

  @Test("admissible estimates are as close to y as x is; matrices give the same as convolutions")
  func estimates() throws {
    var stream = RandomStream("model under test", "estimates")
    let (model, dense) = (try Self.model(), try Self.model(isDense: true))
    let draws = try model.draws(
      30, cardinality: 1, withinSpan: false, noise: [0.01, 0.1], from: &stream)
    let projections = try model.projections(of: draws)
    let layered = try model.layeredPursuits(of: draws)
    for (b, draw) in draws.enumerated() {
      #expect(projections[b].isAdmissible == [true, true])
      #expect(layered[b].isAdmissible[0])
      for estimate in [projections[b], layered[b]] {
        let x = model.layers[0].synthesize(
          Matrix(shape: [1, estimate.codes[0].count], elements: estimate.codes[0])
        ).elements
        let distance = Double.squaredDistance(x.count, x, draw.signal).squareRoot()
        // Rounding of sums of some sixty numbers of order one.
        #expect(distance <= draw.noise + 1e-10)
      }
    }
    for (a, b) in zip(projections, try dense.projections(of: draws)) {
      #expect(zip(a.codes[1], b.codes[1]).allSatisfy { abs($0 - $1) < 1e-10 })
    }
  }

  @Test("noise of every kind has the local norm that was asked for")
  func localNoise() throws {
    var stream = RandomStream("model under test", "local noise")
    let model = try Self.model()
    for isCrowded in [false, true] {
      let draw = try model.localDraw(
        entries: 3, spread: 0.5, isCrowded: isCrowded, from: &stream)
      #expect(draw.codes[1].count { $0 != 0 } == 3)
      #expect(draw.codes[1].allSatisfy { $0 == 0 || (1...1.5).contains(abs($0)) })
      for kind in ModelUnderTest.LocalNoise.allCases {
        let y = model.noisySignal(of: draw, localNorm: 0.25, kind, from: &stream)
        #expect(abs(model.localNoise(y, of: draw) - 0.25) < 1e-12)
      }
    }
  }

  @Test("up to its edge, noise leaves thresholding the support of one entry")
  func edge() throws {
    var stream = RandomStream("model under test", "edge")
    let model = try ModelUnderTest(
      "hadamard", ConvolutionalDictionary.spikesAndHadamardLayers(64, from: &stream))
    // µ = ⅛ admits the two entries of γ₁ that one of γ₂ makes.
    let edge = try model.thresholdingEdge(spread: 0.02)
    #expect(edge > 0)
    let draw = try model.localDraw(entries: 1, spread: 0.02, isCrowded: false, from: &stream)
    for kind in ModelUnderTest.LocalNoise.allCases {
      let y = model.noisySignal(of: draw, localNorm: 0.999 * edge, kind, from: &stream)
      let layers = ThresholdingStability.layers(
        noise: model.localNoise(y, of: draw), draw.profiles)
      let premises = layers.map(\.guarantee.premise)
      #expect(premises == [true, true])
      let codes = try LayeredThresholding(
        model: MultiLayerModel(model.layers), thresholds: layers.map(\.threshold)
      ).solve(y).codes
      for (i, code) in codes.enumerated() {
        #expect(
          SparsityMeasures.support(code.elements)
            == SparsityMeasures.support(draw.codes[i], threshold: 1e-12))
        let error = model.localError(code.elements, draw.codes[i], layer: i)
        #expect(error <= layers[i].guarantee.bound ?? 0)
      }
    }
  }
}
