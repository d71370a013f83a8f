import Foundation
import Synchronization

/// A file that a cell kept: a learned model, weights.
struct KeptFile: Sendable {
  /// Its name, in the cache and among the results.
  let name: String
  /// Where it lies in the cache.
  let url: URL
  /// Its SHA-256; nil where none was stored.
  let digest: String?

  /// Copies the file to the results, unless it is there.
  ///
  /// The copy is no other name of the same file: whoever changes it does not change the cache.
  /// - Parameter folder: The results of an experiment.
  /// - Returns: The SHA-256.
  /// - Throws: `FileError`; `damaged` where the file is not the one that the cell kept.
  func copy(to folder: URL) throws -> String {
    let content = try AtomicFile.read(url)
    let found = Digest.sha256(content).description
    guard digest == nil || digest == found else {
      throw FileError.damaged(
        path: url.path, place: "the file", problem: "is not the one that its cell kept; run again")
    }
    let target = folder.appendingPathComponent(name)
    var status = stat()
    let isOwn = stat(target.path, &status) == 0 && status.st_nlink == 1
    if !isOwn || (try? AtomicFile.read(target)) != content {
      try AtomicFile.write(content, to: target)
    }
    return found
  }
}

/// The digests of the files among an experiment's results that its cells kept.
public enum KeptFiles {
  /// The file's name beside them.
  static let listName = "files.json"

  /// Refuses a file that is not the one that its experiment wrote.
  ///
  /// - Parameter url: A file among the results; one of the time before digests were written is
  ///   taken as it is.
  /// - Throws: `FileError`.
  public static func verify(_ url: URL) throws {
    let list = url.deletingLastPathComponent().appendingPathComponent(listName)
    guard FileManager.default.fileExists(atPath: list.path) else { return }
    guard
      let digests = try? JSONDecoder().decode([String: String].self, from: AtomicFile.read(list))
    else {
      throw FileError.damaged(
        path: list.path, place: "the file", problem: "holds no digests by name; run again")
    }
    guard try digests[url.lastPathComponent] == Digest.sha256(AtomicFile.read(url)).description
    else {
      throw FileError.damaged(
        path: url.path, place: "the file",
        problem: "its SHA-256 is not in \(listName); run its experiment again")
    }
  }
}

/// The digests of what a cell keeps while it is computed.
final class KeptDigests: Sendable {
  private let digests = Mutex<[String: String]>([:])

  /// All so far, by name.
  var all: [String: String] { digests.withLock { $0 } }

  /// Adds or replaces one.
  func add(_ data: Data, as name: String) {
    let digest = Digest.sha256(data).description
    digests.withLock { $0[name] = digest }
  }
}
