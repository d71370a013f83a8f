import Foundation

/// The street view house numbers, cropped digits of 32×32 pixels, from this machine.
///
/// The licence allows non-commercial use only, so no part of it is embedded.
public struct SVHN: Sendable {
  /// Training images, 3 × 32 × 32.
  public let training: LabelledImages
  /// Test images, 3 × 32 × 32.
  public let test: LabelledImages
  /// The SHA-256 of both files, joined, or that of the digits of a part: the data's identity.
  public let fingerprint: String
  /// Where the files came from and whether they are the canonical ones.
  public let provenance: [String]

  /// The set from `MLCSC_DATA` or the cache; files from the user's folder are used as given.
  ///
  /// - Throws: `DataMissing` where a file is absent; `FileError` where one is damaged.
  public static func full(_ store: DataStore = DataStore()) throws -> SVHN {
    let files = try DataSet.svhn.files.map { try images(of: $0, store) }
    return SVHN(
      training: files[0].images, test: files[1].images,
      fingerprint: files.map(\.sum.description).joined(separator: " "),
      provenance: files.map(\.note))
  }

  /// The first 10,000 digits of the file of test images alone.
  ///
  /// 8,000 are there to learn from, and the 2,000 behind them to test with. Neighbours often come
  /// from one house number, hence two blocks.
  ///
  /// - Throws: `DataMissing` where the file is absent; `FileError` where it is damaged or has fewer
  ///   digits.
  public static func firstTenThousand(_ store: DataStore = DataStore()) throws -> SVHN {
    let file = try images(of: DataSet.svhn.files[1], store)
    guard file.images.count >= 10_000 else {
      throw FileError.damaged(
        path: file.path, place: "variable y",
        problem: "\(file.images.count) digits, where the first 10,000 are needed")
    }
    let digits = file.images[0..<10_000]
    return SVHN(
      training: file.images[0..<8_000], test: file.images[8_000..<10_000],
      // The digits', not the file's: whoever cuts the file has the same part.
      fingerprint: Digest.sha256(Data(digits.pixels + digits.labels)).description,
      provenance: [file.note + ", its first 10,000 digits"])
  }

  private static func images(
    of file: DataFile, _ store: DataStore
  ) throws -> (images: LabelledImages, sum: Digest, note: String, path: String) {
    let set = DataSet.svhn
    let url = try store.require(file, of: set)
    let bytes = try AtomicFile.read(url)
    let state = try file.state(of: bytes, path: url.path)
    if case .different(let found, let expected) = state, url == store.cached(file, of: set) {
      throw FileError.damaged(
        path: url.path, place: "the file",
        problem: "\(found) is not the published \(expected); "
          + "mlcsc data fetch \(set.name) replaces it")
    }
    let sum = Digest.sha256(bytes)
    return (
      try images(of: url), sum,
      "\(url.path), SHA-256 \(sum)"
        + (state.isCanonical ? "" : ": not the canonical file, used as given"), url.path
    )
  }

  /// The images of one file: X of 32 × 32 × 3 × N bytes and y of N labels, 10 for the digit 0.
  ///
  /// - Throws: `FileError.damaged` where the arrays do not have these shapes and values.
  public static func images(of url: URL) throws -> LabelledImages {
    let x = try MATFile.bytes("X", of: url)
    let y = try MATFile.bytes("y", of: url)
    let count = y.elements.count
    // MATLAB drops a last axis of extent one.
    let expected = count == 1 ? [32, 32, 3] : [32, 32, 3, count]
    guard count > 0, x.shape == expected || x.shape == [32, 32, 3, count] else {
      throw FileError.damaged(
        path: url.path, place: "variable X",
        problem: "extents \(x.shape), not [32, 32, 3, N] for the \(count) labels of y")
    }
    if let wrong = y.elements.firstIndex(where: { !(1...10).contains($0) }) {
      throw FileError.damaged(
        path: url.path, place: "variable y, element \(wrong + 1)",
        problem: "the label \(y.elements[wrong]) is not from 1 to 10")
    }
    var pixels = [UInt8](repeating: 0, count: x.elements.count)
    // From row fastest, then column, channel, image to column fastest, then row, channel, image.
    pixels.withUnsafeMutableBufferPointer { target in
      x.elements.withUnsafeBufferPointer { source in
        for plane in 0..<count * 3 {
          for row in 0..<32 {
            for column in 0..<32 {
              target[plane * 1024 + row * 32 + column] = source[plane * 1024 + column * 32 + row]
            }
          }
        }
      }
    }
    return LabelledImages(
      pixels: pixels, labels: y.elements.map { $0 % 10 }, channels: 3, size: .square(32))
  }
}
