extension DictionaryLearning {
  /// Replaces deepest atoms that hardly any signal used, and of every two that are nearly the same the
  /// one that is used less, by the analysis of signals that are badly represented, with as many
  /// non-zeros as the other filters may have.
  ///
  /// - Parameters:
  ///   - uses: How many signals of the epoch used each deepest atom.
  ///   - errors: The error of every signal of the epoch, with its number.
  ///   - batch: The signals of some numbers, shape [B, n].
  /// - Returns: How many atoms were replaced.
  /// - Throws: What `batch` throws.
  mutating func replaceAtoms(
    _ uses: [Int], _ errors: [(error: Double, index: Int)],
    _ batch: ([Int]) throws -> Tensor<Double>
  ) throws -> Int {
    let last = layers.count - 1
    let positions = layers[last].geometry.codeSize.area
    let filterUses = (0..<layers[last].filterCount).map { o in
      uses[o * positions..<(o + 1) * positions].reduce(0, +)
    }
    guard epoch + 1 <= settings.lastReplacement else { return 0 }
    var leaving = Set(filterUses.indices.filter { filterUses[$0] < settings.leastUses })
    leaving.formUnion(try lessUsedTwins(filterUses, except: leaving))
    guard !leaving.isEmpty else { return 0 }
    let worst = errors.sorted { ($0.error, $1.index) > ($1.error, $0.index) }
      .prefix(leaving.count).map(\.index)
    var codes = try batch(worst)
    for layer in layers.dropLast() { codes = layer.analyze(codes) }
    var filters = layers[last].filters
    var patches = layers[last].centralPatches(of: codes)
    // A piece of a signal is a dense filter: its largest entries begin.
    settings.filterLimits[last]?.apply(to: &patches, at: Double(epoch + 1))
    var replaced = 0
    let width = filters.columns
    for (row, o) in zip(0..<worst.count, leaving.sorted()) {
      let patch = patches.row(row)
      guard patch.contains(where: { $0 != 0 }) else { continue }
      filters.withMutableElements { ($0 + o * width).update(from: patch, count: width) }
      moments[last].clear(row: o)
      replaced += 1
    }
    layers[last] = layers[last].replacingFilters(filters).normalizingFilters()
    return replaced
  }

  /// Of every two deepest atoms of a larger |cosine| than allowed, the one that is used less.
  ///
  /// Only where every filter has a single position: else a filter resembles its own shifts.
  private func lessUsedTwins(_ uses: [Int], except: Set<Int>) throws -> Set<Int> {
    let last = layers.count - 1
    guard settings.twinCoherence < 1, layers[last].geometry.codeSize.area == 1 else { return [] }
    let effective = try model().effectiveConvolution(layers.count).normalizingFilters()
    let cosines = effective.filters.reshaped(effective.filterCount, effective.filters.columns)
      .gramOfRows
    var leaving = except
    for i in uses.indices where !leaving.contains(i) {
      for j in (i + 1)..<max(uses.count, i + 1) where abs(cosines[i, j]) > settings.twinCoherence {
        guard !leaving.contains(j), !leaving.contains(i) else { continue }
        leaving.insert(uses[i] < uses[j] ? i : j)
      }
    }
    return leaving
  }
}

extension ConvolutionalDictionary where Scalar == Double {
  /// The patch under a filter at the central code position, one a row.
  func centralPatches(of signals: Tensor<Double>) -> Matrix<Double> {
    let code = geometry.codeSize
    let q = code.height / 2 * code.width + code.width / 2
    let (sources, size) = (geometry.sourceIndices(), geometry.signalSize)
    let (y, x) = (q / code.width, q % code.width)
    var result = Matrix<Double>(zeros: signals.rows, geometry.filterDimension)
    let kernel = geometry.kernelSize
    for b in 0..<signals.rows {
      for c in 0..<geometry.channels {
        for i in 0..<kernel.height where sources.rows[i][y] >= 0 {
          for j in 0..<kernel.width where sources.columns[j][x] >= 0 {
            let place = (c * size.height + sources.rows[i][y]) * size.width + sources.columns[j][x]
            result[b, (c * kernel.height + i) * kernel.width + j] = signals[b, place]
          }
        }
      }
    }
    return result
  }
}
