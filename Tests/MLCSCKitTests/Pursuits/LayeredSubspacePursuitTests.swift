// Claim: where coherence is low, layered subspace pursuit finds the supports of all layers, and from the
// true γ₁ it finds those of the deeper layers without noise exactly.
import MLCSCKit
import Testing

struct LayeredSubspacePursuitTests {
  @Test("the cascade's codes double from layer to layer and meet P's eq. (4) as its formula says")
  func cascade() throws {
    let family = try ModelUnderTest.kasamiCascade(degree: 8, depth: 3)
    #expect(family.depth == 3 && family.layers[0].signalDimension == 255)
    // (2⁴ + 1)/255 of the Kasami set, and orthonormal rotations.
    #expect(abs(family.geometry.layers[0].coherence - 17.0 / 255) < 1e-12)
    #expect(family.geometry.layers[1].coherence < 1e-12)
    var stream = RandomStream("cascade")
    for k in 1...2 {
      let draws = try family.draws(
        5, cardinality: k, withinSpan: false, noise: [0.01, 0.01], from: &stream)
      for draw in draws {
        let most = [4 * k, 2 * k, k]
        for (code, limit) in zip(draw.codes, most) {
          #expect(SparsityMeasures.cardinality(code, threshold: 1e-12) <= limit)
        }
        // 4 < ½(1 + 15) and 8 is not.
        let isMet = LayeredStability.guarantees(
          noise: draw.noise, sparsities: draw.profiles.map(\.stripe),
          coherences: draw.profiles.map(\.coherence)
        ).allSatisfy { $0.slack > 0 }
        #expect(k == 2 || isMet)
      }
    }
  }

  @Test("supports and codes of all layers are found, signal by signal with its own cardinalities")
  func recovery() throws {
    let family = try ModelUnderTest.kasamiCascade(degree: 8, depth: 3)
    var stream = RandomStream("layered recovery")
    let draws = try [1, 2].flatMap { k in
      try family.draws(
        4, cardinality: k, withinSpan: false, noise: [1e-6, 1e-6], from: &stream)
    }
    let model = try MultiLayerModel<Double>(family.layers)
    let counts = (0..<3).map { layer in
      draws.map { SparsityMeasures.cardinality($0.codes[layer], threshold: 1e-12) }
    }
    let found = try model.layeredSubspacePursuit(
      of: Matrix(rows: draws.map(\.signal)), sparsities: counts, leastIndependence: 1e-8)
    let inner = try MultiLayerModel<Double>(Array(family.layers.dropFirst()))
      .layeredSubspacePursuit(
        of: Matrix(rows: draws.map { $0.codes[0] }), sparsities: Array(counts.dropFirst()),
        leastIndependence: 1e-8)
    for (b, draw) in draws.enumerated() {
      for layer in 0..<3 {
        let error = SparsityMeasures.relativeError(found[layer].row(b), draw.codes[layer])
        // Noise of 1e-6 of the signal on well-conditioned supports.
        #expect(error < 1e-4, "layer \(layer + 1) of draw \(b)")
      }
      for layer in 1..<3 {
        #expect(
          SparsityMeasures.relativeError(inner[layer - 1].row(b), draw.codes[layer]) < 1e-12)
      }
    }
    #expect(throws: ModelError.self) {
      try model.layeredSubspacePursuit(
        of: Matrix(rows: draws.map(\.signal)), sparsities: [[1]], leastIndependence: 1e-8)
    }
  }
}
