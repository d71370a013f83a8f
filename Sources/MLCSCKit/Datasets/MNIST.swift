import Foundation

/// The MNIST digits: the embedded subset, or the full set from this machine.
public struct MNIST: Sendable {
  /// Training digits.
  public let training: LabelledImages
  /// Test digits.
  public let test: LabelledImages
  /// The SHA-256 of all uncompressed files, joined: the data's identity.
  public let fingerprint: String
  /// Where the files came from and whether they are the canonical ones.
  public let provenance: [String]

  /// The subset that comes with the package: the first 1,000 training and 200 test digits a class.
  ///
  /// - Throws: `FileError` where the resource is missing or damaged.
  public static func embedded() throws -> MNIST {
    let files = try DataSet.mnist.files.map { file in
      try PackageResources.url("mnist-\(file.name)")
    }
    return try MNIST(
      files, note: { _, file in "MNIST subset embedded in the package, SHA-256 \(file.checksum)" })
  }

  /// The full set, from `MLCSC_DATA` or the cache.
  ///
  /// - Throws: `DataMissing` where a file is absent; `FileError` where one is damaged.
  public static func full(_ store: DataStore = DataStore()) throws -> MNIST {
    let set = DataSet.mnist
    let files = try set.files.map { file in
      guard let url = store.locate(file, of: set) else {
        throw DataMissing("\(set.title) (\(file.name))", remedy: set.remedy)
      }
      return url
    }
    return try MNIST(files) { url, file in
      let canonical = set.files.contains { $0.contentSHA256 == file.checksum.description }
      return "\(url.path), SHA-256 \(file.checksum)"
        + (canonical ? "" : " — not the canonical file, used as given")
    }
  }

  private init(_ files: [URL], note: (URL, IDXFile) -> String) throws {
    let parsed = try zip(files, [3, 1, 3, 1]).map { url, axes in try IDXFile(url, axes: axes) }
    training = try Self.images(parsed[0], parsed[1], files[0], files[1])
    test = try Self.images(parsed[2], parsed[3], files[2], files[3])
    fingerprint = parsed.map(\.checksum.description).joined(separator: " ")
    provenance = zip(files, parsed).map(note)
  }

  /// Joins images and labels.
  ///
  /// - Throws: `FileError.damaged` where their numbers or a label do not fit.
  static func images(
    _ images: IDXFile, _ labels: IDXFile, _ imagePath: URL, _ labelPath: URL
  ) throws -> LabelledImages {
    guard images.shape[1...] == [28, 28] else {
      throw FileError.damaged(
        path: imagePath.path, place: "byte 8",
        problem: "images of \(images.shape[1])×\(images.shape[2]) pixels, not 28×28")
    }
    guard images.shape[0] == labels.shape[0] else {
      throw FileError.damaged(
        path: labelPath.path, place: "byte 4",
        problem: "\(labels.shape[0]) labels for \(images.shape[0]) images")
    }
    if let wrong = labels.bytes.firstIndex(where: { $0 > 9 }) {
      throw FileError.damaged(
        path: labelPath.path, place: "byte \(8 + wrong)",
        problem: "the label \(labels.bytes[wrong]) is no digit from 0 to 9")
    }
    return LabelledImages(
      pixels: images.bytes, labels: labels.bytes, channels: 1, size: .square(28))
  }
}
