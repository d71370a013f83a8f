/// The settings of R's dense networks and their baselines.
///
/// The figure (R Fig. 8) and the table (R Table III) share them, so that what one of them trained the
/// other finds.
public struct DenseStudy: Codable, Sendable {
  /// The image sets; those that are not on this machine are left out.
  public var sources: [ImageSource]
  /// The networks, in the order in which they are trained.
  public var models: [DenseModel]
  /// The repetitions with other first weights and orders.
  public var seeds: Int
  /// How many images are learnt from, as many of each class; 0: all.
  public var trainingImages = 0
  /// How many images are tested with, as many of each class; 0: all.
  public var testImages = 0
  /// How often every image is seen (R: 150).
  public var epochs: Int
  /// Images a batch (R: 128).
  public var batchSize: Int
  /// η (R: 0.05).
  public var learningRate: Double
  /// Whether η rises and falls once, in place of R's division by 10 after 75 and 115 of 150 epochs.
  public var oneCycle: Bool
  /// δ; R says nothing.
  public var weightDecay: Double = 1e-4
  /// Translations of the photographs in pixels; R says nothing for these networks.
  public var translation: Int
  /// Whether half of the photographs are mirrored.
  public var flips: Bool
  /// Filters of a mixed-scale layer (R: 32).
  public var width = 32
  /// What ‖F‖ of a mixed-scale layer is about at the start.
  public var initialNorm: Double = 1
  /// Filters of the six plain layers (R: 32, 64, 128, 256, 512, 512).
  public var filters = [32, 64, 128, 256, 512, 512]
  /// Plain filters begin with this deviation times 1/√(fan-in).
  public var initialScale: Double = 1
  /// Accuracies that decide are means over so many last epochs.
  public var lastEpochs: Int

  /// All rows of R's Table III.
  public static let table: [DenseModel] =
    [
      DenseModel(.multiLayer, 6, 0), DenseModel(.multiLayer, 6, 1), DenseModel(.multiLayer, 6, 2),
      DenseModel(.multiLayer, 6, 2, accelerated: true),
    ] + [6, 9, 12].map { DenseModel(.mixedScale, $0, 0) }
    + [6, 9, 12].flatMap { [DenseModel(.mixedScale, $0, 1), DenseModel(.mixedScale, $0, 2)] }
    + [6, 9, 12].map { DenseModel(.mixedScale, $0, 2, accelerated: true) }

  /// The rows that the smaller profiles have: one depth.
  private static let short: [DenseModel] = [
    DenseModel(.mixedScale, 6, 2), DenseModel(.mixedScale, 6, 2, accelerated: true),
    DenseModel(.multiLayer, 6, 2), DenseModel(.multiLayer, 6, 2, accelerated: true),
    DenseModel(.mixedScale, 6, 1), DenseModel(.mixedScale, 6, 0), DenseModel(.multiLayer, 6, 0),
  ]

  /// The study at a profile.
  ///
  /// `paper` is what R says. `standard` has one depth, a tenth of the epochs and R's steps among
  /// them. `quick` takes 1,000 images of 16×16 pixels, smaller batches and one cycle of the rate.
  public static func settings(for profile: Profile) -> DenseStudy {
    switch profile {
    case .paper:
      DenseStudy(
        sources: [.cifar10, .cifar100, .svhn], models: table, seeds: 1, epochs: 150,
        batchSize: 128, learningRate: 0.05, oneCycle: false, translation: 4, flips: true,
        lastEpochs: 10)
    case .standard:
      DenseStudy(
        sources: [.cifar10], models: short.reversed(), seeds: 1, epochs: 15, batchSize: 128,
        learningRate: 0.05, oneCycle: false, translation: 4, flips: true, lastEpochs: 3)
    case .quick:
      DenseStudy(
        sources: [.smallEmbeddedCIFAR10], models: short, seeds: 3, trainingImages: 1_000,
        epochs: 6, batchSize: 50, learningRate: 0.05, oneCycle: true, translation: 0,
        flips: false, lastEpochs: 1)
    case .smoke:
      DenseStudy(
        sources: [.smallEmbeddedCIFAR10],
        models: [
          DenseModel(.mixedScale, 6, 2, accelerated: true), DenseModel(.mixedScale, 6, 0),
          DenseModel(.multiLayer, 6, 2), DenseModel(.multiLayer, 6, 0),
        ], seeds: 2, trainingImages: 80, testImages: 50, epochs: 2, batchSize: 20,
        learningRate: 0.05, oneCycle: true, translation: 0, flips: false, width: 8,
        filters: [8, 8, 16, 16, 32, 32], lastEpochs: 1)
    }
  }

  /// Whether a training is R's: all images, R's epochs, rates and batches.
  public var isFullScale: Bool {
    !oneCycle && trainingImages == 0 && testImages == 0 && epochs == 150 && batchSize == 128
      && learningRate == 0.05 && width == 32
  }

