import CZlib
import Foundation

/// Gzip files of one member, by zlib.
///
/// libarchive, which reads archives here, would accept a wrong checksum and whatever follows the
/// member.
public enum Gzip {
  /// Whether data begin like a gzip file.
  public static func isCompressed(_ data: Data) -> Bool { data.starts(with: [0x1f, 0x8b]) }

  /// The most bytes that `size` compressed ones can unpack to: deflate never exceeds 1032 to 1.
  public static func largestContent(ofCompressedSize size: Int) -> Int { 1032 * size }

  /// Decompresses a whole file: one gzip member and nothing after it but padding of zeros.
  ///
  /// - Parameters:
  ///   - data: The file's content.
  ///   - path: The file, for messages.
  ///   - limit: The most bytes that the content may have; more is refused before it is stored.
  /// - Returns: The content, its checksum and length verified.
  /// - Throws: `FileError.damaged` with the offset in the compressed file: a wrong header, a
  ///   truncated stream, a checksum that does not match, bytes after the end, or more than `limit`
  ///   bytes.
  public static func decompress(_ data: Data, path: String, limit: Int) throws -> Data {
    var content = Data()
    let end = try inflate(data, path: path) { piece in
      content.append(contentsOf: piece)
      guard content.count <= limit else { throw TooLarge(limit: limit) }
      return true
    }
    if let end, data.dropFirst(end).contains(where: { $0 != 0 }) {
      throw FileError.damaged(
        path: path, place: "byte \(end)",
        problem: "\(data.count - end) bytes follow the end of the gzip data; one member is read")
    }
    return content
  }

  /// The first bytes of the content, fewer where it is shorter; the rest is not looked at.
  ///
  /// - Parameters:
  ///   - data: The file's content.
  ///   - count: The number of bytes wanted.
  ///   - path: The file, for messages.
  /// - Returns: At most `count` bytes.
  /// - Throws: `FileError.damaged` where the file is damaged before that place.
  public static func prefix(_ data: Data, count: Int, path: String) throws -> Data {
    var content = Data()
    _ = try inflate(data, path: path, pieceSize: max(count, 1)) { piece in
      content.append(contentsOf: piece)
      return content.count < count
    }
    return content.prefix(count)
  }

  /// The first bytes of zlib data, which lie within files of other formats.
  ///
  /// - Parameters:
  ///   - data: The compressed data.
  ///   - count: The number of bytes wanted.
  ///   - path: The file, for messages.
  /// - Returns: At most `count` bytes.
  /// - Throws: `FileError.damaged` where the data are damaged before that place.
  static func zlibPrefix(_ data: Data, count: Int, path: String) throws -> Data {
    var content = Data()
    _ = try inflate(data, path: path, pieceSize: max(count, 1), windowBits: 15) { piece in
      content.append(contentsOf: piece)
      return content.count < count
    }
    return content.prefix(count)
  }

  private struct TooLarge: Error {
    let limit: Int
  }

  /// Inflates piece by piece; `take` says whether to go on.
  ///
  /// 15 is the largest window; 16 beside it asks for the gzip format, without it for zlib's.
  /// - Returns: The offset behind the member, nil where `take` ended it.
  private static func inflate(
    _ data: Data, path: String, pieceSize: Int = 1 << 18, windowBits: Int32 = 16 + 15,
    take: (ArraySlice<UInt8>) throws -> Bool
  ) throws -> Int? {
    var stream = z_stream()
    guard
      inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw FileError.notRead(path: path, reason: "zlib has no memory") }
    defer { inflateEnd(&stream) }
    var chunk = [UInt8](repeating: 0, count: pieceSize)
    var status = Z_OK
    return try data.withUnsafeBytes { (input: UnsafeRawBufferPointer) in
      func damaged(_ problem: String) -> FileError {
        .damaged(path: path, place: "byte \(stream.total_in)", problem: problem)
      }
      var given = 0
      while status == Z_OK {
        if stream.avail_in == 0, given < input.count {
          // zlib counts in 32 bits.
          let count = min(input.count - given, 1 << 30)
          stream.next_in = UnsafeMutablePointer(
            mutating: input.bindMemory(to: UInt8.self).baseAddress.map { $0 + given })
          stream.avail_in = UInt32(count)
          given += count
        }
        let produced = chunk.withUnsafeMutableBufferPointer { buffer in
          stream.next_out = buffer.baseAddress
          stream.avail_out = UInt32(buffer.count)
          status = CZlib.inflate(&stream, Z_NO_FLUSH)
          return buffer.count - Int(stream.avail_out)
        }
        do {
          guard try take(chunk[..<produced]) else { return nil }
        } catch let error as TooLarge {
          throw damaged("it unpacks to more than the \(error.limit) bytes it should hold")
        }
      }
      guard status == Z_STREAM_END else {
        // A lack of input is a buffer error once nothing moves.
        let reason =
          status == Z_BUF_ERROR
          ? "the file ends before its content does"
          : stream.msg.map { String(cString: $0) } ?? "unreadable"
        throw damaged("damaged gzip data: \(reason)")
      }
      return Int(stream.total_in)
    }
  }
}
