/// All subsets of `size` elements of 0 ..< `count`, each ascending, in lexicographic order.
public struct Combinations: Sequence, IteratorProtocol, Sendable {
  private let count: Int
  private var subset: [Int]?

  /// The subsets of a size; none where the size is negative or exceeds the count.
  public init(_ size: Int, below count: Int) {
    self.count = count
    subset = (0...Swift.max(count, 0)).contains(size) ? Array(0..<size) : nil
  }

  public mutating func next() -> [Int]? {
    guard let current = subset else { return nil }
    let size = current.count
    if let i = current.indices.last(where: { current[$0] < count - size + $0 }) {
      var following = current
      for (step, j) in (i..<size).enumerated() { following[j] = current[i] + 1 + step }
      subset = following
    } else {
      subset = nil
    }
    return current
  }

  /// The number of subsets, as a real number since it grows beyond every integer.
  public static func number(_ size: Int, below count: Int) -> Double {
    guard (0...Swift.max(count, 0)).contains(size) else { return 0 }
    return (0..<size).reduce(1) { $0 * Double(count - $1) / Double($1 + 1) }
  }
}
