import Foundation

/// Finished cells on disk, each one file that is there whole or not at all.
///
/// A truncated file, a flipped bit and a kept file that is absent or changed do not count as finished.
public struct CellCache: Sendable {
  /// What the cache knows of a cell.
  public enum Entry: Sendable, Equatable {
    /// The cell was finished.
    case finished(FinishedCell)
    /// The cell was never finished.
    case absent
    /// There is a file, but it is not whole, or a file that the cell kept is not.
    case damaged(what: String)
  }

  /// The folder of one experiment or family.
  public let folder: URL

  /// The cache of one experiment or family below a results folder.
  public init(results: URL, experiment: String) {
    folder = results.appendingPathComponent(".cache").appendingPathComponent(experiment)
  }

  /// The key of a cell: a digest of all that its result depends on, which includes the instruction
  /// set where the run keeps to one.
  public static func key(
    experiment: String, version: Int, seed: Int, settings: Data, fingerprint: String, cell: String
  ) -> String {
    let parts: [Data] =
      [
        Data(experiment.utf8), Data("\(version)".utf8), Data("\(seed)".utf8), settings,
        Data(fingerprint.utf8), Data(cell.utf8),
      ] + (InstructionSet.chosen.map { [Data($0.utf8)] } ?? [])
    let joined = parts.reduce(into: Data()) {
      $0.append(Data("\($1.count):".utf8))
      $0.append($1)
    }
    return String(Digest.sha256(joined).description.prefix(32))
  }

  /// The file of a finished cell.
  public func file(_ key: String) -> URL { folder.appendingPathComponent("\(key).cell") }

  /// The path of a finished cell's file below the folder `Results`.
  func path(_ key: String) -> String { ".cache/\(folder.lastPathComponent)/\(key).cell" }

  /// The folder of the files that a cell keeps.
  public func artefacts(_ key: String) -> URL { folder.appendingPathComponent("\(key).files") }

  /// The folder of a cell's checkpoints.
  public func checkpoints(_ key: String) -> URL {
    folder.appendingPathComponent("\(key).checkpoints")
  }

  /// Looks up a cell, and reads all of it.
  public func entry(_ key: String) -> Entry {
    let file = file(key)
    guard FileManager.default.fileExists(atPath: file.path) else { return .absent }
    guard let cell = try? FinishedCell(file) else {
      return .damaged(what: file.lastPathComponent)
    }
    for (name, digest) in cell.files ?? [:] {
      let kept = try? AtomicFile.read(artefacts(key).appendingPathComponent(name))
      guard kept.map({ Digest.sha256($0).description }) == digest else {
        return .damaged(what: "its file \(name)")
      }
    }
    return .finished(cell)
  }

  /// The files that a finished cell kept, by name and in its order, with their digests.
  func files(_ cell: FinishedCell, _ key: String) -> [KeptFile] {
    let folder = artefacts(key)
    let names =
      cell.files?.keys.map(\.self)
      ?? (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?
      .filter { !$0.hasPrefix(".") } ?? []
    return names.sorted().map {
      KeptFile(name: $0, url: folder.appendingPathComponent($0), digest: cell.files?[$0])
    }
  }

  /// The right to compute a cell; nothing while another process or thread has it.
  ///
  /// Experiments share cells and several processes share a cache, so that two may come to the same
  /// cell at once. The right ends with `remove()` of the file, or with the process.
  /// - Throws: `FileError.notWritten`.
  func hold(_ key: String) throws -> CellHold? {
    do {
      return try CellHold(lock(key))
    } catch FileError.notWritten(let path, let reason) {
      throw FileError.notWritten(
        path: path, reason: "\(reason); MLCSC_RESULTS can name another folder for results and cells"
      )
    }
  }

  /// Removes lock and checkpoints of a finished cell, which a run that was killed just then has left.
  func removeRemains(_ key: String) {
    if FileManager.default.fileExists(atPath: lock(key).path), let held = try? HeldFile(lock(key)) {
      held.remove()
    }
    try? FileManager.default.removeItem(at: checkpoints(key))
  }

  /// Takes the right to a cell from a holder who is taken for dead: whoever holds the removed file holds
  /// nothing that others ask for.
  ///
  /// - Throws: `FileError.notWritten` where it cannot be removed, as another user's in a folder that is
  ///   theirs.
  func dropLock(_ key: String) throws {
    let path = lock(key).path
    guard unlink(path) == 0 || errno == ENOENT else {
      throw FileError.notWritten(
        path: path, reason: "left by a run that was killed: " + String(cString: strerror(errno)))
    }
  }

  /// The lock file of a cell.
  func lock(_ key: String) -> URL { folder.appendingPathComponent("\(key).lock") }

  /// Marks a cell as finished and drops its checkpoints.
  ///
  /// - Throws: `FileError.notWritten`.
  public func store(_ cell: FinishedCell, for key: String) throws {
    try cell.write(to: file(key))
    try? FileManager.default.removeItem(at: checkpoints(key))
  }
}
