/// Images with class labels.
public struct LabelledImages: Sendable {
  /// Pixels as bytes, image by image, channel-major.
  public let pixels: [UInt8]
  /// One label an image.
  public let labels: [UInt8]
  /// Channels, height, width.
  public let channels: Int
  /// The size of an image.
  public let size: Extent

  /// Images from their pixels and labels, `channels` × `size` pixels an image.
  public init(pixels: [UInt8], labels: [UInt8], channels: Int, size: Extent) {
    precondition(
      pixels.count == labels.count * channels * size.area,
      "\(pixels.count) pixels are not those of \(labels.count) images of "
        + "\(channels)×\(size.height)×\(size.width)")
    (self.pixels, self.labels) = (pixels, labels)
    (self.channels, self.size) = (channels, size)
  }

  /// The number of images.
  public var count: Int { labels.count }

  /// The number of pixels of an image, all channels.
  public var dimension: Int { channels * size.area }

  /// Pixels of chosen images in [0, 1], shape [count, dimension].
  ///
  /// - Parameters:
  ///   - indices: The images, in the order wanted.
  ///   - type: The precision.
  /// - Returns: One image a row.
  public func batch<Scalar: NumericScalar>(
    _ indices: some Collection<Int>, as type: Scalar.Type = Scalar.self
  ) -> Tensor<Scalar> {
    // One division a grey level, not one a pixel.
    let levels = (0...255).map { Scalar($0) / 255 }
    var result = Tensor<Scalar>(zeros: indices.count, dimension)
    let n = dimension
    result.withMutableElements { target in
      levels.withUnsafeBufferPointer { levels in
        pixels.withUnsafeBufferPointer { source in
          for (row, index) in indices.enumerated() {
            precondition(labels.indices.contains(index), "no image \(index) of \(count)")
            for i in 0..<n { target[row * n + i] = levels[Int(source[index * n + i])] }
          }
        }
      }
    }
    return result
  }

  /// Consecutive images.
  public subscript(range: Range<Int>) -> LabelledImages {
    LabelledImages(
      pixels: Array(pixels[range.lowerBound * dimension..<range.upperBound * dimension]),
      labels: Array(labels[range]), channels: channels, size: size)
  }

  /// Chosen images, in the order wanted.
  public func selecting(_ indices: [Int]) -> LabelledImages {
    LabelledImages(
      pixels: indices.flatMap { pixels[$0 * dimension..<($0 + 1) * dimension] },
      labels: indices.map { labels[$0] }, channels: channels, size: size)
  }

  /// The images at half their height and width: every pixel the rounded mean of 2×2.
  public func halved() -> LabelledImages {
    let half = Extent(size.height / 2, size.width / 2)
    let (planes, width) = (count * channels, size.width)
    var result = [UInt8](repeating: 0, count: planes * half.area)
    for plane in 0..<planes {
      for y in 0..<half.height {
        for x in 0..<half.width {
          let corner = plane * size.area + 2 * y * width + 2 * x
          let sum =
            Int(pixels[corner]) + Int(pixels[corner + 1]) + Int(pixels[corner + width])
            + Int(pixels[corner + width + 1])
          result[plane * half.area + y * half.width + x] = UInt8((sum + 2) / 4)
        }
      }
    }
    return LabelledImages(pixels: result, labels: labels, channels: channels, size: half)
  }

  /// The first images, as many of each class; all of them where there are no more.
  public func balanced(_ count: Int, classes: Int = 10) -> [Int] {
    count >= self.count ? Array(labels.indices) : firstOfEachClass(count / classes)
  }

  /// The first images of every class, `each` a class, in the order of the file.
  public func firstOfEachClass(_ each: Int) -> [Int] {
    var taken = [UInt8: Int]()
    return labels.indices.filter { i in
      taken[labels[i], default: 0] += 1
      return taken[labels[i], default: 0] <= each
    }
  }
}
