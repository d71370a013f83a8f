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

  /// The most bytes that a file may unpack to; MNIST's largest has 47 million.
  public static let largestSize = 1 << 30

  /// Reads a file with a known number of axes.
  ///
  /// - Throws: `FileError` naming file, offset and what would be right, for a wrong magic number,
  ///   extents that do not fit the size, truncated or trailing bytes, damaged gzip data. Offsets
  ///   are those in the uncompressed file, but for damage of the gzip data itself.
  public init(_ url: URL, axes: Int) throws {
    try self.init(AtomicFile.read(url), path: url.path, axes: axes)
  }

  /// Reads a file of a data set.
  ///
  /// - Throws: `FileError`, also where the data set's file is in another format.
  public init(_ url: URL, of file: DataFile) throws {
    guard case .idx(let axes) = file.format else {
      throw FileError.damaged(
        path: url.path, place: "the file", problem: "\(file.name) is no IDX file")
    }
    try self.init(url, axes: axes)
  }

  /// Parses a file's content.
  ///
  /// The header is read first: no more is unpacked than what it announces, and no header may
  /// announce more than the file can hold.
  /// - Throws: `FileError.damaged`.
  public init(_ content: Data, path: String, axes: Int) throws {
    let isCompressed = Gzip.isCompressed(content)
    let length = 4 + 4 * axes
    let header =
      isCompressed
      ? try Gzip.prefix(content, count: length, path: path) : content.prefix(length)
    shape = try Self.shape([UInt8](header), axes: axes, path: path)
    let count = try Self.count(
      shape, path: path,
      most: isCompressed ? Gzip.largestContent(ofCompressedSize: content.count) : .max)
    let data =
      isCompressed
      ? try Gzip.decompress(content, path: path, limit: length + count) : content
    let found = data.count - length
    guard found == count else {
      throw FileError.damaged(
        path: path, place: "byte \(found < count ? data.count : length + count)",
        problem: found < count
          ? "the file ends after \(found) of \(count) bytes"
          : "\(found - count) bytes follow the \(count) that the header announces")
    }
    bytes = [UInt8](data.dropFirst(length))
    checksum = Digest.sha256(data)
  }

  /// The extents that a file's header announces, slowest axis first; the rest is not checked.
  ///
  /// - Throws: `FileError` where the file cannot be read or its header is damaged.
  public static func extents(of url: URL, axes: Int) throws -> [Int] {
    let content = try AtomicFile.read(url)
    let length = 4 + 4 * axes
    let header =
      Gzip.isCompressed(content)
      ? try Gzip.prefix(content, count: length, path: url.path) : content.prefix(length)
    return try shape([UInt8](header), axes: axes, path: url.path)
  }

  private static func shape(_ header: [UInt8], axes: Int, path: String) throws -> [Int] {
    guard header.count == 4 + 4 * axes else {
      throw FileError.damaged(
        path: path, place: "byte \(header.count)",
        problem: "the file ends within its header of \(4 + 4 * axes) bytes")
    }
    let words = stride(from: 0, to: header.count, by: 4).map { offset in
      header[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    let magic = 0x0800 + axes
    guard words[0] == magic else {
      throw FileError.damaged(
        path: path, place: "byte 0",
        problem: "the magic number is \(words[0]), not \(magic) (unsigned bytes, \(axes) axes)")
    }
    return Array(words[1...])
  }

  private static func count(_ shape: [Int], path: String, most: Int) throws -> Int {
    var count = 1
    for (axis, extent) in shape.enumerated() {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= min(most, largestSize) else {
        throw FileError.damaged(
          path: path, place: "byte \(4 + 4 * axis)",
          problem: "the extents \(shape) announce more than "
            + (most < largestSize ? "a file of this size can hold" : "\(largestSize) bytes"))
      }
      count = product
    }
    return count
  }
}
