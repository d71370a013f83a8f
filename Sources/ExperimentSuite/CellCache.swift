import Foundation

/// Finished cells on disk, each one file that is there whole or not at all.
///
/// A file holds the SHA-256 of its body in the first line, then the body; anything else (a
/// truncated file, a flipped bit) does not count as finished.
public struct CellCache: Sendable {
  /// What the cache knows of a cell.
  public enum Entry: Sendable, Equatable {
    /// The cell was finished with this body.
    case finished(Data)
    /// The cell was never finished.
    case absent
    /// There is a file, but it is not whole.
    case damaged
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

  /// The folder of the files that a cell keeps.
  public func artefacts(_ key: String) -> URL { folder.appendingPathComponent("\(key).files") }

  /// The folder of a cell's checkpoints.
  public func checkpoints(_ key: String) -> URL {
    folder.appendingPathComponent("\(key).checkpoints")
  }

  /// Looks up a cell.
  public func entry(_ key: String) -> Entry {
    guard FileManager.default.fileExists(atPath: file(key).path) else { return .absent }
    guard let content = try? AtomicFile.read(file(key)),
      let end = content.firstIndex(of: UInt8(ascii: "\n"))
    else { return .damaged }
    let body = Data(content[(end + 1)...])
    let digest = String(decoding: content[..<end], as: UTF8.self)
    return Digest.sha256(body).description == digest ? .finished(body) : .damaged
  }

  /// The right to compute a cell; nothing while another process or thread has it.
  ///
  /// Experiments share cells and several processes share a cache, so that two may come to the same
  /// cell at once. The right ends with `remove()` of the file, or with the process.
  /// - Throws: `FileError.notWritten`.
  func hold(_ key: String) throws -> HeldFile? {
    do {
      return try HeldFile(folder.appendingPathComponent("\(key).lock"))
    } catch FileError.notWritten(let path, let reason) {
      throw FileError.notWritten(
        path: path, reason: "\(reason); MLCSC_RESULTS can name another folder for results and cells"
      )
    }
  }

  /// Marks a cell as finished and drops its checkpoints.
  ///
  /// - Throws: `FileError.notWritten`.
  public func store(_ body: Data, for key: String) throws {
    try AtomicFile.write(Data("\(Digest.sha256(body))\n".utf8) + body, to: file(key))
    try? FileManager.default.removeItem(at: checkpoints(key))
  }
}
