import Algorithms
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
  /// This is the projection on the filters of at most so many non-zeros.
  /// - Parameters:
  ///   - filters: Unit filters, one a row.
  ///   - epoch: Epochs since the start.
  func apply(to filters: inout Tensor<Double>, at epoch: Double) {
    let width = filters.columns
    let most = most(at: epoch, of: width)
    let drops = epoch >= lastEpoch ? threshold : 0
    guard most < width || drops > 0 else { return }
    for o in 0..<filters.rows {
      let old = filters.row(o)
      let norm = Double.norm2(width, old)
      let largest = old.indices.max(count: most) { abs(old[$0]) < abs(old[$1]) }.reversed()
      let kept = largest.enumerated().filter { rank, entry in
        rank < least || abs(old[entry]) >= drops * norm
      }.map(\.element)
      filters.withMutableElements { row in
        (row + o * width).update(repeating: 0, count: width)
        for entry in kept { row[o * width + entry] = old[entry] }
      }
    }
  }
}
