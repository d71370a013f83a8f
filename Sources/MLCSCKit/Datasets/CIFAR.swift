import Foundation

/// The images of CIFAR-10 or CIFAR-100: the embedded subset, or the full set from this machine.
public struct CIFAR: Sendable {
  /// Which of the two.
  public enum Variant: Sendable, CaseIterable {
    /// 10 classes.
    case ten
    /// 100 fine classes in 20 coarse ones; the labels are the fine ones.
    case hundred

    /// The data set, with its address and licence.
    public var dataSet: DataSet { self == .ten ? .cifar10 : .cifar100 }

    /// The number of classes of every label of a record.
    var classes: [Int] { self == .ten ? [10] : [20, 100] }
  }

  /// Training images, 3 × 32 × 32.
  public let training: LabelledImages
  /// Test images, 3 × 32 × 32.
  public let test: LabelledImages
  /// The SHA-256 of all files' contents, joined: the data's identity.
  public let fingerprint: String
  /// Where the files came from and whether they are the canonical ones.
  public let provenance: [String]

  /// The subset of CIFAR-10 that comes with the package: 400 training and 100 test images a class.
  ///
  /// - Throws: `FileError` where the resource is missing or damaged.
  public static func embedded() throws -> CIFAR {
    let files = try DataSet.cifar10.embeddedFiles.map { file -> (name: String, content: Data) in
      let url = try PackageResources.data(file.name)
      let content = try Gzip.decompress(
        AtomicFile.read(url), path: url.path, limit: file.contentSize)
      guard Digest.sha256(content).description == file.sha256 else {
        throw FileError.damaged(
          path: url.path, place: "the file",
          problem: "SHA-256 \(Digest.sha256(content)) is not that of the embedded subset; "
            + "build again")
      }
      return (url.path, content)
    }
    return try CIFAR(.ten, training: [files[0]], test: [files[1]]) { name, sum in
      "\(URL(fileURLWithPath: name).lastPathComponent), subset embedded in the package, "
        + "SHA-256 \(sum)"
    }
  }

  /// The full set, from `MLCSC_DATA` (the archive or its unpacked folder) or the cache.
  ///
  /// Files from the user's folder are used as given; an archive in the cache must be the published
  /// one.
  /// - Throws: `DataMissing` where it is absent; `FileError` where it is damaged.
  public static func full(_ variant: Variant, _ store: DataStore = DataStore()) throws -> CIFAR {
    let set = variant.dataSet
    let file = set.files[0]
    let url = try store.require(file, of: set)
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
    let contents: [Data]
    let note: String
    if isFolder.boolValue {
      contents = try file.members.map { try AtomicFile.read(url.appendingPathComponent($0)) }
      note = ", unpacked, used as given"
    } else {
      let state = try file.state(of: AtomicFile.read(url), path: url.path)
      if case .different(let found, let expected) = state, url == store.cached(file, of: set) {
        throw FileError.damaged(
          path: url.path, place: "the file",
          problem: "\(found) is not the published \(expected); "
            + "mlcsc data fetch \(set.name) replaces it")
      }
      contents = try TarArchive.members(file.members, of: url, limit: file.contentSize)
      note = state.isCanonical ? "" : ": not the canonical file, used as given"
    }
    let files = zip(file.members, contents).map { (name: "\(url.path)/\($0)", content: $1) }
    return try CIFAR(variant, training: Array(files.dropLast()), test: [files[files.count - 1]]) {
      "\($0), SHA-256 \($1)\(note)"
    }
  }

  private init(
    _ variant: Variant, training: [(name: String, content: Data)],
    test: [(name: String, content: Data)], note: (String, Digest) -> String
  ) throws {
    func images(_ files: [(name: String, content: Data)]) throws -> LabelledImages {
      let parts = try files.map {
        try CIFARFile($0.content, path: $0.name, classes: variant.classes)
      }
      return LabelledImages(
        pixels: Array(parts.map(\.pixels).joined()), labels: Array(parts.map(\.labels).joined()),
        channels: 3, size: .square(32))
    }
    self.training = try images(training)
    self.test = try images(test)
    let sums = (training + test).map { ($0.name, Digest.sha256($0.content)) }
    fingerprint = sums.map(\.1.description).joined(separator: " ")
    provenance = sums.map { note($0.0, $0.1) }
  }
}
