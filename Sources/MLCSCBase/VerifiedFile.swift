import Foundation

/// Files whose first line is the SHA-256 of the rest, so that a truncated file or a flipped bit is
/// noticed.
public enum VerifiedFile {
  /// Writes a file, whole or not at all.
  ///
  /// - Throws: `FileError.notWritten`.
  public static func write(_ body: Data, to url: URL) throws {
    try AtomicFile.write(Data("\(Digest.sha256(body))\n".utf8) + body, to: url)
  }

  /// What stands behind the first line.
  ///
  /// - Throws: `FileError.notRead`; `FileError.damaged` where the digest is not that of the rest.
  public static func read(_ url: URL) throws -> Data {
    let content = try AtomicFile.read(url)
    let end = content.firstIndex(of: UInt8(ascii: "\n")) ?? content.startIndex
    let body = Data(content[end...].dropFirst())
    guard content[..<end] == Data(Digest.sha256(body).description.utf8) else {
      throw FileError.damaged(
        path: url.path, place: "line 1", problem: "the SHA-256 is not that of the lines below")
    }
    return body
  }
}
