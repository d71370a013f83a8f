import Foundation
import MLCSCBase

/// Files that were damaged at random.
public enum Mutation {
  /// A file with one to four damages of the kinds that disks, transfers and other programs do.
  ///
  /// - Parameters:
  ///   - file: The whole file.
  ///   - stream: Decides kinds and places.
  /// - Returns: The damaged file; by chance it may be the same.
  public static func of(_ file: Data, _ stream: inout RandomStream) -> Data {
    var bytes = [UInt8](file)
    for _ in 0...stream.index(below: 4) { damage(&bytes, &stream) }
    return Data(bytes)
  }

  /// The values at which programs count wrongly.
  private static let edges: [UInt8] = [0, 1, 0x7f, 0x80, 0xff, 0x20, 0x2c, 0x0a, 0x22, 0x5b]

  private static func damage(_ bytes: inout [UInt8], _ stream: inout RandomStream) {
    guard !bytes.isEmpty else { return bytes.append(UInt8(stream.index(below: 256))) }
    // Half of all damages lie near the beginning, where headers are.
    let reach = stream.index(below: 2) == 0 ? min(bytes.count, 256) : bytes.count
    let place = stream.index(below: reach)
    let length = min(bytes.count - place, 1 + stream.index(below: 32))
    switch stream.index(below: 8) {
    case 0: bytes[place] ^= 1 << UInt8(stream.index(below: 8))
    case 1: bytes[place] = edges[stream.index(below: edges.count)]
    case 2: bytes[place] = UInt8(stream.index(below: 256))
    case 3: bytes.removeLast(bytes.count - place)
    case 4: bytes.removeSubrange(place..<place + length)
    case 5: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
    case 6:
      let edge = edges[stream.index(below: 5)]
      for i in place..<place + min(length, 8) { bytes[i] = edge }
    default:
      let source = stream.index(below: bytes.count - length + 1)
      for i in 0..<length { bytes[place + i] = bytes[source + i] }
    }
  }

  /// A file cut at a place.
  public static func cut(_ file: Data, to count: Int) -> Data { Data(file.prefix(count)) }

  /// A file with one bit flipped.
  public static func flipped(_ file: Data, bit: Int) -> Data {
    var bytes = [UInt8](file)
    bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    return Data(bytes)
  }
}
