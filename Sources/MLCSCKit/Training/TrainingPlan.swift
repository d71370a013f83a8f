/// How a network is trained: everything that decides the result, but the data and the seed.
///
/// Two trainings with equal plans, networks, data and seeds end with the same bits.
public struct TrainingPlan: Codable, Sendable, Equatable {
  /// What turns gradients into steps.
  public enum OptimizerChoice: Codable, Sendable, Equatable {
    /// `Adam` with its usual decays and ε.
    case adam(epsilon: Double)
    /// `GradientDescent` with momentum ν, perhaps in Nesterov's form, and weight decay δ.
    case descent(momentum: Double, nesterov: Bool, weightDecay: Double)

    /// An optimiser without state.
    func make(decayingWeightsAlone: Bool) -> any Optimizer<Float> {
      switch self {
      case .adam(let ε): Adam<Float>(epsilon: Float(ε))
      case .descent(let ν, let nesterov, let δ):
        GradientDescent<Float>(
          momentum: Float(ν), nesterov: nesterov, weightDecay: Float(δ),
          decayingWeightsAlone: decayingWeightsAlone)
      }
    }
  }

  /// What is subtracted from every channel of an image in [0, 1], and what it is then divided by.
  public struct Normalization: Codable, Sendable, Equatable {
    /// One number a channel.
    public var means: [Double]
    /// One positive number a channel.
    public var deviations: [Double]

    /// A normalisation.
    public init(means: [Double], deviations: [Double]) {
      (self.means, self.deviations) = (means, deviations)
    }

    /// The same as images are scaled by it.
    var inSinglePrecision: (means: [Float], deviations: [Float]) {
      (means.map { Float($0) }, deviations.map { Float($0) })
    }
  }

  /// Images a batch; an epoch's last batch is dropped where it is not full.
  public var batchSize: Int
  /// How often every image is seen; schedule and ρ are counted in these.
  public var epochs: Int
  /// What turns gradients into steps.
  public var optimizer: OptimizerChoice
  /// η, before the schedule's factor.
  public var learningRate: Double
  /// How η changes.
  public var schedule: LearningRateSchedule
  /// How ρ changes; absent: ρ = 1 throughout.
  public var consistency: ConsistencySchedule?
  /// How images are changed before they are seen in training.
  public var augmentation: MiniBatches.Augmentation
  /// How all images are scaled; absent: to [0, 1].
  public var normalization: Normalization?
  /// Whether weight decay acts on filters and classifier alone; absent: on every parameter.
  public var decaysWeightsAlone: Bool?
  /// After how many of its epochs the training is cut off, its schedule and ρ staying those of all of
  /// them; absent: it is not.
  public var cutAfter: Int?

  /// A plan.
  public init(
    batchSize: Int, epochs: Int, optimizer: OptimizerChoice, learningRate: Double,
    schedule: LearningRateSchedule = .constant, consistency: ConsistencySchedule? = nil,
    augmentation: MiniBatches.Augmentation = MiniBatches.Augmentation(),
    normalization: Normalization? = nil, decaysWeightsAlone: Bool? = nil, cutAfter: Int? = nil
  ) {
    (self.batchSize, self.epochs) = (batchSize, epochs)
    (self.optimizer, self.learningRate, self.schedule) = (optimizer, learningRate, schedule)
    (self.consistency, self.augmentation) = (consistency, augmentation)
    (self.normalization, self.decaysWeightsAlone) = (normalization, decaysWeightsAlone)
    self.cutAfter = cutAfter
  }

  /// How many epochs are trained.
  public var trainedEpochs: Int { min(cutAfter ?? epochs, epochs) }

  /// The learning rate of a step.
  ///
  /// - Parameters:
  ///   - epoch: From 0.
  ///   - batch: From 0.
  ///   - batches: The batches of an epoch.
  /// - Returns: η times the schedule's factor.
  public func rate(epoch: Int, batch: Int, of batches: Int) -> Double {
    let progress = Double(epoch) + Double(batch) / Double(max(batches, 1))
    return learningRate * schedule.factor(progress: progress, epochs: epochs)
  }

  /// ρ of an epoch that is counted from 0.
  public func consistency(epoch: Int) -> Double {
    consistency?.share(epoch: epoch + 1, of: epochs) ?? 1
  }

  /// Checks what no data are needed for; `MiniBatches` checks the rest.
  ///
  /// - Throws: `ModelError.parameterOutOfRange`.
  func validate() throws {
    func check(_ isRight: Bool, _ name: String, _ value: some Any, _ range: String) throws {
      guard isRight else {
        throw ModelError.parameterOutOfRange(name: name, value: "\(value)", range: range)
      }
    }
    try check(epochs >= 1, "epochs", epochs, "at least 1")
    try check(trainedEpochs >= 1, "epochs until the cut", trainedEpochs, "at least 1")
    try check(
      learningRate > 0 && learningRate.isFinite, "learning rate", learningRate, "above 0")
    switch optimizer {
    case .adam(let ε): try check(ε >= 0, "ε", ε, "at least 0")
    case .descent(let ν, _, let δ):
      try check((0..<1).contains(ν), "momentum", ν, "at least 0 and below 1")
      try check(δ >= 0, "weight decay", δ, "at least 0")
    }
  }
}
