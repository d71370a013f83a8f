import CArchive
import Foundation

/// Zip archives in memory, by libarchive.
public enum ZipArchive {
  /// The most bytes that the members of an archive may unpack to, all together.
  public static let largestSize = 1 << 31

  /// The contents of all members by name, folders aside.
  ///
  /// - Parameters:
  ///   - content: The archive, its members stored or deflated.
  ///   - path: The file, for messages.
  /// - Returns: The members.
  /// - Throws: `FileError.damaged` where the content is no zip archive, is damaged, names a member
  ///   twice or unpacks to more than `largestSize` bytes.
  public static func members(_ content: Data, path: String) throws -> [String: Data] {
    guard let archive = archive_read_new() else {
      throw FileError.notRead(path: path, reason: "libarchive has no memory")
    }
    defer { archive_read_free(archive) }
    // By the directory at the end, which a cut archive lacks; a stream of members would be taken.
    archive_read_support_format_zip_seekable(archive)
    func damaged(_ place: String) -> FileError {
      let reason = archive_error_string(archive).map { String(cString: $0) } ?? "unreadable"
      return .damaged(path: path, place: place, problem: "no whole zip archive: \(reason)")
    }
    return try content.withUnsafeBytes { bytes in
      guard archive_read_open_memory(archive, bytes.baseAddress, bytes.count) == ARCHIVE_OK else {
        throw damaged("the beginning")
      }
      var found = [String: Data]()
      var room = largestSize
      var entry: OpaquePointer?
      while true {
        let status = archive_read_next_header(archive, &entry)
        if status == ARCHIVE_EOF { return found }
        guard status == ARCHIVE_OK || status == ARCHIVE_WARN else { throw damaged("a header") }
        guard let name = archive_entry_pathname(entry).map({ String(cString: $0) }) else {
          throw damaged("the name of a member")
        }
        if name.hasSuffix("/") { continue }
        guard let data = member(of: archive, limit: room) else {
          throw FileError.damaged(
            path: path, place: name,
            problem: "the archive unpacks to more than \(largestSize) bytes")
        }
        guard data.isWhole else { throw damaged(name) }
        room -= data.content.count
        guard found.updateValue(data.content, forKey: name) == nil else {
          throw FileError.damaged(path: path, place: name, problem: "two members have this name")
        }
      }
    }
  }

  /// The current member's content, and whether it could be read to its end; nil beyond the limit.
  private static func member(
    of archive: OpaquePointer, limit: Int
  ) -> (content: Data, isWhole: Bool)? {
    var content = Data()
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = archive_read_data(archive, &block, block.count)
      if count <= 0 { return (content, count == 0) }
      content.append(contentsOf: block[..<count])
      if content.count > limit { return nil }
    }
  }

  /// An archive of members that are stored without compression, in the order given.
  ///
  /// - Parameters:
  ///   - members: Names and contents; each name once.
  ///   - path: The file, for messages.
  /// - Returns: The same bytes for the same members.
  /// - Throws: `FileError.notWritten` where libarchive fails.
  public static func data(_ members: [(name: String, content: Data)], path: String) throws -> Data {
    guard let archive = archive_write_new(), let entry = archive_entry_new() else {
      throw FileError.notWritten(path: path, reason: "libarchive has no memory")
    }
    defer {
      archive_entry_free(entry)
      archive_write_free(archive)
    }
    func check(_ status: Int) throws {
      guard status >= 0 else {
        let reason = archive_error_string(archive).map { String(cString: $0) } ?? "unknown"
        throw FileError.notWritten(path: path, reason: reason)
      }
    }
    // Two headers of a member and the end of the archive take some hundred bytes beside its names.
    let size = members.reduce(4096) { $0 + $1.content.count + 2 * $1.name.utf8.count + 512 }
    var buffer = Data(count: size)
    var used = 0
    try check(Int(archive_write_set_format_zip(archive)))
    try check(Int(archive_write_set_format_option(archive, "zip", "compression", "store")))
    try buffer.withUnsafeMutableBytes { bytes in
      try check(
        Int(archive_write_open_memory(archive, bytes.baseAddress, bytes.count, &used)))
      for (name, content) in members {
        archive_entry_clear(entry)
        archive_entry_set_pathname(entry, name)
        archive_entry_set_size(entry, Int64(content.count))
        archive_entry_set_filetype(entry, 0o100_000)  // AE_IFREG, a plain file
        archive_entry_set_perm(entry, 0o644)
        archive_entry_set_mtime(entry, 315_532_800, 0)  // 1980, where the format's times begin
        try check(Int(archive_write_header(archive, entry)))
        let written = content.withUnsafeBytes {
          archive_write_data(archive, $0.baseAddress, $0.count)
        }
        try check(written == content.count ? written : -1)
      }
      try check(Int(archive_write_close(archive)))
    }
    return buffer.prefix(used)
  }
}
