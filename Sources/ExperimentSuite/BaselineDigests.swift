import Foundation

/// The digests of a stored baseline's files, beside them: `sha256sum -c SHA256SUMS` checks them too.
///
/// A table that was cut, a flipped bit and an edit by hand are noticed before anything is compared
/// with them.
public enum BaselineDigests {
  /// The file's name in the baseline's folder.
  public static let fileName = "SHA256SUMS"

  /// Takes the files of a baseline as they are.
  ///
  /// - Parameter folder: The baseline's.
  /// - Throws: `FileError`.
  public static func write(_ folder: URL) throws {
    let text = try lines(folder).map { "\($0.digest)  \($0.name)\n" }.joined()
    try AtomicFile.write(Data(text.utf8), to: folder.appendingPathComponent(fileName))
  }

  /// One line for each file of a baseline that is not the one that was stored; one where there are no
  /// digests.
  ///
  /// - Parameters:
  ///   - folder: The baseline's.
  ///   - file: A file that is not looked at, since it is about to be written.
  /// - Returns: The lines, each with the file's path.
  /// - Throws: `FileError.notRead`.
  public static func problems(_ folder: URL, besides file: String? = nil) throws -> [String] {
    let list = folder.appendingPathComponent(fileName)
    guard FileManager.default.fileExists(atPath: list.path) else {
      return ["\(list.path): is absent; mlcsc accept --renew writes it"]
    }
    let stored = String(decoding: try AtomicFile.read(list), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let found = try lines(folder)
    let expected = found.map { "\($0.digest)  \($0.name)" }
    guard stored != expected + [""] else { return [] }
    let changed = zip(found, expected).filter { !stored.contains($1) }.map(\.0.name)
    let names = stored.compactMap { $0.split(separator: " ").last.map(String.init) }
    let absent = names.filter { name in !found.contains { $0.name == name } }
    let problems = (changed + absent).filter { $0 != file }.map {
      "\(folder.appendingPathComponent($0).path): is not the file that was stored"
    }
    return problems.isEmpty && changed.isEmpty
      ? ["\(list.path): is not the list that was stored"] : problems
  }

  /// Refuses a baseline that is not the one that was stored.
  ///
  /// - Parameters:
  ///   - folder: The baseline's; one without digests is taken as it is.
  ///   - file: A file that is not looked at.
  /// - Throws: `FileError.damaged` with all files that are not.
  public static func verify(_ folder: URL, besides file: String? = nil) throws {
    let list = folder.appendingPathComponent(fileName)
    guard FileManager.default.fileExists(atPath: list.path) else { return }
    let problems = try problems(folder, besides: file)
    if !problems.isEmpty {
      throw FileError.damaged(
        path: folder.path, place: fileName,
        problem: problems.joined(separator: "; ") + "; get it back with git, or accept results "
          + "anew (an edit that is meant: mlcsc accept --renew)")
    }
  }

  private static func lines(_ folder: URL) throws -> [(digest: String, name: String)] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    } catch {
      throw FileError.notRead(path: folder.path, reason: "the folder cannot be listed")
    }
    return try names.filter { $0.hasSuffix(".csv") || $0.hasSuffix(".json") }.sorted().map {
      let content = try AtomicFile.read(folder.appendingPathComponent($0))
      return (Digest.sha256(content).description, $0)
    }
  }
}
