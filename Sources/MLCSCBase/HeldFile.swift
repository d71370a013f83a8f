import Foundation

/// An open file that one holder has at a time, among all processes and threads (`flock`).
///
/// The holder may remove or rename the file; whoever waits for it then gets another file of that
/// name, never the one that is gone.
package final class HeldFile {
  /// Where it is.
  package let path: String
  /// Open for reading, and for writing unless it is another user's file.
  package let descriptor: Int32

  /// Opens the file, or makes an empty one; nothing where somebody else holds it.
  ///
  /// A file system without locks does not tell holders apart: there everybody gets the file.
  /// - Throws: `FileError.notWritten`.
  package init?(_ url: URL) throws {
    path = url.path
    try AtomicFile.makeFolder(url.deletingLastPathComponent(), for: url)
    var file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    let reason = errno
    // What another user of the same folder has made may be held all the same.
    if file < 0, reason == EACCES { file = open(path, O_RDONLY | O_CLOEXEC) }
    guard file >= 0 else {
      // That there is no such file is not why none can be made.
      throw FileError.notWritten(path: path, reason: String(cString: strerror(reason)))
    }
    descriptor = file
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK { return nil }
    // The lock is worth nothing where its owner has renamed or removed the file meanwhile.
    var (held, named) = (stat(), stat())
    guard fstat(descriptor, &held) == 0, stat(path, &named) == 0, held.st_ino == named.st_ino else {
      return nil
    }
  }

  deinit { close(descriptor) }

  /// Which file lies at a path, and when its holder last renewed it.
  package struct Mark: Equatable, Sendable {
    private let number: UInt64
    private let seconds: Int
    private let nanoseconds: Int

    /// The mark of a file; nil where there is none.
    package init?(_ url: URL) {
      var status = stat()
      guard stat(url.path, &status) == 0 else { return nil }
      number = UInt64(status.st_ino)
      #if canImport(Darwin)
        let time = status.st_mtimespec
      #else
        let time = status.st_mtim
      #endif
      (seconds, nanoseconds) = (time.tv_sec, time.tv_nsec)
    }
  }

  /// Sets the file's time to now, so that others see that its holder lives.
  ///
  /// - Returns: Whether that was possible; it is not with another user's file.
  @discardableResult
  package func renew() -> Bool { Self.renew(descriptor) }

  /// Sets the time of an open file to now.
  @discardableResult
  package static func renew(_ descriptor: Int32) -> Bool { futimens(descriptor, nil) == 0 }

  /// Removes the file, unless another one has taken its place.
  ///
  /// - Returns: Why it could not be removed, an error number; 0 where it is gone.
  @discardableResult
  package func remove() -> Int32 {
    var (held, named) = (stat(), stat())
    guard fstat(descriptor, &held) == 0, stat(path, &named) == 0, held.st_ino == named.st_ino else {
      return 0
    }
    return unlink(path) == 0 || errno == ENOENT ? 0 : errno
  }
}
