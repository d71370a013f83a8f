import COpenBLAS
import Foundation
import MLCSCKit

/// One training step of a network (forward, backward, optimiser), against PyTorch.
struct TrainingBenchmark {
  /// Which network.
  enum Kind: String, Encodable, CaseIterable {
    /// B's three layers on digits.
    case lenet
    /// R's residual networks without and with c·DᵀD.
    case resnet
    case rescsc
    /// R's mixed-scale dense networks.
    case dense
    /// R's six plain layers, whose last three have images of 4×4 and 2×2.
    case baseline

    var part: Benchmark.Part {
      switch self {
      case .lenet: .lenet
      case .resnet: .resnet
      case .rescsc: .rescsc
      case .dense: .dense
      case .baseline: .baseline
      }
    }

    var isResidual: Bool { self == .resnet || self == .rescsc }
  }

  let kind: Kind
  /// Layers, where the kind leaves them open.
  let depth: Int
  /// Iterations after the first; none in residual networks.
  let unfoldings: Int
  let batch: Int
  /// Steps of one turn.
  let steps: Int
  /// How many times as fast as PyTorch it should be.
  let goal = 2.0

  init(_ kind: Kind, depth: Int, unfoldings: Int = 0, batch: Int = 128, steps: Int = 1) {
    (self.kind, self.depth, self.unfoldings) = (kind, depth, unfoldings)
    (self.batch, self.steps) = (batch, steps)
  }

  /// What is measured, in this order.
  static let all =
    [
      TrainingBenchmark(.lenet, depth: 3, steps: 8),
      TrainingBenchmark(.lenet, depth: 3, batch: 512, steps: 2),
      TrainingBenchmark(.lenet, depth: 3, unfoldings: 6),
      TrainingBenchmark(.lenet, depth: 3, unfoldings: 6, batch: 512),
      TrainingBenchmark(.resnet, depth: 20, steps: 2),
      TrainingBenchmark(.resnet, depth: 56),
      TrainingBenchmark(.rescsc, depth: 20, steps: 2),
      TrainingBenchmark(.rescsc, depth: 56),
    ]
    + [6, 12].flatMap { depth in
      (0...2).map { TrainingBenchmark(.dense, depth: depth, unfoldings: $0) }
    }
    + [
      TrainingBenchmark(.baseline, depth: 6, steps: 4),
      TrainingBenchmark(.baseline, depth: 6, batch: 32, steps: 8),
    ]

  /// One line of the report.
  struct Result: Encodable {
    let network: Kind
    let depth: Int
    let unfoldings: Int
    let batch: Int
    let goal: Double
    /// Images a second.
    let rate: Double
    let torchRate: Double?
    let ratio: Double?
    /// The convolutions' operations as they are defined, in GFLOP/s, and those of the matrix
    /// product of order 2048.
    let operations: Double
    let peak: Double
    /// The most memory of this process, and of PyTorch's.
    let peakBytes: Double?
    let torchPeakBytes: Double?
    let torchVersion: String?
    /// The relative difference of the losses after the first two turns.
    let disagreement: Double?

    /// Kind, depth, unfoldings where there can be any, batch.
    var name: String {
      let unfoldings = network.isResidual ? "" : ", \(unfoldings) unf."
      return "\(network.rawValue)-\(depth)\(unfoldings), batch \(batch)"
    }
  }

  /// Times both sides in turns.
  ///
  /// - Parameters:
  ///   - threads: For both.
  ///   - repetitions: How many turns.
  /// - Returns: Medians and their ratio.
  /// - Throws: When a network cannot be made or the peer fails.
  func measure(threads: Int, repetitions: Int) throws -> Result {
    let peer = TorchPeer(
      kind.rawValue, depth: depth, unfoldings: unfoldings, batch: batch, threads: threads)
    ResidentMemory.resetPeak()
    let training = try Training(self)
    var loss = 0.0
    var turn: TorchPeer.Turn?
    for _ in 0..<2 {
      loss = training.run(steps: steps)
      turn = try peer?.train(steps: steps)
    }
    let disagreement = turn.map { abs(loss - $0.loss) / abs($0.loss) }
    var (ours, theirs, products) = ([Double](), [Double](), [Double]())
    for _ in 0..<repetitions {
      ours.append(seconds { loss = training.run(steps: steps) })
      turn = try peer?.train(steps: steps)
      if let turn { theirs.append(turn.seconds) }
      products.append(MatrixProduct.rate(threads: threads))
    }
    let images = Double(batch * steps)
    let rate = images / median(ours)
    let torchRate = theirs.isEmpty ? nil : images / median(theirs)
    return Result(
      network: kind, depth: depth, unfoldings: unfoldings, batch: batch, goal: goal, rate: rate,
      torchRate: torchRate, ratio: torchRate.map { rate / $0 },
      operations: rate * training.operations * 1e-9, peak: median(products),
      peakBytes: ResidentMemory.peak, torchPeakBytes: turn?.peakBytes,
      torchVersion: peer?.version, disagreement: disagreement)
  }
}

