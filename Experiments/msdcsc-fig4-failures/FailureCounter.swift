import ExperimentSuite
import MLCSCKit

/// The failed dimensions of one model under one coding and reading.
struct CountRow: Codable {
  let iteration: Int
  let model: CodingModel
  let coding: CodingRule
  let reading: PenaltyReading
  /// β.
  let penalty: Double
  /// The mean over the signals, of a hundred dimensions.
  let failing: Double
  /// The same of the signal with the most.
  let failingMost: Double
}

/// Counts failed dimensions at one moment of a training.
struct FailureCounter {
  let settings: Failures.Settings
  /// x, shape [B, n].
  let signals: Tensor<Double>
  let start: Snapshot
  let now: Snapshot

  /// All models and codings under a reading.
  func rows(_ reading: PenaltyReading) throws -> [CountRow] {
    let models = reading == .initialDictionary ? [.plain] : CodingModel.allCases
    return try models.flatMap { model -> [CountRow] in
      let (layer, signals, bound) = layerCoding(model, reading)
      return try reading.codings.map { coding in
        let ξ = try layer.reconstructions(of: signals, coding, gap: settings.certifiedGap)
        let counts = ReconstructionFailures.counts(ξ, of: signals, bound: bound)
        let share = 100 / Double(signals.columns)
        return CountRow(
          iteration: now.iteration, model: model, coding: coding, reading: reading,
          penalty: layer.penalty, failing: share * Statistics.mean(counts.map { Double($0) }),
          failingMost: share * Double(counts.max() ?? 0))
      }
    }
  }

  /// The LASSO of a model, what it codes, and the bound on a deviation.
  private func layerCoding(
    _ model: CodingModel, _ reading: PenaltyReading
  ) -> (LayerCoding, Tensor<Double>, bound: Double) {
    let depth = reading == .secondLayer ? 1 : 0
    let snapshot = reading == .initialDictionary ? start : now
    // β and the biases are ML-CSC's in all models: "the same regularization parameter".
    let plain = snapshot.plain[depth]
    let layer = model == .own ? snapshot.dense[depth] : plain
    let magnitudes = plain.biases.map(abs)
    let meanBias = Statistics.mean(magnitudes)
    let identity: Double = model.keepsInput ? 1 : 0
    let factor: Double = reading == .printed ? 2 : 1
    let constant = factor * (layer.eigenvalue + identity)
    var penalty = factor * meanBias * plain.eigenvalue
    var weights: [Double]?
    switch reading {
    case .mean, .printed, .edge, .secondLayer: break
    case .bias: penalty = meanBias
    case .max: penalty = (magnitudes.max() ?? 0) * plain.eigenvalue
    case .unit: weights = magnitudes.map { max($0 / meanBias, settings.leastWeight) }
    case .negative:
      penalty = Statistics.mean(plain.biases.map { max(-$0, 0) }) * plain.eigenvalue
    case .initial: penalty = meanPenalty(start)
    case .initialDictionary: penalty = meanPenalty(now)
    case .sameBias: penalty = meanBias * constant
    }
    let scale =
      reading == .sameBias ? 1 : plain.eigenvalue / (layer.eigenvalue + identity)
    let coding = LayerCoding(
      layer: layer, keepsInput: model.keepsInput, biases: plain.biases.map { scale * $0 },
      penalty: penalty, constant: constant, weights: weights)
    let bound = reading == .edge ? (1 + settings.edgeSlack) * penalty : 2 * penalty
    return (coding, depth == 0 ? signals : firstCodes(model), bound)
  }

  private func meanPenalty(_ snapshot: Snapshot) -> Double {
    Statistics.mean(snapshot.plain[0].biases.map(abs)) * snapshot.plain[0].eigenvalue
  }

  /// Γ₁ as the network computes it: the signal of the second layer.
  private func firstCodes(_ model: CodingModel) -> Tensor<Double> {
    guard model == .own else { return now.plain[0].features(signals) }
    let units = now.dense[0].features(signals)
    let rows = (0..<signals.rows).flatMap { signals.row($0) + units.row($0) }
    return Tensor(shape: [signals.rows, signals.columns + units.columns], elements: rows)
  }
}
