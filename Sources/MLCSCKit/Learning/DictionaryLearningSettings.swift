/// Settings of online multi-layer convolutional dictionary learning.
public struct DictionaryLearningSettings: Codable, Sendable, Equatable {
  /// Signals a step.
  public var batchSize: Int
  /// Non-zeros of the deepest code in sparse coding.
  public var sparsity: Int
  /// Adam's step at the start.
  public var learningRate: Double
  /// After each of these epochs the step is halved.
  public var rateHalvings: [Int]
  /// How many non-zeros every layer's filters may have; nil leaves a layer dense.
  public var filterLimits: [FilterLimits?]
  /// What keeps D₁'s filters apart; nil for nothing.
  public var coherence: CoherencePenalty?
  /// Deepest atoms that fewer signals of an epoch use are replaced.
  public var leastUses: Int
  /// Of two deepest atoms with a larger |cosine| the one that is used less is replaced.
  public var twinCoherence: Double
  /// After this epoch no atom is replaced any more, so that all can settle.
  public var lastReplacement: Int

  /// Settings from their parts.
  public init(
    batchSize: Int, sparsity: Int, learningRate: Double, rateHalvings: [Int] = [],
    filterLimits: [FilterLimits?], coherence: CoherencePenalty? = nil, leastUses: Int,
    twinCoherence: Double = 1, lastReplacement: Int = .max
  ) {
    self.batchSize = batchSize
    self.sparsity = sparsity
    self.learningRate = learningRate
    self.rateHalvings = rateHalvings
    self.filterLimits = filterLimits
    self.coherence = coherence
    self.leastUses = leastUses
    self.twinCoherence = twinCoherence
    self.lastReplacement = lastReplacement
  }

  /// Adam's step in an epoch, counted from zero.
  func rate(inEpoch epoch: Int) -> Double {
    rateHalvings.reduce(learningRate) { $1 <= epoch ? $0 / 2 : $0 }
  }
}
