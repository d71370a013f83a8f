/// What changed settings keep of the profile's, so that experiments can rely on it.
///
/// Counts stay at least 1 and within reach, other numbers do not become negative, and lists keep at least
/// one entry and tuples their length. The same holds within lists and within settings of several
/// fields: an entry keeps what all the profile's entries have.
enum SettingRange {
  /// The largest count: two of them multiplied, in bytes, are still an `Int`, and more of anything
  /// no machine computes.
  static let largestCount = 100_000_000
  /// The largest of other numbers: times a thousand it is still an `Int` where it becomes a count.
  static let largestNumber = 1e15

  /// Whether a value keeps what the profile's have.
  ///
  /// - Parameters:
  ///   - new: The value.
  ///   - examples: What the profile has in its place; several where it is the entry of a list.
  /// - Returns: Whether it does.
  static func contains(_ new: Any, like examples: [Any]) -> Bool {
    switch new {
    case let new as Int:
      let old = examples.compactMap { $0 as? Int }
      let (least, largest) = (old.min() ?? .min, max(old.max() ?? 0, largestCount))
      return (-largest...largest).contains(new) && (least < 0 || new >= min(least, 1))
    case let new as Double:
      let old = examples.compactMap { $0 as? Double }
      let (least, largest) = (old.min() ?? -.infinity, max(old.max() ?? 0, largestNumber))
      return (-largest...largest).contains(new) && (least < 0 || new >= 0)
    case let new as [Any]:
      let old = examples.compactMap { $0 as? [Any] }
      let entries = old.flatMap { $0 }
      // Tuples (pairs of λ, shapes of matrices) stay tuples.
      let lengths = Set(entries.compactMap { ($0 as? [Any])?.count })
      return (!new.isEmpty || old.contains { $0.isEmpty })
        && (lengths.count != 1 || new.allSatisfy { lengths.contains(($0 as? [Any])?.count ?? 0) })
        && new.allSatisfy { contains($0, like: entries) }
    default:
      let old = examples.flatMap(children)
      return children(of: new).allSatisfy { child in
        contains(child.value, like: old.filter { $0.label == child.label }.map(\.value))
      }
    }
  }

  /// What reflection finds in settings; of joined ones what it finds in both parts.
  static func children(of settings: Any) -> [Mirror.Child] {
    let children = Array(Mirror(reflecting: settings).children)
    return settings is any JoinedSettings
      ? children.flatMap { Array(Mirror(reflecting: $0.value).children) } : children
  }
}
