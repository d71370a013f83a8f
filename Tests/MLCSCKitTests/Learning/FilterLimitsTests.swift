// Claim: filters are pruned to their limits and no further, the coherence penalty's gradient is right and
// lowers the coherence, twins among atoms are replaced, and reordered layers represent the same signals.
import MLCSCKit
import Testing

struct FilterLimitsTests {
  @Test("the most non-zeros fall from all entries to the limit in equal ratios")
  func schedule() {
    let limits = FilterLimits(least: 2, most: 4, threshold: 0, firstEpoch: 2, lastEpoch: 6)
    #expect(limits.most(at: 0, of: 64) == 64)
    #expect(limits.most(at: 2, of: 64) == 64)
    // 64^{1−p} 4^p at p = 1/4, 1/2, 3/4.
    #expect([3, 4, 5].map { limits.most(at: $0, of: 64) } == [32, 16, 8])
    #expect(limits.most(at: 6, of: 64) == 4)
    #expect(limits.most(at: 99, of: 64) == 4)
    // A filter that has no more entries than the limit stays as it is.
    #expect(limits.most(at: 99, of: 3) == 3)
  }

  @Test("a channel without an entry keeps its largest, in place of one that can be spared")
  func everyChannel() {
    let limits = FilterLimits(least: 1, most: 2, threshold: 0.25, firstEpoch: 0, lastEpoch: 1)
    // Three channels of two entries each.
    let filters = Tensor<Double>(
      shape: [2, 6],
      elements: [
        0.9, 0.3, 0.8, 0.0, 0.10, -0.12,
        0.7, 0.0, 0.1, 0.0, 0.05, 0.15,
      ])
    var projected = filters
    limits.apply(to: &projected, at: 1)
    #expect(projected.elements == [0.9, 0, 0.8, 0, 0, 0, 0.7, 0, 0, 0, 0, 0])
    // The third channel's largest entry is in the second filter, which has room.
    var covered = filters
    limits.apply(to: &covered, at: 1, keeping: 3)
    #expect(covered.elements == [0.9, 0, 0.8, 0, 0, 0, 0.7, 0, 0, 0, 0, 0.15])
    // Filters of one entry: the first gives none away, as nobody else has the first channel.
    let single = FilterLimits(least: 1, most: 1, threshold: 0, firstEpoch: 0, lastEpoch: 1)
    var few = filters
    single.apply(to: &few, at: 1, keeping: 3)
    #expect(few.elements == [0, 0, 0.8, 0, 0, 0, 0.7, 0, 0, 0, 0, 0])
    // A channel of zeros has nothing to keep.
    var empty = filters
    empty.withMutableElements { for i in [4, 5, 10, 11] { $0[i] = 0 } }
    var same = empty
    limits.apply(to: &same, at: 1)
    limits.apply(to: &empty, at: 1, keeping: 3)
    #expect(same.elements == empty.elements)
  }

  @Test("the entries that stay are those of a sort, also among equal magnitudes")
  func selection() {
    var stream = RandomStream("selection")
    for width in [5, 24, 101] {
      for most in [1, 2, width / 2, width - 1] {
        // Few different magnitudes, zeros among them.
        let elements = (0..<3 * width).map { _ in
          Double(stream.index(below: 7)) * 0.25 - 0.75
        }
        let filters = Tensor<Double>(shape: [3, width], elements: elements)
        var pruned = filters
        FilterLimits(least: 1, most: most, threshold: 0, firstEpoch: 0, lastEpoch: 1)
          .apply(to: &pruned, at: 1)
        for o in 0..<3 {
          let row = filters.row(o)
          // Of equal ones the last.
          let kept = Set(
            row.indices.sorted { (abs(row[$0]), $0) > (abs(row[$1]), $1) }.prefix(most))
          #expect(pruned.row(o) == row.indices.map { kept.contains($0) ? row[$0] : 0 })
        }
      }
    }
  }

