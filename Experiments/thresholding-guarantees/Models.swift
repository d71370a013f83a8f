import MLCSCKit

extension ModelUnderTest {
  /// Two-layer models of low coherence: on a line, on a plane, and [I H/√n] without a grid.
  static func all(_ settings: ThresholdingGuarantees.Settings) throws -> [ModelUnderTest] {
    var stream = RandomStream("thresholding-guarantees", "models")
    func searched(
      _ name: String, size: Extent, on signal: Extent, delay: Extent
    ) throws -> ModelUnderTest {
      let filters = LowCoherenceFilters.searched(
        count: 2, size: size, flips: settings.flips, from: &stream)
      return try ModelUnderTest(
        name,
        [
          ConvolutionalDictionary(
            filters: filters,
            geometry: ConvolutionGeometry(
              signalSize: signal, kernelSize: size, boundary: .circular)),
          .rotation(signalSize: signal, angle: .pi / 4, delay: delay),
        ])
    }
    return [
      try searched(
        "line", size: .line(settings.lineFilter), on: .line(settings.lineSignal),
        delay: Extent(0, settings.delay)),
      try searched(
        "plane", size: .square(settings.planeFilter), on: .square(settings.planeSignal),
        delay: Extent(1, 2)),
      try ModelUnderTest(
        "hadamard",
        ConvolutionalDictionary.spikesAndHadamardLayers(settings.hadamard, from: &stream)),
    ]
  }

  /// A row for every layer, without draws.
  func emptyRows(
    _ method: String, place: Double, edge: Double
  ) -> [ThresholdingGuarantees.Row] {
    layers.indices.map { i in
      ThresholdingGuarantees.Row(
        method: method, family: name, layer: i + 1, place: place,
        coherence: geometry.layers[i].coherence, edge: edge)
    }
  }
}
