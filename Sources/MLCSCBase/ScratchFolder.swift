import Foundation

/// A new folder for the files of one piece of work.
package struct ScratchFolder: Sendable {
  /// Where it is.
  package let url: URL

  /// Makes a folder below the one that `TMPDIR` names, or below /tmp.
  ///
  /// - Parameter name: What its name begins with.
  /// - Throws: `FileError.notWritten` with the system's reason.
  package init(_ name: String) throws {
    let named = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
    let base = URL(fileURLWithPath: named.isEmpty ? "/tmp" : named)
    // mkdtemp puts its own letters in place of these six.
    let template = "\(name)-" + String(repeating: "X", count: 6)
    var path = Array(base.appendingPathComponent(template).path.utf8CString)
    guard mkdtemp(&path) != nil else {
      throw FileError.notWritten(
        path: base.path,
        reason: String(cString: strerror(errno)) + "; TMPDIR "
          + (named.isEmpty ? "can name" : "must name") + " a folder in which files can be made")
    }
    url = URL(
      fileURLWithPath: String(
        decoding: path.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self),
      isDirectory: true)
  }

  /// Removes the folder and what is in it.
  package func remove() { try? FileManager.default.removeItem(at: url) }
}
