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

  /// One line, whatever path and content hold.
  public var description: String {
    let text =
      switch self {
      case .notWritten(let path, let reason): "cannot write \(path): \(reason)"
      case .notRead(let path, let reason): "cannot read \(path): \(reason)"
      case .damaged(let path, let place, let problem): "\(path): \(place): \(problem)"
      }
    return text.escapingControls()
  }
}

/// Files that are either there whole or not at all.
public enum AtomicFile {
  /// Writes a file through a temporary one beside it: written, synchronised, renamed.
  ///
  /// Missing folders are created. A reader, or a process killed at any moment, finds the old
  /// content or the new one. Of a symbolic link the file that it names is written, and the link stays.
  /// - Throws: `FileError.notWritten`; the temporary file is removed and the old content kept.
  public static func write(_ data: Data, to url: URL) throws {
    let target = try linked(url)
    try makeFolder(target.deletingLastPathComponent(), for: url)
    // A device or a pipe would be replaced by a file of its name.
    var status = stat()
    if stat(target.path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw FileError.notWritten(path: url.path, reason: "it is there and is no ordinary file")
    }
    let temporary = temporary(beside: target)
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw notWritten(url) }
    var failure = WrittenBytes.write(data, to: file)
    if failure == 0, fsync(file) != 0 { failure = errno }
    if close(file) != 0, failure == 0 { failure = errno }
    if failure == 0, rename(temporary, target.path) != 0 { failure = errno }
    if failure != 0 {
      unlink(temporary)
      throw notWritten(url, failure)
    }
  }

  /// Makes a folder and those above it where they are missing.
  ///
  /// - Parameters:
  ///   - folder: The folder.
  ///   - url: What is to be written, for the message.
  /// - Throws: `FileError.notWritten` with the system's reason.
  package static func makeFolder(_ folder: URL, for url: URL) throws {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      let code = ((error as? CocoaError)?.underlying as? POSIXError)?.code.rawValue
      let reason = code.map { ": " + String(cString: strerror($0)) } ?? ""
      throw FileError.notWritten(
        path: url.path, reason: "its folder cannot be made there\(reason)")
    }
  }

  /// The file that a chain of symbolic links names, there or not; of anything else itself.
  private static func linked(_ url: URL) throws -> URL {
    var target = url
    for _ in 0..<40 {  // As many as Linux follows.
      let manager = FileManager.default
      guard let next = try? manager.destinationOfSymbolicLink(atPath: target.path) else {
        return target
      }
      target =
        next.hasPrefix("/")
        ? URL(fileURLWithPath: next)
        : target.deletingLastPathComponent().appendingPathComponent(next)
    }
    throw notWritten(url, ELOOP)
  }

  private static func temporary(beside url: URL) -> String {
    let number = UInt32.random(in: 0 ... .max)
    return url.deletingLastPathComponent().appendingPathComponent(
      ".\(url.lastPathComponent).\(machine).\(getpid()).\(number).\(remnantSuffix)"
    ).path
  }

  private static let remnantSuffix = "partial"

  /// Tells machines that share a folder apart.
  package static let machine: String = {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(Digest.sha256(Data(bytes)).description.prefix(8))
  }()

  /// Removes what processes that were killed while they wrote left in a folder.
  ///
  /// Those of this machine are known by their process, which is gone; those of others by their age of
  /// ten minutes, as a file is written in less.
  /// - Parameter folder: Not those below it.
  package static func removeRemnants(in folder: URL) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names where name.hasPrefix(".") {
      let parts = name.split(separator: ".")
      guard parts.count >= 4, parts.last == remnantSuffix[...],
        let process = pid_t(parts[parts.count - 3])
      else { continue }
      let file = folder.appendingPathComponent(name).path
      var status = stat()
      guard stat(file, &status) == 0 else { continue }
      #if canImport(Darwin)
        let written = status.st_mtimespec.tv_sec
      #else
        let written = status.st_mtim.tv_sec
      #endif
      let isOurs = parts[parts.count - 4] == machine[...]
      let isGone = isOurs && kill(process, 0) != 0 && errno == ESRCH
      if isGone || time(nil) - written > 600 { unlink(file) }
    }
  }

  private static func notWritten(_ url: URL, _ code: Int32 = errno) -> FileError {
    .notWritten(path: url.path, reason: String(cString: strerror(code)))
  }

  /// Reads a whole file.
  ///
  /// - Throws: `FileError.notRead` with the system's reason.
  public static func read(_ url: URL) throws -> Data {
    let file = open(url.path, O_RDONLY | O_CLOEXEC)
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
