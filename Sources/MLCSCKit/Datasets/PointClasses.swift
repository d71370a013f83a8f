/// Simulated classes: points around class centres, as in R, Section V-B.
public struct PointClasses: Sendable {
  /// How the numbers of a centre are drawn.
  public enum Centres: String, Codable, Sendable {
    /// Standard normal.
    case gaussian
    /// Uniform in [0, 1).
    case uniform
  }

  /// Points to learn from, shape [count, n].
  public let training: Tensor<Float>
  /// Their classes, from 0.
  public let trainingLabels: [Int]
  /// Points to test with, shape [count, n].
  public let test: Tensor<Float>
  /// Their classes, from 0.
  public let testLabels: [Int]

  /// Draws centres and points, the classes in turn.
  ///
  /// - Parameters:
  ///   - dimension: n.
  ///   - classes: How many.
  ///   - centres: How centres are drawn.
  ///   - noise: The standard deviation of every number around its centre.
  ///   - trainingPoints: How many points to learn from.
  ///   - testPoints: How many points to test with.
  ///   - stream: Where random numbers come from.
  public init(
    dimension: Int, classes: Int, centres: Centres, noise: Double, trainingPoints: Int,
    testPoints: Int, from stream: inout RandomStream
  ) {
    let (n, k) = (dimension, classes)
    let center = (0..<k * n).map { _ in
      centres == .uniform ? stream.uniform() : stream.normal()
    }
    func points(_ count: Int) -> (Tensor<Float>, [Int]) {
      let labels = (0..<count).map { $0 % k }
      let elements = labels.flatMap { label in
        (0..<n).map { Float(center[label * n + $0] + noise * stream.normal()) }
      }
      return (Tensor(shape: [count, n], elements: elements), labels)
    }
    (training, trainingLabels) = points(trainingPoints)
    (test, testLabels) = points(testPoints)
  }
}
