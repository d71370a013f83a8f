/// Supports and co-supports as lists of different indices.
enum SupportIndices {
  /// Refuses indices that repeat or do not exist.
  ///
  /// - Throws: `ModelError.parameterOutOfRange`.
  static func validate(_ indices: [Int], below bound: Int, name: String) throws {
    guard Set(indices).count == indices.count, indices.allSatisfy({ (0..<bound).contains($0) })
    else {
      throw ModelError.parameterOutOfRange(
        name: name, value: "\(indices)", range: "different indices from 0 to \(bound - 1)")
    }
  }
}
