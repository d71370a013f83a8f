import CZlib
import Foundation
import MLCSCKit

extension Gzip {
  /// Compresses data to one member without name and time: the same content gives the same bytes.
  public static func compress(_ data: Data) -> Data {
    var stream = z_stream()
    let started = deflateInit2_(
      &stream, Z_BEST_COMPRESSION, Z_DEFLATED, 16 + 15, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(started == Z_OK, "zlib has no memory")
    defer { deflateEnd(&stream) }
    var input = [UInt8](data)
    var content = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(data.count))))
    input.withUnsafeMutableBufferPointer { source in
      content.withUnsafeMutableBufferPointer { target in
        (stream.next_in, stream.avail_in) = (source.baseAddress, UInt32(source.count))
        (stream.next_out, stream.avail_out) = (target.baseAddress, UInt32(target.count))
        precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END, "deflateBound was too small")
      }
    }
    return Data(content.prefix(Int(stream.total_out)))
  }
}
