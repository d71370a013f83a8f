/// Finds what somebody meant by a name.
public enum NameMatch {
  /// The name that is equal to the argument, or the only one that begins with it.
  ///
  /// - Throws: `UsageError` with the candidates, or with the nearest names.
  public static func resolve(_ argument: String, among names: [String]) throws -> String {
    if names.contains(argument) { return argument }
    let candidates = argument.isEmpty ? [] : names.filter { $0.hasPrefix(argument) }
    if candidates.count == 1 { return candidates[0] }
    if candidates.count > 1 {
      throw UsageError(
        "\"\(argument)\" is ambiguous: " + candidates.sorted().joined(separator: ", "))
    }
    let near = nearest(argument, among: names)
    throw UsageError(
      "no experiment \"\(argument)\"; "
        + (near.isEmpty ? "there are none" : "did you mean \(near.joined(separator: " or "))?"))
  }

  /// Up to three names with the fewest edits; a piece of a name counts as near.
  public static func nearest(_ argument: String, among names: [String]) -> [String] {
    let distances = names.map { name in
      (name, name.contains(argument) && !argument.isEmpty ? 0 : distance(argument, name))
    }
    return distances.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(3).map(\.0)
  }

  /// Levenshtein's distance: the fewest insertions, deletions and replacements.
  ///
  /// - Complexity: O(|a| |b|).
  public static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
    var previous = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var current = [i + 1]
      for (j, y) in b.enumerated() {
        current.append(min(previous[j] + (x == y ? 0 : 1), previous[j + 1] + 1, current[j] + 1))
      }
      previous = current
    }
    return previous[b.count]
  }
}
