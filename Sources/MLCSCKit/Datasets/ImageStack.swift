import Foundation

/// Images of the reader's own, as signals.
public struct ImageStack: Sendable {
  /// One image a row, shape [N, C·H·W], channel-major; bytes are scaled to [0, 1], other numbers are
  /// as in the file.
  public let pixels: Tensor<Double>
  /// C.
  public let channels: Int
  /// H×W.
  public let size: Extent
  /// The SHA-256 of the file.
  public let fingerprint: String

  /// Reads images.
  ///
  /// A `.npy` or `.npz` file holds an array N×H×W or N×C×H×W; any other is an IDX file of bytes N×H×W,
  /// plain or gzipped.
  /// - Throws: `FileError` naming the place of what is wrong; `UsageError` where a `.npz` file does
  ///   not hold the array.
  public init(_ place: MatrixFile.Place) throws {
    let url = place.url
    if let format = try? MatrixFile.Format(of: url), [.npy, .npz].contains(format) {
      let (content, path) = try MatrixFile.numPyFile(place)
      let (array, isBytes) = try NumPyFile.typedTensor(content, path: path)
      try self.init(array, scale: isBytes ? 255 : 1, path: path, Digest.sha256(content))
    } else {
      let content = try AtomicFile.read(url)
      let file = try IDXFile(content, path: url.path, axes: 3)
      try self.init(
        Tensor(shape: file.shape, elements: file.bytes.map(Double.init)), scale: 255,
        path: url.path, Digest.sha256(content))
    }
  }

  private init(
    _ array: Tensor<Double>, scale: Double, path: String, _ digest: Digest
  ) throws {
    let shape = array.shape
    guard shape.count == 3 || shape.count == 4, array.count > 0 else {
      throw FileError.damaged(
        path: path, place: "the header",
        problem: "an array of shape \(shape); images are N×H×W or N×C×H×W, not empty")
    }
    channels = shape.count == 4 ? shape[1] : 1
    size = Extent(shape[shape.count - 2], shape[shape.count - 1])
    pixels = Tensor(
      shape: [shape[0], array.columns],
      elements: scale == 1 ? array.elements : array.elements.map { $0 / scale })
    fingerprint = digest.description
  }

  /// C×H×W, for messages.
  public var imageShape: String { "\(channels)×\(size)" }
}
