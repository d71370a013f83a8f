import MLCSCKit
import Synchronization

/// What a linear classifier on the pixels gets right, fitted once a process for all networks that
/// learn from the same images.
enum PixelBaseline {
  private struct Key: Hashable {
    let fingerprint: String
    let learnt: [Int]?
    let tested: [Int]?
  }

  private static let known = Mutex<[Key: ImageFlags]>([:])

  /// Which test images the classifier gets right.
  ///
  /// - Parameters:
  ///   - images: The set.
  ///   - learnt: The training images, all if absent.
  ///   - tested: The test images, all if absent.
  /// - Returns: One flag a test image.
  /// - Throws: What `PixelClassifier` throws.
  static func flags(_ images: ImageSet, _ learnt: [Int]?, _ tested: [Int]?) throws -> ImageFlags {
    let key = Key(fingerprint: images.fingerprint, learnt: learnt, tested: tested)
    // Held while it is fitted: another network of the same images waits in place of fitting it too.
    return try known.withLock { known in
      if let flags = known[key] { return flags }
      let classifier = try PixelClassifier(
        images.training, indices: learnt ?? Array(images.training.labels.indices),
        classes: images.classes)
      let right = classifier.areRight(
        images.test, indices: tested ?? Array(images.test.labels.indices))
      known[key] = ImageFlags(right)
      return ImageFlags(right)
    }
  }
}
