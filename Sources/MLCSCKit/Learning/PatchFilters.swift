extension ConvolutionalDictionary<Double> {
  /// A first layer whose filters are patches of signals that do not resemble each other.
  ///
  /// Patches are drawn at random. One is taken where a quarter of its largest possible norm is in it
  /// and where its |cosine| with the filters taken before, and with its own shifts by multiples of
  /// the stride, stays below a limit. After every two thousand draws the limit rises by 0.02, so that
  /// the draw ends.
  ///
  /// Filters that begin as noise end as noise where learning finds no use for them; patches are
  /// pieces of signals from the start.
  /// - Parameters:
  ///   - signals: Shape [B, n], with values in [−1, 1].
  ///   - geometry: Where the atoms lie; without padding and dilation.
  ///   - count: How many filters.
  ///   - limit: The largest |cosine| at first.
  ///   - stream: Where patches are drawn from.
  /// - Returns: Unit filters.
  /// - Throws: `ModelError.parameterOutOfRange` where no patch of the signals is large enough.
  public static func patches(
    of signals: Tensor<Double>, geometry: ConvolutionGeometry, count: Int, limit: Double,
    from stream: inout RandomStream
  ) throws -> ConvolutionalDictionary<Double> {
    let overlaps = FilterOverlap.all(of: geometry)
    let (size, kernel) = (geometry.signalSize, geometry.kernelSize)
    var chosen = [[Double]]()
    var (limit, draws) = (limit, 0)
    while chosen.count < count {
      draws += 1
      if draws % 2_000 == 0 { limit += 0.02 }
      // A limit above one takes every patch, so that only empty signals come so far.
      guard limit < 2 else {
        throw ModelError.parameterOutOfRange(
          name: "signals for the first filters", value: "without large patches",
          range: "such that some patches have norms of \(leastNorm(geometry)) or more")
      }
      let b = stream.index(below: signals.rows)
      let y = stream.index(below: size.height - kernel.height + 1)
      let x = stream.index(below: size.width - kernel.width + 1)
      var patch = [Double]()
      for c in 0..<geometry.channels {
        for i in 0..<kernel.height {
          let line = (c * size.height + y + i) * size.width + x
          for j in 0..<kernel.width { patch.append(signals[b, line + j]) }
        }
      }
      let norm = Double.norm2(patch.count, patch)
      guard norm >= leastNorm(geometry) else { continue }
      for i in patch.indices { patch[i] /= norm }
      let isApart = (chosen + [patch]).enumerated().allSatisfy { place, other in
        overlaps.allSatisfy {
          (place == chosen.count && $0.isWhole) || abs($0.product(patch, other)) <= limit
        }
      }
      if isApart { chosen.append(patch) }
    }
    return try ConvolutionalDictionary(
      filters: Tensor(
        shape: [count, geometry.channels, kernel.height, kernel.width],
        elements: Array(chosen.joined())), geometry: geometry)
  }

  /// A layer whose filters are Gaussian noise.
  static func random(
    geometry: ConvolutionGeometry, count: Int, from stream: inout RandomStream
  ) throws -> ConvolutionalDictionary<Double> {
    try ConvolutionalDictionary(
      filters: .normal(
        count, geometry.channels, geometry.kernelSize.height, geometry.kernelSize.width,
        from: &stream), geometry: geometry)
  }

  private static func leastNorm(_ geometry: ConvolutionGeometry) -> Double {
    Double(geometry.filterDimension).squareRoot() / 4
  }
}

extension DictionaryLearning {
  /// Filters to begin with: patches of signals in the first layer, Gaussian noise in the others.
  ///
  /// - Parameters:
  ///   - geometries: One a layer, chaining.
  ///   - filterCounts: One a layer.
  ///   - signals: Shape [B, n].
  ///   - limit: The largest |cosine| of patches at first (see `ConvolutionalDictionary.patches`).
  ///   - stream: Where they are drawn from.
  /// - Returns: D₁ … D_L.
  /// - Throws: `ModelError` where no patch of the signals is large enough.
  public static func firstFilters(
    geometries: [ConvolutionGeometry], filterCounts: [Int], signals: Tensor<Double>,
    limit: Double, from stream: inout RandomStream
  ) throws -> [ConvolutionalDictionary<Double>] {
    try zip(geometries, filterCounts).enumerated().map { layer, part in
      try layer == 0
        ? .patches(
          of: signals, geometry: part.0, count: part.1, limit: limit, from: &stream)
        : .random(geometry: part.0, count: part.1, from: &stream)
    }
  }
}
