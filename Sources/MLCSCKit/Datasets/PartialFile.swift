import Foundation

/// A file in the making beside its target, held by one process at a time.
final class PartialFile {
  let path: String
  let descriptor: Int32
  private let target: URL

  /// Opens what an earlier attempt left, or an empty file.
  ///
  /// - Throws: `FileError.notWritten`, also where another process is at work on the same file.
  init(for target: URL) throws {
    self.target = target
    path = target.path + ".partial"
    let folder = target.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw FileError.notWritten(path: target.path, reason: "its folder cannot be made there")
    }
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.notWritten(path) }
    var (held, named) = (stat(), stat())
    // The lock is worth nothing where its owner has renamed the file meanwhile.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &held) == 0,
      stat(path, &named) == 0, held.st_ino == named.st_ino
    else {
      close(descriptor)
      throw FileError.notWritten(
        path: path, reason: "another process is fetching it; wait for it, then try again")
    }
  }

  deinit { close(descriptor) }

  /// The number of bytes.
  var size: Int { Int(lseek(descriptor, 0, SEEK_END)) }

  /// Empties the file.
  ///
  /// - Throws: `FileError.notWritten`.
  func truncate() throws {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw Self.notWritten(path)
    }
  }

  /// Removes the file.
  func remove() { unlink(path) }

  /// Gives the whole file its name.
  ///
  /// - Throws: `FileError.notWritten`.
  func finish() throws {
    guard fsync(descriptor) == 0, rename(path, target.path) == 0 else {
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
