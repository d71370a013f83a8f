import MLCSCKit
import RealModule

/// A two-layer model of low coherence, its draws and its local norms.
struct NestedModel: Sendable {
  /// A true code of every layer with its signal.
  struct Truth {
    let codes: [[Double]]
    let signal: Tensor<Double>
    let profiles: [LayerProfile]
  }

  let name: String
  let layers: [ConvolutionalDictionary<Double>]
  let geometry: ModelGeometry

  init(_ name: String, _ layers: [ConvolutionalDictionary<Double>]) throws {
    self.name = name
    self.layers = layers
    geometry = try ModelGeometry(layers)
  }

  static func all(_ settings: ThresholdingGuarantees.Settings) throws -> [NestedModel] {
    var stream = RandomStream("thresholding-guarantees", "models")
    func searched(
      _ name: String, size: Extent, on signal: Extent, delay: Extent
    ) throws -> NestedModel {
      let filters = LowCoherenceFilters.searched(
        count: 2, size: size, flips: settings.flips, from: &stream)
      return try NestedModel(
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
      try hadamard(settings.hadamard, from: &stream),
    ]
  }

  /// D₁ = [I H/√n] and orthonormal D₂ whose atoms join one spike and one Hadamard function each.
  ///
  /// One filter covers the signal at a single position, so stripes and patches are whole vectors.
  private static func hadamard(_ n: Int, from stream: inout RandomStream) throws -> NestedModel {
    let first = try DenseDictionary<Double>.spikesAndHadamard(n)
    var second = Matrix<Double>(zeros: n, 2 * n)
    for (i, j) in stream.permutation(of: n).enumerated() {
      second[i, i] = Double(0.5).squareRoot()
      second[i, n + j] = second[i, i]
    }
    func layer(_ atoms: Matrix<Double>, channels: Int, width: Int) throws
      -> ConvolutionalDictionary<Double>
    {
      try ConvolutionalDictionary(
        filters: atoms.reshaped(atoms.rows, channels, 1, width),
        geometry: ConvolutionGeometry(
          channels: channels, signalSize: .line(width), kernelSize: .line(width)))
    }
    return try NestedModel(
      "hadamard",
      [
        layer(first.atomRows, channels: 1, width: n), layer(second, channels: 2 * n, width: 1),
      ])
  }

  /// Draws γ₂ with some entries, everywhere or, if crowded, within the reach of one filter of D₁.
  func draw(
    entries: Int, spread: Double, isCrowded: Bool, from stream: inout RandomStream
  ) throws -> Truth {
    let grid = geometry.stripes[1]
    let (size, reach) = (grid.size, geometry.stripes[0].filterSize)
    let window = Extent(min(reach.height, size.height), min(reach.width, size.width))
    let corner = Extent(stream.index(below: size.height), stream.index(below: size.width))
    var deepest = Matrix<Double>(zeros: 1, grid.channels * size.area)
    var placed = 0
    while placed < entries {
      var j = stream.index(below: deepest.columns)
      if isCrowded {
        let y = (corner.height + stream.index(below: window.height)) % size.height
        let x = (corner.width + stream.index(below: window.width)) % size.width
        j = stream.index(below: grid.channels) * size.area + y * size.width + x
      }
      guard deepest[0, j] == 0 else { continue }
      deepest[0, j] = stream.sign() * (1 + spread * stream.uniform())
      placed += 1
    }
    let model = try MultiLayerModel<Double>(layers)
    let codes = model.propagate(deepest).map(\.elements)
    return Truth(
      codes: codes, signal: model.synthesize(deepest), profiles: geometry.profiles(codes))
  }

  /// The largest noise that thresholding's premise admits for one entry of γ₂ of worst magnitudes.
  func edge(spread: Double) throws -> Double {
    var deepest = Matrix<Double>(zeros: 1, layers[1].atomCount)
    deepest[0, 0] = 1
    let codes = try MultiLayerModel<Double>(layers).propagate(deepest).map(\.elements)
    let profiles = geometry.profiles(codes).map {
      LayerProfile(
        stripe: $0.stripe, patch: $0.patch, smallest: $0.smallest,
        largest: $0.largest * (1 + spread), coherence: $0.coherence)
    }
    return ThresholdingStability.largestNoise(profiles)
  }

  /// The signal with noise of local norm ε: white (0), or ±ε times an atom: the one off the support
  /// that looks most like the signal (1), the weakest one of the support, against its sign (2).
  func noisy(
    _ truth: Truth, ε: Double, kind: Int, from stream: inout RandomStream
  ) -> Tensor<Double> {
    let n = truth.signal.columns
    var noise: [Double]
    if kind == 0 {
      noise = Tensor<Double>.normal(1, n, from: &stream).elements
    } else {
      let products = layers[0].analyze(truth.signal).elements
      let inside = SparsityMeasures.support(truth.codes[0], threshold: 1e-12)
      var candidates = inside
      if kind == 1 {
        let taken = Set(inside)
        candidates = products.indices.filter { !taken.contains($0) }
      }
      let order = kind == 1 ? 1.0 : -1.0
      let chosen =
        candidates.max { order * abs(products[$0]) < order * abs(products[$1]) } ?? 0
      noise = layers[0].atoms([chosen]).elements
      if (products[chosen] < 0) == (kind == 1) { noise = noise.map { -$0 } }
    }
    let scale = ε / SparsityMeasures.patchNorm2(noise, on: geometry.patches[0])
    return Tensor(
      shape: [1, n], elements: zip(truth.signal.elements, noise).map { $0 + scale * $1 })
  }

  /// ‖E‖ᵖ_{2,∞} of a noisy signal.
  func localNoise(_ signal: Tensor<Double>, _ truth: Truth) -> Double {
    SparsityMeasures.patchNorm2(
      zip(signal.elements, truth.signal.elements).map(-), on: geometry.patches[0])
  }

  /// ‖Γ̂ᵢ − Γᵢ‖ᵖ_{2,∞}, layers from 0.
  func localError(_ found: [Double], _ truth: [Double], layer: Int) -> Double {
    SparsityMeasures.patchNorm2(zip(found, truth).map(-), on: geometry.patches[layer + 1])
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
