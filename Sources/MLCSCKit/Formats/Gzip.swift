import CZlib
import Foundation

/// Decompression of gzip files by zlib.
public enum Gzip {
  /// Whether data begin like a gzip file.
  public static func isCompressed(_ data: Data) -> Bool { data.starts(with: [0x1f, 0x8b]) }

  /// Decompresses one whole gzip member.
  ///
  /// - Parameters:
  ///   - data: The file's content.
  ///   - path: The file, for messages.
  ///   - limit: The most bytes that the content may have; more is refused before it is stored.
  /// - Throws: `FileError.damaged` with the offset: a wrong header, a truncated stream, a checksum
  ///   that does not match, bytes after the end, or more than `limit` bytes.
  public static func decompress(_ data: Data, path: String, limit: Int) throws -> Data {
    var stream = z_stream()
    // 16 asks for the gzip format alone; 15 is the largest window.
    guard
      inflateInit2_(&stream, 16 + 15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw FileError.notRead(path: path, reason: "zlib has no memory") }
    defer { inflateEnd(&stream) }
    var output = Data()
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    var status = Z_OK
    var problem: String?
    try data.withUnsafeBytes { (input: UnsafeRawBufferPointer) in
      stream.next_in = UnsafeMutablePointer(
        mutating: input.bindMemory(to: UInt8.self).baseAddress)
      stream.avail_in = UInt32(clamping: input.count)
      while status == Z_OK {
        let produced = chunk.withUnsafeMutableBufferPointer { buffer in
          stream.next_out = buffer.baseAddress
          stream.avail_out = UInt32(buffer.count)
          status = inflate(&stream, Z_NO_FLUSH)
          return buffer.count - Int(stream.avail_out)
        }
        if let message = stream.msg { problem = String(cString: message) }
        output.append(contentsOf: chunk[..<produced])
        guard output.count <= limit else {
          throw FileError.damaged(
            path: path, place: "byte \(stream.total_in)",
            problem: "it unpacks to more than the \(limit) bytes it should hold")
        }
        // zlib reports a lack of input as a buffer error once nothing moves.
        if status == Z_BUF_ERROR { problem = "the file ends before its content does" }
      }
    }
    guard status == Z_STREAM_END else {
      throw FileError.damaged(
        path: path, place: "byte \(stream.total_in)",
        problem: "damaged gzip data: \(problem ?? "unreadable")")
    }
    guard stream.avail_in == 0 else {
      throw FileError.damaged(
        path: path, place: "byte \(stream.total_in)",
        problem: "\(stream.avail_in) bytes follow the end of the gzip data")
    }
    return output
  }
}
