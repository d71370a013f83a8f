import Foundation

/// Files in the IDX format of the MNIST distribution, plain or gzipped.
///
/// Big-endian: a magic number (two zeros, type 8 for bytes, the number of axes), one 32-bit extent
/// an axis, then the bytes. Source: http://yann.lecun.com/exdb/mnist.
public struct IDXFile: Sendable {
  /// The extents, slowest axis first.
  public let shape: [Int]
  /// The bytes in row-major order.
  public let bytes: [UInt8]
  /// SHA-256 of the uncompressed file.
  public let checksum: Digest

  /// Reads a file with a known number of axes.
  ///
  /// - Throws: `FileError` naming file, offset and what would be right, for a wrong magic number,
  ///   extents that do not fit the size, truncated or trailing bytes, damaged gzip data.
  public init(_ url: URL, axes: Int) throws {
    try self.init(AtomicFile.read(url), path: url.path, axes: axes)
  }

  /// Parses a file's content.
  ///
  /// - Throws: `FileError.damaged`.
  public init(_ content: Data, path: String, axes: Int) throws {
    // MNIST's largest file has 47 MB; ten times that is refused rather than unpacked.
    let data =
      Gzip.isCompressed(content)
      ? try Gzip.decompress(content, path: path, limit: 500_000_000) : content
    let bytes = [UInt8](data)
    let header = 4 + 4 * axes
    guard bytes.count >= header else {
      throw FileError.damaged(
        path: path, place: "byte \(bytes.count)",
        problem: "the file ends within its header of \(header) bytes")
    }
    func word(_ offset: Int) -> Int {
      bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    let magic = 0x0800 + axes
    guard word(0) == magic else {
      throw FileError.damaged(
        path: path, place: "byte 0",
        problem: "the magic number is \(word(0)), not \(magic) (unsigned bytes, \(axes) axes)")
    }
    let shape = (0..<axes).map { word(4 + 4 * $0) }
    var count = 1
    for (axis, extent) in shape.enumerated() {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product < 1 << 40 else {
        throw FileError.damaged(
          path: path, place: "byte \(4 + 4 * axis)",
          problem: "the extents \(shape) are larger than any file")
      }
      count = product
    }
    let found = bytes.count - header
    guard found == count else {
      throw FileError.damaged(
        path: path, place: "byte \(found < count ? bytes.count : header + count)",
        problem: found < count
          ? "the file ends after \(found) of \(count) bytes"
          : "\(found - count) bytes follow the \(count) that the header announces")
    }
    self.shape = shape
    self.bytes = Array(bytes[header...])
    checksum = Digest.sha256(data)
  }
}
