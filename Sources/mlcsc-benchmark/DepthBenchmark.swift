import MLCSCKit

/// Steps of R's residual networks by depth: whether an image's time grows as the layers do, and how
/// much memory the deepest take.
struct DepthBenchmark {
  let model: ResidualModel

  /// What is measured, in this order.
  static let all = [ResidualModel.resNet, .resCSC].map { DepthBenchmark(model: $0) }

  private static let depths = [20, 56, 110, 218]
  private static let batch = 128

  /// One line of the report.
  struct Result: Encodable {
    let network: String
    let depth: Int
    /// Images a second.
    let rate: Double
    /// The time of a layer over that of a layer of the shallowest network.
    let costOfLayer: Double
    /// The most memory of this process.
    let peakBytes: Double?
  }

  private func training(_ depth: Int) throws -> TrainingSteps {
    TrainingSteps(
      try ResidualNetwork<Float>(
        model, depth: depth, classes: 10, stream: RandomStream("benchmark")),
      GradientDescent(momentum: 0.9, nesterov: true, weightDecay: 1e-4), rate: 1e-3,
      shape: [Self.batch, 3, 32, 32])
  }

  /// Times the depths in turns.
  ///
  /// - Parameter repetitions: How many turns.
  /// - Returns: Medians, and the median of every turn's own ratios.
  /// - Throws: When a network cannot be made.
  func measure(repetitions: Int) throws -> [Result] {
    let peaks = try Self.depths.map { depth -> Double? in
      // Alone, before the others hold memory.
      ResidentMemory.resetPeak()
      try training(depth).run(steps: 2)
      return ResidentMemory.peak
    }
    let trainings = try Self.depths.map { try training($0) }
    for training in trainings { training.run(steps: 2) }
    let turns = (0..<repetitions).map { _ in
      // Short steps are repeated, so that all depths are timed over about as long.
      zip(trainings, Self.depths).map { training, depth in
        let steps = max(1, 110 / depth)
        return seconds { training.run(steps: steps) } / Double(steps)
      }
    }
    return Self.depths.indices.map { i in
      Result(
        network: model.title, depth: Self.depths[i],
        rate: Double(Self.batch) / median(turns.map { $0[i] }),
        costOfLayer: median(
          turns.map { $0[i] / $0[0] * Double(Self.depths[0]) / Double(Self.depths[i]) }),
        peakBytes: peaks[i])
    }
  }
}
