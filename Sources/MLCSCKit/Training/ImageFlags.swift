import Foundation

/// One bit an image: which test images a classifier gets right.
///
/// Stored as base64, eight images a byte, the first in the lowest bit.
public struct ImageFlags: Codable, Sendable, Equatable {
  private let bits: Data
  /// The number of images.
  public let count: Int

  /// Flags of images in their order.
  public init(_ flags: [Bool]) {
    var bits = Data(count: (flags.count + 7) / 8)
    for (i, flag) in flags.enumerated() where flag { bits[i / 8] |= 1 << UInt8(i % 8) }
    (self.bits, count) = (bits, flags.count)
  }

  private enum CodingKeys: String, CodingKey {
    case bits, count
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    bits = try container.decode(Data.self, forKey: .bits)
    count = try container.decode(Int.self, forKey: .count)
    guard count >= 0, bits.count == count / 8 + (count % 8 == 0 ? 0 : 1) else {
      throw DecodingError.dataCorruptedError(
        forKey: .count, in: container,
        debugDescription: "\(count) images have no flags in \(bits.count) bytes")
    }
  }

  /// Whether an image's flag is set; false where there is no such image.
  public subscript(image: Int) -> Bool {
    (0..<count).contains(image) && image / 8 < bits.count
      && bits[image / 8] & (1 << UInt8(image % 8)) != 0
  }
}
