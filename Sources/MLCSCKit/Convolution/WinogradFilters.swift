/// Filters after Winograd's transform, kept with the filters' activation: 36 matrices with a row for
/// every channel of every phase and a column for every filter.
final class WinogradFilters: EngineForm {
  /// The 36 matrices, row-major, one after another.
  private let memory: UnsafeMutablePointer<ChannelLanes>
  /// The same transposed, once somebody asked.
  private var transposed: UnsafeMutablePointer<ChannelLanes>?
  private let shape: WinogradShape
  private let pool: MemoryPool

  /// Memory for the transforms of some filters, not yet written.
  init(_ shape: WinogradShape, _ pool: MemoryPool) {
    (self.shape, self.pool) = (shape, pool)
    memory = pool.take(Self.byteCount(shape)).assumingMemoryBound(to: ChannelLanes.self)
  }

  deinit {
    pool.give(memory, Self.byteCount(shape))
    if let transposed { pool.give(transposed, Self.byteCount(shape)) }
  }

  private static func byteCount(_ shape: WinogradShape) -> Int {
    36 * shape.filterLanes * MemoryLayout<ChannelLanes>.stride
  }

  /// The matrices with a row for every channel, or transposed with a row for every filter.
  ///
  /// May make the transposes, so it is never called from several threads at once.
  func matrices(isTransposed: Bool) -> TileProducts.Planes {
    TileProducts.Planes(
      isTransposed ? transposes() : memory, lanes: isTransposed ? shape.sources : shape.codeGroups,
      plane: shape.filterLanes)
  }

  private func transposes() -> UnsafeMutablePointer<ChannelLanes> {
    if let transposed { return transposed }
    let result = pool.take(Self.byteCount(shape)).assumingMemoryBound(to: ChannelLanes.self)
    let (memory, shape) = (memory, shape)
    Parallelism.forEach(36) { p in
      for source in 0..<shape.sources {
        for group in 0..<shape.codeGroups {
          let block = memory + p * shape.filterLanes + source * 16 * shape.codeGroups + group
          let target = result + p * shape.filterLanes + group * 16 * shape.sources + source
          for column in 0..<16 {
            var row = ChannelLanes(repeating: 0)
            for lane in 0..<16 { row[lane] = block[lane * shape.codeGroups][column] }
            target[column * shape.sources] = row
          }
        }
      }
    }
    transposed = result
    return result
  }

  /// The transforms of filters of shape [M, C, 3s, 3s], made once for every value of theirs.
  static func of(_ filters: Activation<Float>, _ shape: WinogradShape) -> WinogradFilters {
    for case let known as WinogradFilters in filters.engineForms where known.shape == shape {
      return known
    }
    let made = WinogradFilters(shape, filters.pool)
    made.transform(filters.values)
    filters.engineForms.append(made)
    return made
  }

  /// U ← G g Gᵀ for every pair of channel and filter.
  private func transform(_ filters: UnsafeMutablePointer<Float>) {
    let (shape, memory) = (shape, memory)
    let (plane, groups) = (shape.filterLanes, shape.codeGroups)
    let (filterPitch, side) = (shape.channels * shape.side * shape.side, shape.side)
    Parallelism.forEach(shape.sources) { source in
      withUnsafeTemporaryAllocation(of: ChannelLanes.self, capacity: 54) { buffer in
        let (taps, rows) = (buffer.start, buffer.start + 9)
        for lane in 0..<16 {
          let row = memory + (source * 16 + lane) * groups
          guard let channel = shape.channel(source, lane) else {
            for p in 0..<36 {
              for group in 0..<groups { row[p * plane + group] = ChannelLanes(repeating: 0) }
            }
            continue
          }
          for group in 0..<groups {
            for k in 0..<9 {
              let tap =
                filters + group * 16 * filterPitch + channel * side * side
                + shape.tap(source, k)
              var lanes = ChannelLanes(repeating: 0)
              for l in 0..<16 { lanes[l] = tap[l * filterPitch] }
              taps[k] = lanes
            }
            for j in 0..<3 {
              store(WinogradTransform.filter((taps[j], taps[3 + j], taps[6 + j])), rows + j, 3)
            }
            for i in 0..<6 {
              let r = rows + 3 * i
              store(
                WinogradTransform.filter((r[0], r[1], r[2])), row + 6 * i * plane + group, plane)
            }
          }
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
    let plane = count * 16 * groups
    let (filterPitch, side) = (shape.channels * shape.side * shape.side, shape.side)
    withUnsafeTemporaryAllocation(of: ChannelLanes.self, capacity: 54) { buffer in
      let (sums, rows) = (buffer.start, buffer.start + 36)
      for source in 0..<count {
        for lane in 0..<16 {
          guard let channel = shape.channel(first + source, lane) else { continue }
          let row = transforms + (source * 16 + lane) * groups
          for group in 0..<groups {
            for p in 0..<36 {
              var sum = row[p * plane + group]
              for part in 1..<max(parts, 1) { sum += row[(part * 36 + p) * plane + group] }
              sums[p] = sum
            }
            for j in 0..<6 {
              let s = sums + j
              let v = WinogradTransform.filterAdjoint((s[0], s[6], s[12], s[18], s[24], s[30]))
              (rows[j], rows[6 + j], rows[12 + j]) = v
            }
            for i in 0..<3 {
              let r = rows + 6 * i
              let v = WinogradTransform.filterAdjoint((r[0], r[1], r[2], r[3], r[4], r[5]))
              for (j, lanes) in [v.0, v.1, v.2].enumerated() {
                let tap =
                  filters + group * 16 * filterPitch + channel * side * side
                  + shape.tap(first + source, 3 * i + j)
                for l in 0..<16 { tap[l * filterPitch] = lanes[l] }
              }
            }
          }
        }
      }
    }
  }

  @inline(__always)
  private func store(
    _ v: WinogradTransform.Six, _ out: UnsafeMutablePointer<ChannelLanes>, _ pitch: Int
  ) {
    (out[0], out[pitch], out[2 * pitch]) = (v.0, v.1, v.2)
    (out[3 * pitch], out[4 * pitch], out[5 * pitch]) = (v.3, v.4, v.5)
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
  /// The side of a kernel: 3s.
  var side: Int { 3 * phases }

  /// The channel in a lane of a source; nothing where the lane is a zero.
  func channel(_ source: Int, _ lane: Int) -> Int? {
    let group = source % signalGroups
    if group == 0 { return lane < leading ? lane : nil }
    return leading + (group - 1) * 16 + lane
  }

  /// The place in a kernel of tap k of 3×3 in a source's phase.
  func tap(_ source: Int, _ k: Int) -> Int {
    let phase = source / signalGroups
    let (row, column) = (phases * (k / 3) + phase / phases, phases * (k % 3) + phase % phases)
    return row * side + column
  }
}
