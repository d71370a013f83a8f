import Foundation

/// What can go wrong with a file or a folder.
public enum FileError: ClassifiedError, Equatable, CustomStringConvertible {
  /// The file could not be written; nothing of it was left behind.
  case notWritten(path: String, reason: String)
  /// The file could not be read.
  case notRead(path: String, reason: String)
  /// The content is not what its format asks for.
  case damaged(path: String, place: String, problem: String)

  /// A file is missing or damaged, or cannot be written.
  public var failureKind: FailureKind { .data }

  public var description: String {
    switch self {
    case .notWritten(let path, let reason): "cannot write \(path): \(reason)"
    case .notRead(let path, let reason): "cannot read \(path): \(reason)"
    case .damaged(let path, let place, let problem): "\(path): \(place): \(problem)"
    }
  }
}

/// Files that are either there whole or not at all.
public enum AtomicFile {
  /// Writes a file through a temporary one beside it: written, synchronised, renamed.
  ///
  /// Missing folders are created. A reader, or a process killed at any moment, finds the old
  /// content or the new one.
  /// - Throws: `FileError.notWritten`; the temporary file is removed and the old content kept.
  public static func write(_ data: Data, to url: URL) throws {
    let folder = url.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw FileError.notWritten(path: url.path, reason: "its folder cannot be made there")
    }
    let name = ".\(url.lastPathComponent).\(getpid()).\(UInt32.random(in: 0 ... .max)).partial"
    let temporary = folder.appendingPathComponent(name).path
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o644)
    guard file >= 0 else { throw notWritten(url) }
    var failure: FileError?
    data.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count, let start = bytes.baseAddress {
        let count = Foundation.write(file, start + done, bytes.count - done)
        if count < 0 {
          if errno == EINTR { continue }
          failure = notWritten(url)
          return
        }
        done += count
      }
    }
    if failure == nil, fsync(file) != 0 { failure = notWritten(url) }
    if close(file) != 0, failure == nil { failure = notWritten(url) }
    if failure == nil, rename(temporary, url.path) != 0 { failure = notWritten(url) }
    if let failure {
      unlink(temporary)
      throw failure
    }
  }

  /// Gives a file another name, without a second copy of its content where the file system can.
  ///
  /// Files that this type writes are replaced, never changed, so that names do not disturb each
  /// other.
  /// - Throws: `FileError`; what was there under the other name is kept.
  public static func share(_ file: URL, as url: URL) throws {
    let folder = url.deletingLastPathComponent()
    let name = ".\(url.lastPathComponent).\(getpid()).\(UInt32.random(in: 0 ... .max)).partial"
    let temporary = folder.appendingPathComponent(name).path
    if link(file.path, temporary) == 0 {
      defer { unlink(temporary) }  // Left where both names were those of one file already.
      guard rename(temporary, url.path) == 0 else { throw notWritten(url) }
    } else {
      try write(read(file), to: url)
    }
  }

  private static func notWritten(_ url: URL) -> FileError {
    .notWritten(path: url.path, reason: String(cString: strerror(errno)))
  }

  /// Reads a whole file.
  ///
  /// - Throws: `FileError.notRead` with the system's reason.
  public static func read(_ url: URL) throws -> Data {
    let file = open(url.path, O_RDONLY)
    guard file >= 0 else {
      throw FileError.notRead(path: url.path, reason: String(cString: strerror(errno)))
    }
    defer { close(file) }
    do {
      return try FileHandle(fileDescriptor: file).readToEnd() ?? Data()
    } catch {
      throw FileError.notRead(path: url.path, reason: "it is no readable file")
    }
  }
}
