import Foundation

/// JSON that is the same bytes for the same values.
public enum JSONText {
  /// Sorted keys, one a line: for files that people read and for comparison.
  ///
  /// - Throws: `EncodingError` where a number is not finite.
  public static func pretty(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    return try encoder.encode(value)
  }

  /// Sorted keys on one line.
  ///
  /// - Throws: `EncodingError` where a number is not finite.
  public static func compact(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return try encoder.encode(value)
  }

  /// A value from JSON text; nil where it is not one.
  package static func decoded<Value: Decodable>(_ text: String) -> Value? {
    try? JSONDecoder().decode(Value.self, from: Data(text.utf8))
  }
}
