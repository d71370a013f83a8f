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
    // What another user of the same folder has made may be held all the same.
    if file < 0, errno == EACCES { file = open(path, O_RDONLY | O_CLOEXEC) }
    guard file >= 0 else {
      throw FileError.notWritten(path: path, reason: String(cString: strerror(errno)))
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

  /// Removes the file.
  package func remove() { unlink(path) }
}
