import Foundation

/// Where the full data sets lie on this machine.
public struct DataStore: Sendable {
  /// A folder that the user named with `MLCSC_DATA`; its files are used as given.
  public let given: URL?
  /// The folder for downloads, whose files match their checksums.
  public let cache: URL
  /// The base address that replaces the publishers' ones (`MLCSC_MIRROR`), laid out like the
  /// cache: `<mirror>/<set>/<file>`.
  public let mirror: String?

  /// The store of this process's environment.
  ///
  /// `MLCSC_DATA` names a folder with data, `MLCSC_CACHE` the cache (otherwise `mlcsc` in
  /// `XDG_CACHE_HOME` or `~/.cache`), `MLCSC_MIRROR` another server.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    func value(_ name: String) -> String? {
      environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    given = value("MLCSC_DATA").map { URL(fileURLWithPath: $0) }
    let home = value("HOME") ?? NSHomeDirectory()
    let base = value("XDG_CACHE_HOME") ?? home + "/.cache"
    cache = URL(fileURLWithPath: value("MLCSC_CACHE") ?? base + "/mlcsc")
    mirror = value("MLCSC_MIRROR")
  }

  /// Where a file of a set lies: in the given folder (also unpacked), else in the cache.
  ///
  /// - Returns: Of an archive that lies unpacked in the given folder, with all members that are read,
  ///   the folder.
  public func locate(_ file: DataFile, of set: DataSet) -> URL? {
    let folders = givenFolders(of: set)
    func exists(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }
    let members = file.members
    if !members.isEmpty,
      let unpacked = folders.first(where: { folder in
        members.allSatisfy { exists(folder.appendingPathComponent($0)) }
      })
    {
      return unpacked
    }
    let names = file.acceptedNames
    let candidates =
      folders.flatMap { folder in names.map { folder.appendingPathComponent($0) } }
      + [cached(file, of: set)]
    return candidates.first { url in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
        && !isFolder.boolValue
    }
  }

  /// The folders in which files of a set are looked for: the given one, one of the set's name in it,
  /// and those that torchvision makes (`MNIST/raw`).
  private func givenFolders(of set: DataSet) -> [URL] {
    guard let given else { return [] }
    let torchvision = "\(set.name.uppercased())/raw"
    return [given] + [set.name, torchvision, "raw"].map { given.appendingPathComponent($0) }
  }

  /// Where a downloaded file of a set lies.
  public func cached(_ file: DataFile, of set: DataSet) -> URL {
    cache.appendingPathComponent(set.name).appendingPathComponent(file.name)
  }

  /// Where a file of a set lies.
  ///
  /// - Throws: `DataMissing` naming the places looked at and the command that fetches it.
  public func require(_ file: DataFile, of set: DataSet) throws -> URL {
    if let url = locate(file, of: set) { return url }
    let places = (given.map { ["MLCSC_DATA (\($0.path))"] } ?? []) + ["the cache (\(cache.path))"]
    let others = file.acceptedNames.dropFirst()
    let names =
      given == nil || others.isEmpty ? "" : " (or \(others.joined(separator: ", ")))"
    throw DataMissing(
      "\(set.title): \(file.name)\(names), looked for in \(places.joined(separator: " and ")), is",
      remedy: set.remedy)
  }

  /// The address of a file of a set.
  public func address(of file: DataFile, in set: DataSet) -> String {
    guard let mirror else { return file.url }
    return (mirror.hasSuffix("/") ? mirror : mirror + "/") + "\(set.name)/\(file.name)"
  }
}

/// How a file compares with the published one.
public enum DataFileState: Equatable, Sendable {
  /// The published file, or its uncompressed content.
  case canonical
  /// The published content, compressed in another way.
  case repacked
  /// Something else, with its own checksum and the one expected.
  case different(found: String, expected: String)

  /// Whether the content is the published one.
  public var isCanonical: Bool { self == .canonical || self == .repacked }
}

extension DataFile {
  /// Compares a file's bytes with the published file.
  ///
  /// - Parameters:
  ///   - bytes: The file's bytes, gzipped or not.
  ///   - path: The file, for messages.
  /// - Returns: The SHA-256 of the content decides where it is known, else the MD5 of the file.
  /// - Throws: `FileError.damaged` where it is gzipped and damaged or unpacks to more than the
  ///   published content.
  public func state(of bytes: Data, path: String) throws -> DataFileState {
    let hasher = Digest.Hasher(.md5)
    hasher.update(bytes)
    let digest = hasher.finalize().description
    guard let contentSHA256 else {
      return digest == md5 ? .canonical : .different(found: "MD5 \(digest)", expected: "MD5 \(md5)")
    }
    let isCompressed = Gzip.isCompressed(bytes)
    let content =
      isCompressed ? try Gzip.decompress(bytes, path: path, limit: contentSize) : bytes
    let found = Digest.sha256(content).description
    guard found == contentSHA256 else {
      return .different(found: "SHA-256 \(found)", expected: "SHA-256 \(contentSHA256)")
    }
    return digest == md5 || !isCompressed ? .canonical : .repacked
  }
}
