/// R's residual networks for small images: plain, Res-CSC-Simplified, ResNet and Res-CSC.
///
/// A layered pursuit of 6n + 1 convolutional layers of 3×3 filters: one alone, Γ = S⁺(N(DᵀX)), then
/// three stages of n pairs each (see `ResidualPair`, where the four models differ and the readings
/// stand), with 16, 32 and 64 filters; the first pair of the second and third stage halves the
/// image. Then the mean of every channel and a linear classifier. Depth counts these layers and the
/// classifier, 6n + 2. Filters begin normal with variance 2/fan-in, drawn in the same order in all
/// models, so that networks of one seed begin alike; the parameters of the four are the same but for
/// one c a pair (R, Table II: 0.27 M for 20 layers; its 3.40 M for 218 are 3.48 M).
///
/// Parameters by name: `first.filters`, `first.norm.scale`, `first.norm.shift`; for every pair
/// `stage1.pair1.filters.1` and so on, `.norm.1.scale`, `.norm.1.shift`, the same for 2, and where
/// there is one `.coefficient` (c, shape [1]); `classifier.weights` (shape [classes, 64]) and
/// `classifier.biases`. Saved weights have the names of the residual networks for CIFAR that are usual
/// in PyTorch, so that a state dictionary of such a ResNet takes them as they are:
///
/// | here | in the file |
/// |---|---|
/// | `first.filters`, `first.norm.scale` | `conv1.weight`, `bn1.weight` |
/// | `stage2.pair1.filters.2` | `layer2.0.conv2.weight` |
/// | `stage2.pair1.norm.2.scale`, `.shift`, `.mean`, `.variance` | `layer2.0.bn2.weight`, `.bias`, `.running_mean`, `.running_var` |
/// | `stage2.pair1.coefficient`, `stage2.pair1.norm.3.mean` | `layer2.0.coefficient`, `layer2.0.bn3.running_mean` |
/// | `classifier.weights`, `classifier.biases` | `linear.weight`, `linear.bias` |
/// - Complexity: two products with every dictionary, four with the second one of a pair where there
///   is a refinement.
public final class ResidualNetwork<Scalar: NumericScalar>: Network {
  /// Which terms the pairs have.
  public let model: ResidualModel
  /// 6n + 2.
  public let depth: Int
  private let first: LearnedConvolution<Scalar>
  private let firstNorm: LearnedNormalization<Scalar>
  private let pairs: [ResidualPair<Scalar>]
  private let weights: Parameter<Scalar>
  private let biases: Parameter<Scalar>

  /// A network with random filters.
  ///
  /// - Parameters:
  ///   - model: Which of the four.
  ///   - depth: 6n + 2 with n at least 1.
  ///   - channels: Of the images.
  ///   - size: Of the images.
  ///   - widths: Filters of the layers of each stage.
  ///   - classes: The number of scores.
  ///   - stream: Where the filters come from.
  /// - Throws: `ModelError.parameterOutOfRange` where the depth is another number, or widths fall.
  public init(
    _ model: ResidualModel, depth: Int, channels: Int = 3, size: Extent = .square(32),
    widths: [Int] = [16, 32, 64], classes: Int, stream: RandomStream
  ) throws {
    guard depth >= 8, depth % 6 == 2 else {
      throw ModelError.parameterOutOfRange(
        name: "depth", value: "\(depth)", range: "8, 14, 20 or another 6n + 2")
    }
    guard widths.count == 3, zip(widths, widths.dropFirst()).allSatisfy({ $0 <= $1 }) else {
      throw ModelError.parameterOutOfRange(
        name: "widths", value: "\(widths)", range: "three numbers that do not fall")
    }
    var stream = stream
    (self.model, self.depth) = (model, depth)
    let geometry = try ConvolutionGeometry(
      channels: channels, signalSize: size, kernelSize: .square(3), padding: .square(1))
    first = LearnedConvolution(
      "first.filters", filterCount: widths[0], geometry: geometry, scale: 2.0.squareRoot(),
      stream: &stream)
    firstNorm = LearnedNormalization("first.norm", channels: widths[0])
    var pairs = [ResidualPair<Scalar>]()
    for (stage, width) in widths.enumerated() {
      for number in 0..<(depth - 2) / 6 {
        let before = pairs.last?.second ?? first
        pairs.append(
          try ResidualPair(
            "stage\(stage + 1).pair\(number + 1)", model, channels: before.filters.value.rows,
            size: before.geometry.codeSize, filterCount: width,
            stride: stage > 0 && number == 0 ? 2 : 1, stream: &stream))
      }
    }
    self.pairs = pairs
    weights = Parameter(
      "classifier.weights", .classifierStart(classes: classes, features: widths[2], &stream))
    biases = Parameter("classifier.biases", Tensor(shape: [classes]))
  }

  public var parameters: [Parameter<Scalar>] {
    first.parameters + firstNorm.parameters + pairs.flatMap(\.parameters) + [weights, biases]
  }

  public var statistics: [String: BatchStatistics<Scalar>] {
    let norms = [firstNorm] + pairs.flatMap(\.norms)
    return .init(uniqueKeysWithValues: norms.map { ($0.name, $0.statistics) })
  }

  public func publishedName(of name: String) -> String {
    var parts = name.split(separator: ".").map(String.init)
    guard let kind = parts.popLast() else { return name }
    if parts == ["classifier"] { return "linear." + (kind == "weights" ? "weight" : "bias") }
    let block =
      parts.first == "first"
      ? "" : "layer\(parts[0].dropFirst(5)).\((Int(parts[1].dropFirst(4)) ?? 1) - 1)."
    if kind == "coefficient" { return block + kind }
    if parts.contains("norm") {
      let suffix = [
        "scale": "weight", "shift": "bias", "mean": "running_mean", "variance": "running_var",
      ]
      return "\(block)bn\(parts.last.flatMap { Int($0) } ?? 1).\(suffix[kind] ?? kind)"
    }
    return "\(block)conv\(Int(kind) ?? 1).weight"
  }

  public func scores(
    of images: Variable<Scalar>, on tape: Tape<Scalar>, _ pass: ForwardPass
  ) -> Variable<Scalar> {
    let means = tape.globalAveragePool(
      code(of: images, on: tape, training: pass.isTraining))
    return tape.addBias(tape.dense(means, tape.variable(weights)), tape.variable(biases))
  }

  /// The deepest code Γ.
  ///
  /// - Parameters:
  ///   - images: Shape [N, C, H, W].
  ///   - tape: What records the operations.
  ///   - training: Whether batch norms use the batch's own statistics.
  /// - Returns: Shape [N, 64, H/4, W/4].
  public func code(
    of images: Variable<Scalar>, on tape: Tape<Scalar>, training: Bool
  ) -> Variable<Scalar> {
    var code = firstNorm.normalize(
      first.analyze(images, on: tape), on: tape, training: training, rectified: true)
    for pair in pairs { code = pair.code(of: code, on: tape, training: training) }
    return code
  }
}
