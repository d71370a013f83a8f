import Foundation

/// Bytes that are written to an open file, a pipe or a terminal.
package enum WrittenBytes {
  /// Writes all bytes, however many calls that takes.
  ///
  /// - Parameters:
  ///   - data: The bytes.
  ///   - descriptor: Open for writing.
  /// - Returns: 0, or the system's number of the error (`errno`) where not all could be written.
  package static func write(_ data: Data, to descriptor: Int32) -> Int32 {
    data.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count, let start = bytes.baseAddress {
        let count = Foundation.write(descriptor, start + done, bytes.count - done)
        if count >= 0 {
          done += count
        } else if errno == EAGAIN {
          // Somebody made the pipe or terminal one that does not wait.
          var waited = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&waited, 1, -1)
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
  }
}