  /// Whether there are images enough to decide anything.
  public var isDecisive: Bool { seeds >= 3 && (trainingImages == 0 || trainingImages >= 1_000) }

  /// The plan for one image set, as R's Section VII B has it.
  public func plan(for source: ImageSource) -> TrainingPlan {
    let isPhotograph = source != .svhn
    return TrainingPlan(
      batchSize: batchSize, epochs: epochs,
      optimizer: .descent(momentum: 0.9, nesterov: false, weightDecay: weightDecay),
      learningRate: learningRate,
      schedule: oneCycle
        ? .oneCycle(start: 0.1, rise: 0.3, end: 0.001)
        : .steps(at: [epochs / 2, 23 * epochs / 30], factor: 0.1),
      augmentation: MiniBatches.Augmentation(
        translation: isPhotograph ? translation : 0, flips: isPhotograph && flips),
      normalization: isPhotograph ? .photographs : .houseNumbers)
  }

  /// The network of a row, for images of some size.
  public func architecture(_ model: DenseModel, isSmall: Bool) -> DenseArchitecture {
    var layers = UnfoldedArchitecture.sixLayers(filters: filters, .multiLayerISTA, unfoldings: 0)
    layers.initialScale = initialScale
    // From 16×16 pixels nothing is left to pool behind the sixth layer.
    if isSmall { layers.following[layers.following.count - 1].pooling = 1 }
    return DenseArchitecture(model, width: width, initialNorm: initialNorm, layers: layers)
  }

  /// All trainings: seed by seed, set by set.
  public func runs(_ sets: [ImageSource: ImageSet]) -> [TrainingRun<DenseArchitecture>] {
    (1...max(seeds, 1)).flatMap { seed in
      sources.filter { sets[$0] != nil }.flatMap { source in
        models.map { model in
          TrainingRun(
            data: source, trainingImages: trainingImages == 0 ? nil : trainingImages,
            testImages: testImages == 0 ? nil : testImages,
            architecture: architecture(model, isSmall: sets[source]?.training.size.height == 16),
            plan: plan(for: source), seed: seed)
        }
      }
    }
  }

  /// The trainings on one set, by row.
  public func comparison(
    of source: ImageSource, in results: [CellResult<TrainingRun<DenseArchitecture>, EpochRecord>]
  ) -> TrainingComparison<DenseModel> {
    TrainingComparison(results, lastEpochs: lastEpochs) {
      $0.data == source ? $0.architecture.model : nil
    }
  }

  /// The columns that name a training in a table.
  public static var keys: [(column: String, value: (DenseModel) -> Value)] {
    [
      ("model", { .text($0.title) }), ("layers", { .integer($0.depth) }),
      ("unfoldings", { .integer($0.unfoldings) }),
    ]
  }

  /// The scale in words, for the reader of a table.
  public var scale: String {
    let images = trainingImages == 0 ? "all images" : "\(trainingImages) images"
    return "\(images), \(epochs) epochs" + (isFullScale ? "" : ", R: all, 150")
  }
}

extension DenseStudy {
  /// The claim that one network does better than another, decided by Student's interval of the
  /// difference, paired by seed.
  ///
  /// - Parameters:
  ///   - id: Of the claim.
  ///   - sentence: What the paper says.
  ///   - source: Where.
  ///   - paper: Its numbers.
  ///   - better: The network that should do better.
  ///   - worse: The other.
  ///   - inLoss: Whether the last epoch's training loss is compared, not the test accuracy.
  ///   - results: All trainings; those on the first set count.
  /// - Returns: The claim.
  public func claim(
    _ id: String, _ sentence: String, _ source: String, _ paper: String?,
    _ better: DenseModel, over worse: DenseModel, inLoss: Bool = false,
    in results: [CellResult<TrainingRun<DenseArchitecture>, EpochRecord>]
  ) -> Claim {
    let all = comparison(of: sources[0], in: results)
    func measure(_ training: TrainingComparison<DenseModel>.Training) -> Double {
      inLoss
        ? training.summary.finalTrainingLoss : 100 * training.summary.meanOfLastTestAccuracy
    }
    let gain = all.difference(better, minus: worse, measure)
    let ends = [better, worse].map { model in
      "\(model.title) (\(model.depth) layers, \(model.unfoldings) unfoldings) "
        + Wording.number(all.mean(of: model, measure).value) + (inLoss ? "" : " %")
    }
    return Claim(
      id: id, sentence: sentence, source: source, paper: paper,
      measured: gain.map {
        "\(inLoss ? "training loss" : "test accuracy") \(ends.joined(separator: ", ")): difference "
          + "\(Wording.interval($0)) \(inLoss ? "nats" : "points"); \(scale), \(seeds) seeds"
      } ?? "not measured with two seeds",
      verdict: isDecisive
        ? gain.map { inLoss ? $0.negated : $0 }?.verdictOnPositive ?? .undecided : .undecided)
  }
}
