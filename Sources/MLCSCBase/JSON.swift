import Foundation

/// A value as JSON with sorted keys.
package func jsonEncoded(_ value: some Encodable) throws -> Data {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys]
  return try encoder.encode(value)
}

/// A value from JSON text; nil where it is not one.
package func jsonDecoded<Value: Decodable>(_ text: String) -> Value? {
  try? JSONDecoder().decode(Value.self, from: Data(text.utf8))
}
