/// The mini-batches of a training: a new order every epoch, changed images, the last batch dropped
/// where it is not full.
///
/// Everything random hangs on the seed and the epoch alone, so a training that goes on from a
/// checkpoint sees the images that an uninterrupted one would have seen.
public struct MiniBatches: Sendable {
  /// How images are changed before they are seen.
  public struct Augmentation: Codable, Sendable, Equatable {
    /// The largest translation along both axes in pixels; zeros come in from the edge.
    public var translation: Int
    /// Whether half of the images are mirrored.
    public var flips: Bool

    /// An augmentation.
    public init(translation: Int = 0, flips: Bool = false) {
      (self.translation, self.flips) = (translation, flips)
    }
  }

  /// A batch.
  public struct Batch: Sendable {
    /// Shape [B, C, H, W].
    public let images: Tensor<Float>
    /// B classes.
    public let labels: [Int]
  }

  /// All images.
  public let images: LabelledImages
  /// Which of them are used.
  public let indices: [Int]
  /// B.
  public let size: Int
  /// How images are changed.
  public let augmentation: Augmentation
  /// Subtracted from every channel, and what it is divided by.
  public let normalization: (means: [Float], deviations: [Float])?
  private let seed: String

  /// Mini-batches of some images.
  ///
  /// - Parameters:
  ///   - images: Pixels are scaled to [0, 1].
  ///   - indices: The images that are used, all if absent.
  ///   - size: Images a batch, at most as many as there are.
  ///   - augmentation: What is done to every image before it is seen.
  ///   - normalization: One mean and one deviation a channel.
  ///   - seed: Names the random stream.
  /// - Throws: `ModelError.parameterOutOfRange` where these do not fit.
  public init(
    _ images: LabelledImages, indices: [Int]? = nil, size: Int,
    augmentation: Augmentation = Augmentation(),
    normalization: (means: [Float], deviations: [Float])? = nil, seed: String
  ) throws {
    let indices = indices ?? Array(0..<images.count)
    guard indices.allSatisfy((0..<images.count).contains) else {
      throw ModelError.parameterOutOfRange(
        name: "indices", value: "\(indices.max() ?? 0)", range: "0 to \(images.count - 1)")
    }
    guard (1...max(indices.count, 1)).contains(size), !indices.isEmpty else {
      throw ModelError.parameterOutOfRange(
        name: "batch size", value: "\(size)", range: "1 to the \(indices.count) images")
    }
    guard augmentation.translation >= 0 else {
      throw ModelError.parameterOutOfRange(
        name: "translation", value: "\(augmentation.translation)", range: "at least 0")
    }
    if let normalization {
      guard normalization.means.count == images.channels,
        normalization.deviations.count == images.channels,
        normalization.deviations.allSatisfy({ $0 > 0 })
      else {
        throw ModelError.parameterOutOfRange(
          name: "normalization", value: "\(normalization)",
          range: "\(images.channels) means and as many positive deviations")
      }
    }
    (self.images, self.indices, self.size) = (images, indices, size)
    (self.augmentation, self.normalization, self.seed) = (augmentation, normalization, seed)
  }

  /// The number of batches of an epoch.
  public var count: Int { indices.count / size }

  /// The order in which an epoch sees the images.
  public func order(epoch: Int) -> [Int] {
    var stream = RandomStream(seed, "order", "\(epoch)")
    return stream.permutation(of: indices.count).map { indices[$0] }
  }

  /// One batch of an epoch.
  ///
  /// - Parameters:
  ///   - number: From 0.
  ///   - epoch: From 0.
  ///   - order: What `order(epoch:)` gives, so that it is made once an epoch.
  /// - Returns: Images and labels.
  /// - Complexity: O(B C H W); safe to call ahead from another thread.
  public func batch(_ number: Int, epoch: Int, order: [Int]) -> Batch {
    precondition((0..<count).contains(number), "batch \(number) of \(count)")
    let chosen = order[number * size..<(number + 1) * size]
    var stream = RandomStream(seed, "images", "\(epoch)", "\(number)")
    return batch(Array(chosen)) { _ in
      let t = augmentation.translation
      let (dy, dx) =
        t > 0
        ? (stream.index(below: 2 * t + 1) - t, stream.index(below: 2 * t + 1) - t)
        : (0, 0)
      return (dy, dx, augmentation.flips && stream.index(below: 2) == 1)
    }
  }

  /// Images as they are, normalised alone: what a network is tested with.
  public func unchanged(_ indices: [Int]) -> Batch { batch(indices) { _ in (0, 0, false) } }

  private func batch(
    _ chosen: [Int], change: (Int) -> (dy: Int, dx: Int, flip: Bool)
  ) -> Batch {
    let (channels, height, width) = (images.channels, images.size.height, images.size.width)
    let (area, n) = (height * width, images.dimension)
    var result = Tensor<Float>(zeros: chosen.count, channels, height, width)
    result.withMutableElements { target in
      images.pixels.withUnsafeBufferPointer { pixels in
        for (row, index) in chosen.enumerated() {
          let (dy, dx, flip) = change(row)
          for c in 0..<channels {
            let mean = normalization?.means[c] ?? 0
            let scale = 1 / (normalization?.deviations[c] ?? 1)
            let source = index * n + c * area
            let out = target + row * n + c * area
            for y in 0..<height {
              for x in 0..<width {
                // The pixel that lies here after mirroring, then translating by (dy, dx).
                let (v, u) = (y - dy, x - dx)
                let isInside = v >= 0 && v < height && u >= 0 && u < width
                let value =
                  isInside
                  ? Float(pixels[source + v * width + (flip ? width - 1 - u : u)]) / 255 : 0
                out[y * width + x] = (value - mean) * scale
              }
            }
          }
        }
      }
    }
    return Batch(images: result, labels: chosen.map { Int(images.labels[$0]) })
  }
}
