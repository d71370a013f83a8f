import MLCSCKit

/// Nested dictionaries for which the premises of P's Theorem 1 and of its equation 4 hold.
///
/// D₁ has two ±1 filters of low coherence, D₂ … D_L two-tap rotations with delays, each of which
/// doubles the non-zeros from γᵢ to γ_{i−1}. But for the line's they are orthonormal, which makes every
/// factor of (5) after the first as small as it can be, 4: the growth shown is the least there is.
struct Family: Sendable {
  let model: ModelUnderTest
  /// Non-zeros of γ_L that are drawn, by block in turn.
  let cardinalities: [Int]

  init(
    name: String, first: Tensor<Double>, on size: Extent, angle: Double = .pi / 4,
    delays: [(Extent, Extent)], cardinalities: [Int]
  ) throws {
    let outermost = try ConvolutionalDictionary(
      filters: first,
      geometry: ConvolutionGeometry(
        signalSize: size, kernelSize: Extent(first.shape[2], first.shape[3]),
        boundary: .circular))
    let rotations = try delays.map {
      try ConvolutionalDictionary<Double>.rotation(
        signalSize: size, angle: angle, delay: $0.0, secondDelay: $0.1)
    }
    model = try ModelUnderTest(name, [outermost] + rotations)
    self.cardinalities = cardinalities
  }

  private init(_ model: ModelUnderTest, cardinalities: [Int]) {
    (self.model, self.cardinalities) = (model, cardinalities)
  }

  /// One line and one plane with searched filters, and Kasami's filters to several depths.
  static func all(_ settings: ProjectionBounds.Settings) throws -> [Family] {
    var stream = RandomStream("projection-bounds", "searched filters")
    let line = LowCoherenceFilters.searched(
      count: 2, size: .line(settings.lineFilter), flips: settings.flips, from: &stream)
    let plane = LowCoherenceFilters.searched(
      count: 2, size: .square(settings.planeFilter), flips: settings.flips, from: &stream)
    let crowding = Array(1...settings.mostEntries)
    return try [
      Family(
        name: "line", first: line, on: .line(settings.lineSignal), angle: settings.lineAngle,
        delays: [(Extent(0, settings.lineDelays[0]), Extent(0, settings.lineDelays[1]))],
        cardinalities: crowding),
      Family(
        name: "plane", first: plane, on: .square(settings.planeSignal),
        delays: [(Extent(1, 2), Extent(1, 2))], cardinalities: crowding),
    ]
      + (1...settings.depth).map { depth in
        try Family(
          .kasamiCascade(degree: settings.kasamiDegree, depth: depth),
          cardinalities: [1 << (settings.depth - depth)])
      }
  }
}
