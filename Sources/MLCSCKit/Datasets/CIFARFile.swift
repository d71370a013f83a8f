import Foundation

/// Records of the binary version of CIFAR-10 and CIFAR-100.
///
/// One record an image: its labels, one byte each (CIFAR-10: the class; CIFAR-100: the coarse, then
/// the fine class), and 3 × 32 × 32 bytes of pixels, red, green, blue, row by row. There is no
/// header. Source: https://www.cs.toronto.edu/~kriz/cifar.html.
public struct CIFARFile: Sendable {
  /// The pixels of all images, channel-major.
  public let pixels: [UInt8]
  /// The last label of every record: the class, or the fine class.
  public let labels: [UInt8]

  /// The bytes of an image.
  public static let imageSize = 3 * 32 * 32

  /// Parses a file's content.
  ///
  /// - Parameters:
  ///   - content: Uncompressed.
  ///   - path: The file, for messages.
  ///   - classes: The number of classes of every label of a record.
  /// - Throws: `FileError.damaged` with the offset: no records, one that is cut off, a label out of
  ///   range.
  public init(_ content: Data, path: String, classes: [Int]) throws {
    let length = classes.count + Self.imageSize
    guard !content.isEmpty else {
      throw FileError.damaged(
        path: path, place: "byte 0",
        problem: "no records; one or more of \(length) bytes are needed")
    }
    let count = content.count / length
    guard content.count == count * length else {
      throw FileError.damaged(
        path: path, place: "byte \(count * length)",
        problem:
          "\(content.count - count * length) bytes after \(count) records, where a record has "
          + "\(length)")
    }
    var pixels = [UInt8]()
    pixels.reserveCapacity(count * Self.imageSize)
    var labels = [UInt8]()
    labels.reserveCapacity(count)
    try content.withUnsafeBytes { bytes in
      for record in 0..<count {
        let start = record * length
        for (i, limit) in classes.enumerated() where Int(bytes[start + i]) >= limit {
          throw FileError.damaged(
            path: path, place: "byte \(start + i)",
            problem: "record \(record + 1) has the label \(bytes[start + i]), not 0 to \(limit - 1)"
          )
        }
        labels.append(bytes[start + classes.count - 1])
        pixels.append(contentsOf: bytes[start + classes.count..<start + length])
      }
    }
    self.pixels = pixels
    self.labels = labels
  }
}
