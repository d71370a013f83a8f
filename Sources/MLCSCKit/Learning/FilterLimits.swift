import RealModule

/// How many non-zeros the filters of a layer may have while dictionaries are learned.
///
/// D and S penalise ‖Dᵢ‖₀. A penalty alone ends in filters of a single entry, which combine nothing;
/// a limit from above and one from below exclude that. The filters begin dense. From one epoch to
/// another the largest number of non-zeros falls from all entries to `most` in equal ratios, so that
/// the entries that stay can make up for those that go. From then on entries below `threshold` are
/// dropped as well, as long as `least` stay.
public struct FilterLimits: Codable, Sendable, Equatable {
  /// The fewest non-zeros of a filter, at least one.
  public var least: Int
  /// The most non-zeros of a filter, once pruning has ended.
  public var most: Int
  /// The magnitude below which an entry of a unit filter is dropped.
  public var threshold: Double
  /// When pruning begins and when it ends, in epochs since the start.
  public var firstEpoch: Double
  /// When `most` is reached.
  public var lastEpoch: Double

  /// Limits from their parts.
  public init(
    least: Int, most: Int, threshold: Double, firstEpoch: Double, lastEpoch: Double
  ) {
    (self.least, self.most, self.threshold) = (least, most, threshold)
    (self.firstEpoch, self.lastEpoch) = (firstEpoch, lastEpoch)
  }

  /// The most non-zeros of a filter at a time.
  ///
  /// - Parameters:
  ///   - epoch: Epochs since the start, with the part of the one that runs.
  ///   - entries: The entries of a filter.
  /// - Returns: entries^{1−p} · most^p, where p is the part of the pruning that is over.
  public func most(at epoch: Double, of entries: Int) -> Int {
    let part = min(max((epoch - firstEpoch) / max(lastEpoch - firstEpoch, 1e-9), 0), 1)
    guard part > 0, most < entries else { return entries }
    let ratio = Double(max(most, 1)) / Double(entries)
    return max(most, Int((Double(entries) * Double.pow(ratio, part)).rounded()))
  }

  /// Keeps the entries of largest magnitude of every filter; the rest become zero.
  ///
  /// Without channels this is the projection on the filters of at most so many non-zeros. With channels,
  /// which are the filters of the layer above, every channel keeps at least one entry: else pruning would
  /// leave some of these without a use, and with no gradient to find one. The entry is the channel's
  /// largest, and takes the place of the smallest of its filter that another filter can do without.
  /// - Parameters:
  ///   - filters: Unit filters, one a row.
  ///   - epoch: Epochs since the start.
  ///   - channels: The channels that keep an entry; a channel's entries lie side by side.
  package func apply(
    to filters: inout Tensor<Double>, at epoch: Double, keeping channels: Int = 0
  ) {
    let width = filters.columns
    let most = most(at: epoch, of: width)
    let drops = epoch >= lastEpoch ? threshold : 0
    guard most < width || drops > 0 else { return }
    let kept = filters.withElements { elements in
      var kept = (0..<filters.rows).map { o in
        let row = elements + o * width
        let largest = Self.largest(most, of: row, width)
        guard drops > 0 else { return largest }
        let norm = Double.norm2(width, row)
        return Self.falling(largest, row).enumerated()
          .filter { rank, entry in rank < least || abs(row[entry]) >= drops * norm }.map(\.element)
      }
      if channels > 0 { keepEveryChannel(of: elements, width, channels, most, &kept) }
      return kept
    }
    filters.withMutableElements { elements in
      for (o, entries) in kept.enumerated() {
        let row = elements + o * width
        let values = entries.map { row[$0] }
        row.update(repeating: 0, count: width)
        for (entry, value) in zip(entries, values) { row[entry] = value }
      }
    }
  }

  /// The entries of largest magnitude in no order; of equal ones the last.
  ///
  /// The smallest magnitude that stays is found by halving the candidates around one of them (Hoare's
  /// selection): rows are long, and sorting them cost as much as the gradients.
  private static func largest(_ count: Int, of row: UnsafePointer<Double>, _ width: Int) -> [Int] {
    guard count < width else { return Array(0..<width) }
    var magnitudes = (0..<width).map { abs(row[$0]) }
    let last = magnitudes.withUnsafeMutableBufferPointer { m in
      var (low, high) = (0, width - 1)
      while low < high {
        let pivot = m[(low + high) / 2]
        var (i, j) = (low, high)
        while i <= j {
          while m[i] > pivot { i += 1 }
          while m[j] < pivot { j -= 1 }
          if i <= j {
            m.swapAt(i, j)
            (i, j) = (i + 1, j - 1)
          }
        }
        if count - 1 <= j { high = j } else if count - 1 >= i { low = i } else { break }
      }
      return m[count - 1]
    }
    var kept = (0..<width).filter { abs(row[$0]) > last }
    let equal = (0..<width).reversed().lazy.filter { abs(row[$0]) == last }
    kept += equal.prefix(count - kept.count)
    return kept
  }

  /// By falling magnitude; of equal ones the last first.
  private static func falling(_ entries: [Int], _ row: UnsafePointer<Double>) -> [Int] {
    entries.sorted { (abs(row[$0]), $0) > (abs(row[$1]), $1) }
  }

  /// Gives every channel without an entry its largest one.
  private func keepEveryChannel(
    of filters: UnsafePointer<Double>, _ width: Int, _ channels: Int, _ most: Int,
    _ kept: inout [[Int]]
  ) {
    let size = width / channels
    var counts = [Int](repeating: 0, count: channels)
    for entry in kept.joined() { counts[entry / size] += 1 }
    guard counts.contains(0) else { return }
    for o in kept.indices { kept[o] = Self.falling(kept[o], filters + o * width) }
    for channel in counts.indices where counts[channel] == 0 {
      let entries = channel * size..<(channel + 1) * size
      let candidates = kept.indices.compactMap { o -> (filter: Int, entry: Int, size: Double)? in
        let row = filters + o * width
        return entries.max { abs(row[$0]) < abs(row[$1]) }.map { (o, $0, abs(row[$0])) }
      }.filter { $0.size > 0 }
      // The first of the largest that has room or an entry to give.
      for found in candidates.sorted(by: { ($0.size, $1.filter) > ($1.size, $0.filter) }) {
        if kept[found.filter].count >= most {
          guard let spare = kept[found.filter].lastIndex(where: { counts[$0 / size] > 1 }) else {
            continue
          }
          counts[kept[found.filter].remove(at: spare) / size] -= 1
        }
        kept[found.filter].append(found.entry)
        counts[channel] = 1
        break
      }
    }
  }
}
