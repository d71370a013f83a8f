/// A linear classifier on the pixels: least squares against the classes' indicators, with a ridge.
///
/// It is what a network has to beat before its accuracy says anything of its architecture: a network
/// that does not is not trained. The ridge is the one that is most accurate on every fifth training
/// image when fitted to the others; the fit is then repeated with all of them.
public struct PixelClassifier: Sendable {
  /// One row a pixel, one column a class.
  private let weights: Matrix<Double>
  /// The scores of the mean image.
  private let offsets: [Double]
  private let mean: [Double]
  /// The ridge over the pixels' mean square, as chosen.
  public let ridge: Double

  /// The ridges tried, over the pixels' mean square.
  public static let ridges = [1e-4, 1e-3, 1e-2, 1e-1, 1, 10]

  /// Fits a classifier.
  ///
  /// - Parameters:
  ///   - images: The images; d pixels each.
  ///   - indices: Which of them to learn from, at least five.
  ///   - classes: The number of classes.
  /// - Throws: `ModelError.parameterOutOfRange` for fewer than five images;
  ///   `LinearAlgebraError` where the fit fails.
  /// - Complexity: O(n d² + d³).
  public init(_ images: LabelledImages, indices: [Int], classes: Int) throws {
    guard indices.count >= 5 else {
      throw ModelError.parameterOutOfRange(
        name: "training images", value: "\(indices.count)", range: "at least 5")
    }
    let held = indices.enumerated().filter { $0.offset % 5 == 4 }.map(\.element)
    let others = indices.enumerated().filter { $0.offset % 5 != 4 }.map(\.element)
    let part = Moments(images, others, classes)
    var best = (ridge: Self.ridges[0], right: -1)
    for ridge in Self.ridges {
      let candidate = try PixelClassifier(part, ridge: ridge)
      let right = candidate.areRight(images, indices: held).count { $0 }
      if right > best.right { best = (ridge, right) }
    }
    try self.init(Moments(images, indices, classes), ridge: best.ridge)
  }

  private init(_ moments: Moments, ridge: Double) throws {
    var system = moments.covariance
    let d = moments.mean.count
    let scale = (0..<d).reduce(0) { $0 + system[$1, $1] } / Double(d)
    // Without contrast there is nothing to fit; any ridge keeps the system regular.
    for i in 0..<d { system[i, i] += ridge * (scale > 0 ? scale : 1) }
    weights = try system.solve(moments.correlation)
    (offsets, mean, self.ridge) = (moments.shares, moments.mean, ridge)
  }

  /// Whether each of some images is classified rightly.
  public func areRight(_ images: LabelledImages, indices: [Int]) -> [Bool] {
    var right = [Bool]()
    right.reserveCapacity(indices.count)
    for block in Self.blocks(indices) {
      let scores = Self.centred(images, block, mean).multiplied(by: weights)
      for (row, index) in block.enumerated() {
        let values = offsets.indices.map { scores[row, $0] + offsets[$0] }
        let largest = values.indices.max { values[$0] < values[$1] } ?? 0
        right.append(largest == Int(images.labels[index]))
      }
    }
    return right
  }

  /// Blocks of images whose pixels fit into memory as doubles.
  private static func blocks(_ indices: [Int]) -> [[Int]] {
    stride(from: 0, to: indices.count, by: 2_000).map {
      Array(indices[$0..<min($0 + 2_000, indices.count)])
    }
  }

  private static func centred(
    _ images: LabelledImages, _ indices: [Int], _ mean: [Double]
  ) -> Matrix<Double> {
    var pixels = images.batch(indices, as: Double.self)
    let d = mean.count
    pixels.withMutableElements { pixels in
      for row in 0..<indices.count {
        for i in 0..<d { pixels[row * d + i] -= mean[i] }
      }
    }
    return pixels
  }

  /// Sums over images of what the fit needs.
  private struct Moments {
    var mean: [Double]
    /// Xᵀ X of the centred pixels, d × d.
    var covariance: Matrix<Double>
    /// Xᵀ of the classes' centred indicators, d × classes.
    var correlation: Matrix<Double>
    /// The share of each class.
    var shares: [Double]

    init(_ images: LabelledImages, _ indices: [Int], _ classes: Int) {
      let d = images.dimension
      mean = [Double](repeating: 0, count: d)
      shares = [Double](repeating: 0, count: classes)
      for index in indices {
        for i in 0..<d { mean[i] += Double(images.pixels[index * d + i]) }
        shares[Int(images.labels[index])] += 1 / Double(indices.count)
      }
      for i in 0..<d { mean[i] /= 255 * Double(indices.count) }
      covariance = Matrix(zeros: d, d)
      correlation = Matrix(zeros: d, classes)
      for block in PixelClassifier.blocks(indices) {
        let pixels = PixelClassifier.centred(images, block, mean)
        var indicators = Matrix<Double>(zeros: block.count, classes)
        for (row, index) in block.enumerated() {
          for j in 0..<classes { indicators[row, j] = -shares[j] }
          indicators[row, Int(images.labels[index])] += 1
        }
        Self.add(pixels.multiplied(by: pixels, transposingSelf: true), to: &covariance)
        Self.add(pixels.multiplied(by: indicators, transposingSelf: true), to: &correlation)
      }
    }

    private static func add(_ block: Matrix<Double>, to sum: inout Matrix<Double>) {
      let count = block.elements.count
      sum.withMutableElements { sum in
        block.withElements { block in
          for i in 0..<count { sum[i] += block[i] }
        }
      }
    }
  }
}
