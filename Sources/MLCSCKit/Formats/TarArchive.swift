import CArchive
import Foundation

/// Files out of a gzipped tar archive, by libarchive.
public enum TarArchive {
  /// The contents of named members.
  ///
  /// - Parameters:
  ///   - names: The members' paths in the archive.
  ///   - url: The archive.
  ///   - limit: The most bytes that a member may have.
  /// - Returns: One content a name, in their order.
  /// - Throws: `FileError.notRead` where there is no such file; `FileError.damaged` for a damaged
  ///   archive, a member that is absent or larger than `limit`.
  public static func members(_ names: [String], of url: URL, limit: Int) throws -> [Data] {
    guard let archive = archive_read_new() else {
      throw FileError.notRead(path: url.path, reason: "libarchive has no memory")
    }
    defer { archive_read_free(archive) }
    func damaged(_ place: String) -> FileError {
      let reason = archive_error_string(archive).map { String(cString: $0) } ?? "unreadable"
      return .damaged(path: url.path, place: place, problem: "damaged archive: \(reason)")
    }
    archive_read_support_filter_gzip(archive)
    archive_read_support_format_tar(archive)
    guard FileManager.default.isReadableFile(atPath: url.path) else {
      throw FileError.notRead(
        path: url.path, reason: "there is no such file, or it is not readable")
    }
    var status = stat()
    stat(url.path, &status)
    let most = Gzip.largestContent(ofCompressedSize: Int(status.st_size))
    guard archive_read_open_filename(archive, url.path, 1 << 16) == ARCHIVE_OK else {
      throw damaged("the beginning")
    }
    var found = [String: Data]()
    var entry: OpaquePointer?
    while found.count < names.count {
      let status = archive_read_next_header(archive, &entry)
      if status == ARCHIVE_EOF { break }
      guard status == ARCHIVE_OK || status == ARCHIVE_WARN else { throw damaged("a header") }
      guard let path = archive_entry_pathname(entry).map({ String(cString: $0) }) else { continue }
      let name = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
      guard names.contains(name), found[name] == nil else { continue }
      let size = archive_entry_size(entry)
      guard (0...Int64(limit)).contains(size) else {
        throw FileError.damaged(
          path: url.path, place: name,
          problem: "the member has \(size) bytes, more than the \(limit) it should hold")
      }
      guard size <= most else {
        throw FileError.damaged(
          path: url.path, place: name,
          problem: "the member has \(size) bytes, more than an archive of this size can hold")
      }
      var content = Data(count: Int(size))
      let count = content.withUnsafeMutableBytes {
        archive_read_data(archive, $0.baseAddress, $0.count)
      }
      guard count == size else { throw damaged(name) }
      found[name] = content
    }
    return try names.map { name in
      guard let content = found[name] else {
        throw FileError.damaged(
          path: url.path, place: "the list of members", problem: "there is no \(name)")
      }
      return content
    }
  }
}
