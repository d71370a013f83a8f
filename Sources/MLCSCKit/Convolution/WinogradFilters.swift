/// Filters after Winograd's transform, kept with the filters' activation: 36 matrices with a row for
/// every channel of every phase and a column for every filter, and the same transposed; each is made
/// where somebody asks for it.
final class WinogradFilters: EngineForm {
  private let shape: WinogradShape
  private let pool: MemoryPool
  private var plain: UnsafeMutablePointer<ChannelLanes>?
  private var transposed: UnsafeMutablePointer<ChannelLanes>?

  private init(_ shape: WinogradShape, _ pool: MemoryPool) {
    (self.shape, self.pool) = (shape, pool)
  }

  deinit {
    if let plain { pool.give(plain, byteCount) }
    if let transposed { pool.give(transposed, byteCount) }
  }

  private var byteCount: Int {
    36 * TileProducts.plane(lanes: shape.filterLanes)
      * MemoryLayout<ChannelLanes>.stride
  }

  /// The matrices of filters of shape [M, C, 3s, 3s], with a row for every channel or transposed with
  /// a row for every filter; made once for every value of theirs.
  ///
  /// May make them, so it is never called from several threads at once.
  static func matrices(
    of filters: Activation<Float>, _ shape: WinogradShape, isTransposed: Bool
  ) -> TileProducts.Strips {
    for case let known as WinogradFilters in filters.engineForms where known.shape == shape {
      return known.matrices(filters.values, isTransposed: isTransposed)
    }
    let form = WinogradFilters(shape, filters.pool)
    filters.engineForms.append(form)
    return form.matrices(filters.values, isTransposed: isTransposed)
  }

  private func matrices(
    _ filters: UnsafeMutablePointer<Float>, isTransposed: Bool
  ) -> TileProducts.Strips {
    let (count, inner) =
      isTransposed ? (shape.sources, shape.codeGroups) : (shape.codeGroups, shape.sources)
    func strips(_ memory: UnsafeMutablePointer<ChannelLanes>) -> TileProducts.Strips {
      TileProducts.Strips(
        memory, count: count, rows: 16 * inner,
        plane: TileProducts.plane(lanes: shape.filterLanes))
    }
    if let known = isTransposed ? transposed : plain { return strips(known) }
    let memory = pool.take(byteCount).assumingMemoryBound(to: ChannelLanes.self)
    transform(filters, into: strips(memory), isTransposed: isTransposed)
    if isTransposed { transposed = memory } else { plain = memory }
    return strips(memory)
  }

  /// U ← G g Gᵀ for every pair of channel and filter.
  private func transform(
    _ filters: UnsafeMutablePointer<Float>, into strips: TileProducts.Strips, isTransposed: Bool
  ) {
    let shape = shape
    Parallelism.forEach(shape.sources) { source in
      let block = FilterBlock(shape, source)
      withUnsafeTemporaryAllocation(of: ChannelLanes.self, capacity: FilterBlock.workCount) {
        work in
        for group in 0..<shape.codeGroups {
          let (strip, row) = isTransposed ? (source, group) : (group, source)
          block.transform(
            filters, group, lanesAreChannels: isTransposed, into: strips.row(strip, 16 * row),
            plane: strips.plane, work.start)
        }
      }
    }
  }

  /// The filters' gradient from that of their transforms: g ← Gᵀ U G.
  ///
  /// - Parameters:
  ///   - transforms: The gradients of the transforms of some sources, summed over parts of the batch.
  ///   - parts: How many parts there are.
  ///   - first: The first of the sources.
  ///   - count: How many sources.
  ///   - shape: What the filters are.
  ///   - filters: Where their gradient goes, shape [M, C, 3s, 3s].
  static func gradient(
    _ transforms: UnsafeMutablePointer<ChannelLanes>, parts: Int, first: Int, count: Int,
    _ shape: WinogradShape, into filters: UnsafeMutablePointer<Float>
  ) {
    let groups = shape.codeGroups
    let plane = TileProducts.plane(lanes: count * 16 * groups)
    withUnsafeTemporaryAllocation(of: ChannelLanes.self, capacity: FilterBlock.workCount) { work in
      for source in 0..<count {
        let block = FilterBlock(shape, first + source)
        for group in 0..<groups {
          block.gradient(
            transforms + source * 16 * groups + group, parts: parts, pitch: groups, plane: plane,
            group, into: filters, work.start)
        }
      }
    }
  }
}

/// The numbers of channels and filters of a Winograd convolution.
///
/// A "source" is a block of sixteen channels in one phase.
struct WinogradShape: Equatable {
  /// C.
  let channels: Int
  /// How many of the first block's sixteen channels exist; the others are zeros.
  let leading: Int
  /// Phases an axis: s.
  let phases: Int
  /// Blocks of sixteen filters.
  let codeGroups: Int

  /// Blocks of sixteen channels.
  var signalGroups: Int { (channels - leading) / 16 + 1 }
  /// s² blocks of channels each.
  var sources: Int { phases * phases * signalGroups }
  /// The lanes of one of the 36 matrices of filters.
  var filterLanes: Int { sources * 16 * codeGroups }
  /// Whether the 36 matrices are larger than a processor's cache of the second level: 1.2 MB.
  var hasLargeFilters: Bool { filterLanes > 512 }
  /// The side of a kernel: 3s.
  var side: Int { 3 * phases }

  /// The channels of a source that exist, and the place of the first one's first tap in a filter.
  func channels(of source: Int) -> (count: Int, offset: Int) {
    let (phase, group) = source.quotientAndRemainder(dividingBy: signalGroups)
    let first = group == 0 ? 0 : leading + (group - 1) * 16
    return (
      group == 0 ? leading : 16, first * side * side + phase / phases * side + phase % phases
    )
  }
}