  private func layer(stride: Int) throws -> ConvolutionalDictionary<Double> {
    var stream = RandomStream("coherence penalty", "\(stride)")
    return try ConvolutionalDictionary(
      filters: .normal(4, 2, 3, 4, from: &stream),
      geometry: ConvolutionGeometry(
        channels: 2, signalSize: Extent(13, 14), kernelSize: Extent(3, 4),
        stride: .square(stride))
    ).normalizingFilters()
  }

  @Test("the penalty is that of all pairs of atoms by its definition", arguments: [1, 2])
  func definition(stride: Int) throws {
    let layer = try layer(stride: stride)
    let penalty = CoherencePenalty(limit: 0.2, weight: 3)
    // An atom in the middle meets every shift of every filter once.
    let (grid, area) = (layer.geometry.codeSize, layer.geometry.codeSize.area)
    let centre = grid.height / 2 * grid.width + grid.width / 2
    let middle = (0..<4).map { $0 * area + centre }
    let products = layer.analyze(layer.atoms(middle))
    var expected = 0.0
    for (o, j) in middle.enumerated() {
      for other in 0..<layer.atomCount where other != j {
        let beyond = max(abs(products[o, other]) - 0.2, 0)
        expected += 3 * beyond * beyond / 4  // (ρ/2) for a pair that is met from both sides
      }
    }
    #expect(expected > 0)
    #expect(abs(penalty.gradient(of: layer).value - expected) < 1e-12 * expected)
  }

  @Test("the penalty's gradient agrees with central differences")
  func gradient() throws {
    let layer = try layer(stride: 1)
    let penalty = CoherencePenalty(limit: 0.2, weight: 1)
    let gradient = penalty.gradient(of: layer).gradient
    for entry in stride(from: 0, to: layer.filters.count, by: 5) {
      func moved(_ h: Double) -> Double {
        var elements = layer.filters.elements
        elements[entry] += h
        let filters = Tensor(shape: layer.filters.shape, elements: elements)
        return penalty.gradient(of: layer.replacingFilters(filters)).value
      }
      // The value is smooth but for jumps of its second derivative: h² of the difference remains.
      let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5
      #expect(abs(difference - gradient.elements[entry]) < 1e-6 * (1 + abs(difference)))
    }
  }

  @Test("a step down the penalty lowers the coherence of twins")
  func twins() throws {
    let layer = try layer(stride: 2)
    var elements = layer.filters.elements
    let width = layer.filters.columns
    for i in 0..<width { elements[width + i] = elements[i] + (i % 2 == 0 ? 0.05 : -0.05) }
    var close = layer.replacingFilters(
      Tensor(shape: layer.filters.shape, elements: elements)
    ).normalizingFilters()
    #expect(close.mutualCoherence() > 0.9)
    let penalty = CoherencePenalty(limit: 0.5, weight: 1)
    for _ in 0..<200 {
      let gradient = penalty.gradient(of: close).gradient.elements
      close = close.replacingFilters(
        Tensor(
          shape: close.filters.shape,
          elements: zip(close.filters.elements, gradient).map { $0 - 0.1 * $1 })
      ).normalizingFilters()
    }
    // In 24 dimensions four filters and their shifts can be as far apart as that.
    #expect(close.mutualCoherence() < 0.55)
  }

