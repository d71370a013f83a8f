import Foundation

/// A file in the making beside its target, held by one process at a time.
final class PartialFile {
  private let file: HeldFile
  private let target: URL

  /// Opens what an earlier attempt left, or an empty file.
  ///
  /// - Throws: `FileError.notWritten`, also where another process is at work on the same file.
  init(for target: URL) throws {
    let url = URL(fileURLWithPath: target.path + ".partial")
    let held: HeldFile?
    do {
      held = try HeldFile(url)
    } catch FileError.notWritten(_, let reason) {
      throw FileError.notWritten(path: target.path, reason: reason)
    }
    guard let file = held else {
      throw FileError.notWritten(
        path: url.path, reason: "another process is fetching it; wait for it, then try again")
    }
    guard fcntl(file.descriptor, F_GETFL) & O_ACCMODE == O_RDWR else {
      throw FileError.notWritten(path: url.path, reason: "it is another user's; remove it first")
    }
    (self.file, self.target) = (file, target)
  }

  /// Where it is.
  var path: String { file.path }

  /// Open for reading and writing.
  var descriptor: Int32 { file.descriptor }

  /// The number of bytes.
  var size: Int { Int(lseek(descriptor, 0, SEEK_END)) }

  /// Empties the file.
  ///
  /// - Throws: `FileError.notWritten`.
  func truncate() throws {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw Self.notWritten(file.path)
    }
  }

  /// Removes the file.
  func remove() { file.remove() }

  /// Gives the whole file its name.
  ///
  /// - Throws: `FileError.notWritten`.
  func finish() throws {
    guard fsync(descriptor) == 0, rename(file.path, target.path) == 0 else {
      throw Self.notWritten(target.path)
    }
    // The new name is on the disk once the folder is.
    let folder = open(target.deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  private static func notWritten(_ path: String) -> FileError {
    .notWritten(path: path, reason: String(cString: strerror(errno)))
  }
}
