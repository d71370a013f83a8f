import Foundation

/// An open file that one holder has at a time, among all processes and threads (`flock`).
///
/// The holder may remove or rename the file; whoever waits for it then gets another file of that
/// name, never the one that is gone.
package final class HeldFile {
  /// Where it is.
  package let path: String
  /// Open for reading and writing.
  package let descriptor: Int32

  /// Opens the file, or makes an empty one; nothing where somebody else holds it.
  ///
  /// A file system without locks does not tell holders apart: there everybody gets the file.
  /// - Throws: `FileError.notWritten`.
  package init?(_ url: URL) throws {
    path = url.path
    do {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    } catch {
      throw FileError.notWritten(path: path, reason: "its folder cannot be made there")
    }
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw FileError.notWritten(path: path, reason: String(cString: strerror(errno)))
    }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK { return nil }
    // The lock is worth nothing where its owner has renamed or removed the file meanwhile.
    var (held, named) = (stat(), stat())
    guard fstat(descriptor, &held) == 0, stat(path, &named) == 0, held.st_ino == named.st_ino else {
      return nil
    }
  }

  deinit { close(descriptor) }

  /// Removes the file.
  package func remove() { unlink(path) }
}
