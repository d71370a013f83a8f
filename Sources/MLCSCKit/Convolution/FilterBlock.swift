/// The 3×3 taps of filters in the sixteen channels of a source, sixteen filters at a time, and their
/// Winograd transforms.
///
/// Taps are moved as a block: filters are a multiple of a large power of two apart, so that their taps,
/// read or written one channel after another, would fall out of the cache.
struct FilterBlock {
  /// The lanes of memory that a transform or a gradient works in.
  static let workCount = 9 * 16 + 54

  /// The channels that exist.
  private let used: Int
  private let filterPitch: Int
  private let channelPitch: Int
  /// The place of the first channel's first tap in a filter.
  private let offset: Int
  /// The distances of taps along both axes.
  private let tapPitch: (row: Int, column: Int)

  init(_ shape: WinogradShape, _ source: Int) {
    let side = shape.side
    (used, offset) = shape.channels(of: source)
    channelPitch = side * side
    filterPitch = shape.channels * channelPitch
    tapPitch = (shape.phases * side, shape.phases)
  }

  /// U ← G g Gᵀ for every pair of channel and filter.
  ///
  /// - Parameters:
  ///   - filters: All filters, shape [M, C, 3s, 3s].
  ///   - group: Which sixteen of them.
  ///   - lanesAreChannels: Whether rows are filters and lanes channels, or the other way round.
  ///   - out: The first of sixteen rows of a strip of the first of 36 matrices; what does not exist
  ///     becomes zero.
  ///   - plane: The distance of matrices.
  ///   - work: Memory for `workCount` lanes.
  func transform(
    _ filters: UnsafeMutablePointer<Float>, _ group: Int, lanesAreChannels: Bool,
    into out: UnsafeMutablePointer<ChannelLanes>, plane: Int,
    _ work: UnsafeMutablePointer<ChannelLanes>
  ) {
    let (taps, work) = (work, work + 9 * 16)
    read(filters, group, into: taps, lanesAreChannels: lanesAreChannels)
    for row in 0..<16 {
      let (out, t) = (out + row, taps + 9 * row)
      for j in 0..<3 {
        store(WinogradTransform.filter((t[j], t[3 + j], t[6 + j])), work + j, 3)
      }
      for i in 0..<6 {
        let r = work + 3 * i
        store(WinogradTransform.filter((r[0], r[1], r[2])), out + 6 * i * plane, plane)
      }
    }
  }

  /// g ← Gᵀ U G: the filters' gradient from that of their transforms.
  ///
  /// - Parameters:
  ///   - transforms: The first channel's row of the first of 36 matrices, with filters as lanes.
  ///   - parts: How many such sets of 36 follow each other, to be summed.
  ///   - pitch: The distance of rows.
  ///   - plane: The distance of matrices.
  ///   - group: Which sixteen filters.
  ///   - filters: The gradient of all filters, shape [M, C, 3s, 3s].
  ///   - work: Memory for `workCount` lanes.
  func gradient(
    _ transforms: UnsafeMutablePointer<ChannelLanes>, parts: Int, pitch: Int, plane: Int,
    _ group: Int, into filters: UnsafeMutablePointer<Float>,
    _ work: UnsafeMutablePointer<ChannelLanes>
  ) {
    let (taps, sums) = (work, work + 9 * 16)
    let work = sums + 36
    for channel in 0..<used {
      let row = transforms + channel * pitch
      for p in 0..<36 {
        var sum = row[p * plane]
        for part in 1..<max(parts, 1) { sum += row[(part * 36 + p) * plane] }
        sums[p] = sum
      }
      for j in 0..<6 {
        let s = sums + j
        let v = WinogradTransform.filterAdjoint((s[0], s[6], s[12], s[18], s[24], s[30]))
        (work[j], work[6 + j], work[12 + j]) = v
      }
      for i in 0..<3 {
        let w = work + 6 * i
        let v = WinogradTransform.filterAdjoint((w[0], w[1], w[2], w[3], w[4], w[5]))
        let t = taps + 9 * channel + 3 * i
        (t[0], t[1], t[2]) = v
      }
    }
    write(taps, group, into: filters)
  }

  /// Reads the taps of a group of filters: nine for each channel with filters as lanes, or nine for
  /// each filter with channels as lanes; what does not exist is zero.
  private func read(
    _ filters: UnsafeMutablePointer<Float>, _ group: Int,
    into taps: UnsafeMutablePointer<ChannelLanes>, lanesAreChannels: Bool
  ) {
    if used < 16 { taps.update(repeating: ChannelLanes(repeating: 0), count: 9 * 16) }
    let numbers = UnsafeMutableRawPointer(taps).assumingMemoryBound(to: Float.self)
    let (filterStep, channelStep) = lanesAreChannels ? (9 * 16, 1) : (1, 9 * 16)
    for filter in 0..<16 {
      let source = filters + (group * 16 + filter) * filterPitch + offset
      for channel in 0..<used {
        let here = source + channel * channelPitch
        let target = numbers + (filter * filterStep + channel * channelStep)
        for i in 0..<3 {
          for j in 0..<3 {
            target[16 * (3 * i + j)] = here[i * tapPitch.row + j * tapPitch.column]
          }
        }
      }
    }
  }

  /// Writes the taps of a group of filters, nine for each channel with filters as lanes.
  private func write(
    _ taps: UnsafeMutablePointer<ChannelLanes>, _ group: Int,
    into filters: UnsafeMutablePointer<Float>
  ) {
    let numbers = UnsafeMutableRawPointer(taps).assumingMemoryBound(to: Float.self)
    for filter in 0..<16 {
      let target = filters + (group * 16 + filter) * filterPitch + offset
      for channel in 0..<used {
        let here = target + channel * channelPitch
        let source = numbers + (channel * 9 * 16 + filter)
        for i in 0..<3 {
          for j in 0..<3 {
            here[i * tapPitch.row + j * tapPitch.column] = source[16 * (3 * i + j)]
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
