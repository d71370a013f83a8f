import CZlib
import Foundation

/// MATLAB files of level 5 with uncompressed arrays, after MathWorks' description of the format.
public enum MATLABFile {
  /// The type of an array's numbers, by its class in the file.
  public enum Stored: Int, CaseIterable, Sendable {
    case double = 6
    case single = 7
    case int8 = 8
    case uint8 = 9
    case int16 = 10
    case uint16 = 11
    case int32 = 12
    case uint32 = 13
    case int64 = 14
    case uint64 = 15

    /// The type of its data elements.
    var element: Int {
      switch self {
      case .int8: 1
      case .uint8: 2
      case .int16: 3
      case .uint16: 4
      case .int32: 5
      case .uint32: 6
      case .single: 7
      case .double: 9
      case .int64: 12
      case .uint64: 13
      }
    }

    /// A number's bytes, the least significant first.
    func bytes(_ value: Int) -> [UInt8] {
      let (pattern, width): (UInt64, Int) =
        switch self {
        case .double: (Double(value).bitPattern, 8)
        case .single: (UInt64(Float(value).bitPattern), 4)
        case .int8, .uint8: (UInt64(bitPattern: Int64(value)), 1)
        case .int16, .uint16: (UInt64(bitPattern: Int64(value)), 2)
        case .int32, .uint32: (UInt64(bitPattern: Int64(value)), 4)
        case .int64, .uint64: (UInt64(bitPattern: Int64(value)), 8)
        }
      return (0..<width).map { UInt8(truncatingIfNeeded: pattern >> (8 * $0)) }
    }
  }

  /// A file with arrays of bytes.
  public static func encoded(
    _ arrays: [(name: String, shape: [Int], values: [UInt8])]
  ) -> Data {
    encoded(arrays.map { ($0.name, $0.shape, .uint8, $0.values.map(Int.init)) })
  }

  /// A file with arrays of any type.
  public static func encoded(
    _ arrays: [(name: String, shape: [Int], stored: Stored, values: [Int])]
  ) -> Data {
    func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (8 * $0) & 255) } }
    func element(_ type: Int, _ content: [UInt8]) -> [UInt8] {
      let padding = (8 - content.count % 8) % 8
      return word(type) + word(content.count) + content + [UInt8](repeating: 0, count: padding)
    }
    var file = Array("MATLAB 5.0 MAT-file, made by a test".utf8)
    file += [UInt8](repeating: 32, count: 124 - file.count) + [0, 1] + Array("IM".utf8)
    for (name, shape, stored, values) in arrays {
      // Types: 6 uint32, 5 int32, 1 int8, 14 a matrix.
      file += element(
        14,
        element(6, word(stored.rawValue) + word(0)) + element(5, shape.flatMap(word))
          + element(1, Array(name.utf8)) + element(stored.element, values.flatMap(stored.bytes)))
    }
    return Data(file)
  }

  /// The same file with every array compressed (type 15), as MATLAB writes it.
  public static func compressed(_ file: Data) -> Data {
    var packed = file.prefix(128)
    var rest = [UInt8](file.dropFirst(128))
    while rest.count >= 8 {
      let size = rest[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
      let element = Array(rest.prefix(8 + size))
      rest.removeFirst(element.count)
      var count = compressBound(UInt(element.count))
      var bytes = [UInt8](repeating: 0, count: Int(count))
      precondition(compress(&bytes, &count, element, UInt(element.count)) == Z_OK, "zlib failed")
      let words = [15, Int(count)].flatMap { word in (0..<4).map { UInt8(word >> (8 * $0) & 255) } }
      packed += words + bytes.prefix(Int(count))
    }
    return packed
  }
}
