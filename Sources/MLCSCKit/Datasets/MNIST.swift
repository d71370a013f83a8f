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
    let set = DataSet.mnist
    return try MNIST { file in
      let url = try PackageResources.data(set.resource(of: file))
      let content = try IDXFile(url, of: file)
      guard content.checksum.description == file.embeddedSHA256 else {
        throw FileError.damaged(
          path: url.path, place: "the file",
          problem: "SHA-256 \(content.checksum) is not that of the embedded subset; build again")
      }
      return (
        url, content, "\(file.name), subset embedded in the package, SHA-256 \(content.checksum)"
      )
    }
  }

  /// The full set, from `MLCSC_DATA` or the cache.
  ///
  /// Files from the user's folder are used as given; one that is not the canonical one is so
  /// called in the provenance. Files in the cache must be the canonical ones.
  /// - Throws: `DataMissing` where a file is absent; `FileError` where one is damaged.
  public static func full(_ store: DataStore = DataStore()) throws -> MNIST {
    let set = DataSet.mnist
    return try MNIST { file in
      let url = try store.require(file, of: set)
      let content = try IDXFile(url, of: file)
      let isCanonical = content.checksum.description == file.contentSHA256
      guard isCanonical || url != store.cached(file, of: set) else {
        throw FileError.damaged(
          path: url.path, place: "the file",
          problem: "SHA-256 \(content.checksum) is not that of the published file; "
            + "mlcsc data fetch \(set.name) replaces it")
      }
      return (
        url, content,
        "\(url.path), SHA-256 \(content.checksum)"
          + (isCanonical ? "" : ": not the canonical file, used as given")
      )
    }
  }

  private init(_ read: (DataFile) throws -> (url: URL, content: IDXFile, note: String)) throws {
    let files = try DataSet.mnist.files.map(read)
    training = try Self.images(files[0].content, files[1].content, files[0].url, files[1].url)
    test = try Self.images(files[2].content, files[3].content, files[2].url, files[3].url)
    fingerprint = files.map(\.content.checksum.description).joined(separator: " ")
    provenance = files.map(\.note)
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
    guard images.shape[0] > 0 else {
      throw FileError.damaged(
        path: imagePath.path, place: "byte 4", problem: "no images; one or more are needed")
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