/// One of the networks above, with the first numbers that PyTorch's has.
private struct Training {
  private let training: TrainingSteps
  /// The convolutions' operations for one image, forward and backward.
  let operations: Double

  init(_ benchmark: TrainingBenchmark) throws {
    let (stream, batch) = (RandomStream("benchmark"), benchmark.batch)
    let network: any Network<Float>
    let shape: [Int]
    let scale: Double
    switch benchmark.kind {
    case .lenet:
      network = try UnfoldedNetwork<Float>(
        .document(signalSize: 28, .multiLayerISTA, unfoldings: benchmark.unfoldings), channels: 1,
        size: .square(28), classes: 10, stream: stream)
      (shape, scale) = ([batch, 1, 28, 28], 0.3)
    case .resnet, .rescsc:
      network = try ResidualNetwork<Float>(
        benchmark.kind == .resnet ? .resNet : .resCSC, depth: benchmark.depth, classes: 10,
        stream: stream)
      (shape, scale) = ([batch, 3, 32, 32], 2.0.squareRoot())
    case .dense:
      network = try MixedScaleNetwork<Float>(
        depth: benchmark.depth, unfoldings: benchmark.unfoldings, initialStep: 1, classes: 10,
        stream: stream)
      (shape, scale) = ([batch, 3, 32, 32], 0.3)
    case .baseline:
      network = try UnfoldedNetwork<Float>(
        .sixLayers(.multiLayerISTA, unfoldings: benchmark.unfoldings), channels: 3,
        size: .square(32), classes: 10, stream: stream)
      (shape, scale) = ([batch, 3, 32, 32], 1)
    }
    for (i, parameter) in network.parameters.enumerated() {
      let shape = parameter.value.shape
      let fan = shape.dropFirst().reduce(1, *)
      if shape.count == 4 || shape.count == 2 && shape[0] == 10 {
        let bound = (shape.count == 4 ? scale : 1) * (3 / Double(fan)).squareRoot()
        parameter.value = Tensor(
          shape: shape,
          elements: HashedValues.make(parameter.value.count, key: i, bound: bound))
      }
    }
    training =
      benchmark.kind == .lenet
      ? TrainingSteps(network, Adam(epsilon: 1e-4), rate: 1e-4, shape: shape)
      : TrainingSteps(
        network,
        GradientDescent(
          momentum: 0.9, nesterov: benchmark.kind.isResidual, weightDecay: 1e-4),
        rate: 1e-3, shape: shape)
    operations = Self.operations(benchmark, network)
  }

  /// Makes some steps and returns the loss before the last one.
  func run(steps: Int) -> Double { training.run(steps: steps) }

  /// Twice the products of every convolution, once forward and twice backward, but for the first
  /// layer's gradient with respect to the images.
  private static func operations(
    _ benchmark: TrainingBenchmark, _ network: any Network<Float>
  ) -> Double {
    let counts = network.parameters.map(\.value).filter { $0.shape.count == 4 }
    let areas: [Int]
    switch benchmark.kind {
    case .lenet: areas = [144, 16, 1]
    case .resnet, .rescsc:
      let n = (benchmark.depth - 2) / 6
      areas =
        [1024] + [1024, 256, 64].flatMap { Array(repeating: $0, count: 2 * n) }
    case .dense:
      areas = [1024, 256, 64].flatMap { Array(repeating: $0, count: benchmark.depth / 3) }
    case .baseline: areas = [256, 64, 16, 16, 16, 4]
    }
    let products = zip(counts, areas).enumerated().map { layer, pair in
      // An unfolding has an analysis and a synthesis with every dictionary, as c·DᵀD has with every
      // second one behind the first layer.
      let hasProduct = benchmark.kind == .rescsc && layer > 0 && layer % 2 == 0
      let uses = hasProduct ? 3 : 1 + 2 * benchmark.unfoldings
      return 2 * Double(pair.0.count * pair.1 * uses)
    }
    let first = counts.first.map { 2 * Double($0.count * areas[0]) } ?? 0
    return 3 * products.reduce(0, +) - first
  }
}

/// The matrix product of order 2048 in single precision: what the machine can do.
enum MatrixProduct {
  /// Its rate in GFLOP/s with so many threads.
  static func rate(threads: Int) -> Double {
    let n = 2048
    let a = [Float](repeating: 1, count: n * n)
    var c = [Float](repeating: 0, count: n * n)
    openblas_set_num_threads(Int32(threads))
    defer { openblas_set_num_threads(1) }
    let time = seconds { Float.gemm(false, false, n, n, n, 1, a, n, a, n, 0, &c, n) }
    return 2 * Double(n) * Double(n) * Double(n) / time * 1e-9
  }
}
