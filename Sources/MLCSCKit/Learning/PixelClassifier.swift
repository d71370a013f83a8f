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
  /// - Complexity: O(n d min(n, d) + min(n, d)³).
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
    weights = try moments.weights(ridge: ridge)
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

  /// What the fit needs of the images: the smaller of Xᵀ X and X Xᵀ, X being the centred pixels.
  private struct Moments {
    var mean: [Double]
    /// The share of each class.
    var shares: [Double]
    /// Xᵀ X, d × d, or X Xᵀ, n × n.
    private var products: Matrix<Double>
    /// Xᵀ Y, d × classes, Y being the classes' centred indicators; or Y, n × classes.
    private var targets: Matrix<Double>
    /// X where there are fewer images than pixels.
    private var pixels: Matrix<Double>?

    init(_ images: LabelledImages, _ indices: [Int], _ classes: Int) {
      let d = images.dimension
      mean = [Double](repeating: 0, count: d)
      shares = [Double](repeating: 0, count: classes)
      for index in indices {
        for i in 0..<d { mean[i] += Double(images.pixels[index * d + i]) }
        shares[Int(images.labels[index])] += 1 / Double(indices.count)
      }
      for i in 0..<d { mean[i] /= 255 * Double(indices.count) }
      if indices.count < d {
        let all = PixelClassifier.centred(images, indices, mean)
        products = all.gramOfRows
        targets = Self.indicators(images, indices, shares)
        pixels = all
        return
      }
      products = Matrix(zeros: d, d)
      targets = Matrix(zeros: d, classes)
      for block in PixelClassifier.blocks(indices) {
        let part = PixelClassifier.centred(images, block, mean)
        let indicators = Self.indicators(images, block, shares)
        Self.add(part.multiplied(by: part, transposingSelf: true), to: &products)
        Self.add(part.multiplied(by: indicators, transposingSelf: true), to: &targets)
      }
    }

    /// (Xᵀ X + r I)⁻¹ Xᵀ Y = Xᵀ (X Xᵀ + r I)⁻¹ Y, r the ridge times the pixels' mean square.
    func weights(ridge: Double) throws -> Matrix<Double> {
      var system = products
      let trace = (0..<system.rows).reduce(0) { $0 + system[$1, $1] }
      let scale = trace / Double(mean.count)
      // Without contrast there is nothing to fit; any ridge keeps the system regular.
      for i in 0..<system.rows { system[i, i] += ridge * (scale > 0 ? scale : 1) }
      let solution = try system.solve(targets)
      return pixels.map { $0.multiplied(by: solution, transposingSelf: true) } ?? solution
    }

    private static func indicators(
      _ images: LabelledImages, _ indices: [Int], _ shares: [Double]
    ) -> Matrix<Double> {
      var indicators = Matrix<Double>(zeros: indices.count, shares.count)
      for (row, index) in indices.enumerated() {
        for j in shares.indices { indicators[row, j] = -shares[j] }
        indicators[row, Int(images.labels[index])] += 1
      }
      return indicators
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