  @Test("one of two atoms that are the same is replaced, the one that is used less")
  func replacedTwin() throws {
    var stream = RandomStream("twins")
    let geometry = try ConvolutionGeometry(signalSize: .square(4), kernelSize: .square(4))
    var atoms = Matrix<Double>.normal(6, 16, from: &stream)
    for i in 0..<16 { atoms[5, i] = atoms[2, i] }
    let dictionary = try ConvolutionalDictionary(
      filters: Tensor(shape: [6, 1, 4, 4], elements: atoms.elements), geometry: geometry)
    let data = Matrix<Double>.normal(40, 16, from: &stream)
    func learned(_ coherence: Double) throws -> DictionaryLearning {
      var learner = try DictionaryLearning(
        layers: [dictionary],
        settings: DictionaryLearningSettings(
          batchSize: 40, sparsity: 2, learningRate: 1e-6, filterLimits: [nil], leastUses: 0,
          twinCoherence: coherence),
        streamNames: ["twins"])
      try learner.learnEpoch(
        count: 40, batch: { data.gathering(rows: $0) }, interrupted: {})
      return learner
    }
    let (kept, replaced) = try (learned(1), learned(0.95))
    #expect(kept.history[0].replacedAtoms == 0)
    #expect(try kept.effectiveDictionary().mutualCoherence() > 0.99)
    #expect(replaced.history[0].replacedAtoms == 1)
    #expect(try replaced.effectiveDictionary().mutualCoherence() < 0.95)
    // OMP takes the first of two equal atoms, so that the last is the one without a use.
    let before = dictionary.normalizingFilters().filters
    let unchanged = zip(replaced.layers[0].filters.row(2), before.row(2))
    #expect(unchanged.allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test("reordered layers represent the same signals, and uses follow their filters")
  func reordered() throws {
    var stream = RandomStream("reordered")
    let geometries = try ConvolutionGeometry.chain(
      signalSize: .square(8), filterCounts: [3, 4, 5], kernelSizes: [3, 2, 3], strides: [1, 2, 1])
    let layers = try zip(geometries, [3, 4, 5]).map { geometry, count in
      try ConvolutionalDictionary<Double>(
        filters: .normal(
          count, geometry.channels, geometry.kernelSize.height, geometry.kernelSize.width,
          from: &stream), geometry: geometry)
    }
    let orders = [[2, 0, 1], [3, 1, 0, 2], [4, 2, 0, 1, 3]]
    let changed = layers.reordered(orders)
    let (before, after) = try (MultiLayerModel<Double>(layers), MultiLayerModel<Double>(changed))
    let code = Matrix<Double>.normal(2, before.deepestDimension, from: &stream)
    var moved = Matrix<Double>(zeros: 2, before.deepestDimension)
    for b in 0..<2 {
      for (new, old) in orders[2].enumerated() { moved[b, new] = code[b, old] }
    }
    // The same sums in another order.
    let difference =
      zip(before.synthesize(code).elements, after.synthesize(moved).elements)
      .map { abs($0 - $1) }.max() ?? 1
    #expect(difference < 1e-12)
    let (old, new) = try (
      FilterUse.all(of: layers, codes: before.propagate(code)),
      FilterUse.all(of: changed, codes: after.propagate(moved))
    )
    for (layer, order) in orders.enumerated() {
      for (place, filter) in order.enumerated() {
        #expect(abs(new[layer][place].energyShare - old[layer][filter].energyShare) < 1e-12)
        #expect(abs(new[layer][place].twinCoherence - old[layer][filter].twinCoherence) < 1e-12)
      }
      #expect(abs(new[layer].reduce(0) { $0 + $1.useShare } - 1) < 1e-12)
    }
  }

  @Test("first filters are unit patches of the signals below the limit of coherence")
  func patches() throws {
    var stream = RandomStream("patches")
    let geometry = try ConvolutionGeometry(
      signalSize: .square(10), kernelSize: .square(4), stride: .square(2))
    var signals = Matrix<Double>.normal(20, 100, from: &stream)
    let layer = try ConvolutionalDictionary<Double>.patches(
      of: signals, geometry: geometry, count: 5, limit: 0.7, from: &stream)
    #expect(layer.mutualCoherence() <= 0.7 + 1e-12)
    for o in 0..<5 {
      let filter = layer.filters.row(o)
      #expect(abs(Double.norm2(16, filter) - 1) < 1e-12)
      // Of all patches of all signals one is a multiple of the filter.
      let nearest =
        (0..<20).flatMap { b in
          (0..<49).map { place -> Double in
            let patch = (0..<16).map { i in
              signals[b, (place / 7 + i / 4) * 10 + place % 7 + i % 4]
            }
            return Double.dot(16, patch, filter) / Double.norm2(16, patch)
          }
        }.max() ?? 0
      #expect(nearest > 1 - 1e-12)
    }
    signals = Matrix(zeros: 20, 100)
    #expect(throws: ModelError.self) {
      try ConvolutionalDictionary<Double>.patches(
        of: signals, geometry: geometry, count: 5, limit: 0.7, from: &stream)
    }
  }
}
