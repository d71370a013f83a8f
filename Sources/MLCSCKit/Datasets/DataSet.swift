import Foundation

/// One file of a data set, as its publishers distribute it.
public struct DataFile: Sendable, Hashable {
  /// The file's canonical name.
  public let name: String
  /// Where it is published.
  public let url: String
  /// MD5 of the file as published (compressed).
  public let md5: String
  /// SHA-256 of the uncompressed content.
  public let contentSHA256: String
}

/// A data set: its files, licence and citation.
public struct DataSet: Sendable {
  /// The name used on the command line.
  public let name: String
  /// Its title.
  public let title: String
  /// Licence and who asks to be cited.
  public let licence: String
  /// Its files.
  public let files: [DataFile]
  /// What the package embeds of it.
  public let embedded: String

  /// All data sets that the suite reads.
  public static let all = [mnist]

  /// MNIST, 60,000 + 10,000 handwritten digits of 28×28 pixels.
  public static let mnist: DataSet = {
    func file(_ name: String, _ md5: String, _ sha256: String) -> DataFile {
      DataFile(
        name: name, url: "https://ossci-datasets.s3.amazonaws.com/mnist/\(name)", md5: md5,
        contentSHA256: sha256)
    }
    return DataSet(
      name: "mnist", title: "MNIST handwritten digits, 60,000 + 10,000 images of 28×28",
      licence: "CC BY-SA 3.0, Y. LeCun, C. Cortes, C. Burges",
      files: [
        file(
          "train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873",
          "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
        file(
          "train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432",
          "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
        file(
          "t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3",
          "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
        file(
          "t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c",
          "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
      ],
      embedded: "the first 1,000 training and 200 test digits of every class")
  }()

  /// The data set of a name.
  ///
  /// - Throws: `UsageError` naming those there are.
  public static func named(_ name: String) throws -> DataSet {
    guard let found = all.first(where: { $0.name == name.lowercased() }) else {
      throw UsageError(
        "no data set \"\(name)\"; there are: \(all.map(\.name).joined(separator: ", "))")
    }
    return found
  }

  /// The command that fetches this set.
  public var remedy: String {
    "mlcsc data fetch \(name), or set MLCSC_DATA to a folder that holds it"
  }
}

/// Where the full data sets lie on this machine.
public struct DataStore: Sendable {
  /// A folder that the user named with `MLCSC_DATA`; its files are used as given.
  public let given: URL?
  /// The folder for downloads, whose files match their checksums.
  public let cache: URL

  /// The store of this process's environment.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    given = environment["MLCSC_DATA"].flatMap { $0.isEmpty ? nil : URL(fileURLWithPath: $0) }
    let home = environment["HOME"] ?? NSHomeDirectory()
    let base = environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? home + "/.cache"
    cache = URL(fileURLWithPath: environment["MLCSC_CACHE"] ?? base + "/mlcsc")
  }

  /// Where a file of a set lies: in the given folder (also unpacked), else in the cache.
  public func locate(_ file: DataFile, of set: DataSet) -> URL? {
    let plain = file.name.hasSuffix(".gz") ? String(file.name.dropLast(3)) : file.name
    let folders = [given, given?.appendingPathComponent(set.name)].compactMap { $0 }
    let candidates =
      folders.flatMap {
        [$0.appendingPathComponent(file.name), $0.appendingPathComponent(plain)]
      } + [cached(file, of: set)]
    return candidates.first { FileManager.default.fileExists(atPath: $0.path) }
  }

  /// Where a downloaded file of a set lies.
  public func cached(_ file: DataFile, of set: DataSet) -> URL {
    cache.appendingPathComponent(set.name).appendingPathComponent(file.name)
  }
}
