import CTileProducts

/// Analysis of signals of up to four channels, and its filters' gradient: products of patches with
/// filters.
///
/// oneDNN's convolutions fill up a vector's eight or sixteen lanes with channels; of digits, which have
/// one, seven eighths of the filters' gradient are products with zeros. Here the lanes are filters, and
/// codes are written and read in blocks of sixteen, as the next layer's convolution wants them. Work
/// is cut among threads by images; the cuts do not depend on the number of threads.
final class PatchProducts {
  private let geometry: ConvolutionGeometry
  private let filterCount: Int
  private let patchMap: PatchMap
  /// The numbers of a patch.
  private let taps: Int
  /// The positions of the code.
  private let positions: Int
  /// Parts of the batch with sums of their own.
  private let partLimit = 8

  /// Products; nothing where a signal has more channels, at circular boundaries, or where filters do
  /// not come in blocks of sixteen.
  init?(_ geometry: ConvolutionGeometry, filterCount: Int) {
    guard geometry.channels <= 4, filterCount % 16 == 0, geometry.boundary == .zero
    else { return nil }
    (self.geometry, self.filterCount) = (geometry, filterCount)
    (taps, positions) = (geometry.filterDimension, geometry.codeSize.area)
    patchMap = PatchMap(geometry: geometry, sources: geometry.sourceIndices())
  }

  /// Dᵀ x, as `ConvolutionEngine.analyze`.
  func analyze(_ signals: Activation<Float>, filters: Activation<Float>) -> Activation<Float> {
    let shape = geometry.codeShape(batch: signals.batch, filters: filterCount)
    let layout = ChannelLayout.blocked(shape, lanes: 16)
    let result = Activation<Float>(shape: shape, layout: layout, pool: signals.pool)
    let (k, c) = (OrderedFilters.of(filters, .inStrips).memory, result.memory)
    let (taps, positions, groups) = (taps, positions, filterCount / 16)
    forEachImage(of: signals, parts: signals.batch) { _, image, _, patches in
      let codes = c + image * layout.sampleCount
      for group in 0..<groups {
        tile_product(
          positions, 1, taps, patches, 1, positions, k + group * 16 * taps, 16, 16,
          codes + group * 16 * positions, 16, 0)
      }
    }
    return result
  }

  /// As `ConvolutionEngine.filterGradient`.
  func filterGradient(
    signals: Activation<Float>, codes: Activation<Float>
  ) -> Activation<Float> {
    let kernel = geometry.kernelSize
    let (pool, parts) = (signals.pool, min(signals.batch, partLimit))
    let result = Activation<Float>(
      shape: [filterCount, geometry.channels, kernel.height, kernel.width], pool: pool)
    let layout = ChannelLayout.blocked(codes.shape, lanes: 16)
    let c = codes.values(in: layout)
    let (taps, positions, groups) = (taps, positions, filterCount / 16)
    if parts == 0 {
      Float.clear(result.count, result.memory)
      return result
    }
    let byteCount = parts * result.count * MemoryLayout<Float>.stride
    let memory = pool.take(byteCount)
    defer { pool.give(memory, byteCount) }
    let sums = memory.assumingMemoryBound(to: Float.self)
    let count = result.count
    forEachImage(of: signals, parts: parts) { part, image, isFirst, patches in
      let codes = c + image * layout.sampleCount
      for group in 0..<groups {
        tile_product(
          taps, 1, positions, patches, positions, 1, codes + group * 16 * positions, 16, 16,
          sums + part * count + group * 16 * taps, 16, isFirst ? 0 : 1)
      }
    }
    for part in 1..<parts { Float.axpy(count, 1, sums + part * count, sums) }
    for filter in 0..<filterCount {
      let (group, lane) = filter.quotientAndRemainder(dividingBy: 16)
      for tap in 0..<taps {
        result.memory[filter * taps + tap] = sums[(group * taps + tap) * 16 + lane]
      }
    }
    return result
  }

  /// Runs `body` with the part, the image, whether it is its part's first, and a matrix of its patches
  /// with a row for every tap.
  private func forEachImage(
    of signals: Activation<Float>, parts: Int,
    _ body: (_ part: Int, _ image: Int, _ isFirst: Bool, _ patches: UnsafeMutablePointer<Float>)
      -> Void
  ) {
    let (x, batch, dimension) = (signals.values, signals.batch, geometry.signalDimension)
    let (patchMap, taps, positions) = (patchMap, taps, positions)
    Parallelism.forEach(parts) { part in
      Scratch.withMemory(taps * positions, of: Float.self) { memory in
        let images = part * batch / parts..<(part + 1) * batch / parts
        for image in images {
          patchMap.gather(x + image * dimension, into: memory, positions)
          body(part, image, image == images.lowerBound, memory)
        }
      }
    }
  }
}
