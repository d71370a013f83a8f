import ExperimentSuite
import MLCSCKit

/// The settings of B's networks at each profile, with their sources.
extension UnfoldedStudy {
  /// The study at a profile.
  ///
  /// `paper` is what the documents and the code say. `standard` is the same, cut off after fifteen
  /// epochs: rates, ρ and schedules are those of the whole plan, because a plan that is compressed tests
  /// the compression. In the place of SVHN it has 10,000 of its test digits, and no cut there. The
  /// smaller profiles keep kernels, strides, unfoldings and optimisers, and take fewer filters, images
  /// and epochs; learning rates rise, and schedules and ρ shrink with the epochs.
  /// At `quick` and `smoke` the networks of protocol `document` begin with filters ten times smaller
  /// than the code of 3 July, as the later code's do: with its own the first steps of 1 are far beyond
  /// 2/‖D‖² and some hundred steps of Adam do not bring the deeper unfoldings back.
  /// `quick` shows the shape of the curves and decides nothing.
  public static func settings(for profile: Profile) -> UnfoldedStudy {
    switch profile {
    case .paper:
      var study = UnfoldedStudy(
        document: document(Scale()), code: code(Scale()), seeds: 5, lastEpochs: 10)
      (study.isFullScale, study.decidesHouseNumbers) = (true, true)
      return study
    case .standard:
      let scale = Scale(houseNumbers: .svhnSubset, cutAfter: 15)
      var study = UnfoldedStudy(
        document: document(scale), code: code(scale), seeds: 3, lastEpochs: 3)
      study.decidesHouseNumbers = true
      return study
    case .quick:
      let scale = Scale(
        digits: .embeddedMNIST, photographs: .embeddedCIFAR10, digitImages: 1_000,
        photographImages: 300, digitTests: 400, photographTests: 200, epochs: 4,
        digitFilters: [16, 32, 128], photographFilters: [16, 32, 128],
        sixFilters: [16, 32, 64, 128, 128, 128], batchSize: 50, rateFactor: 10, initialScale: 0.1,
        hasOtherDigits: false)
      return UnfoldedStudy(
        document: document(scale), code: code(scale), seeds: 3, lastEpochs: 2)
    case .smoke:
      let scale = Scale(
        digits: .embeddedMNIST, photographs: .embeddedCIFAR10, digitImages: 100,
        photographImages: 100, digitTests: 50, photographTests: 50, epochs: 2,
        digitFilters: [4, 8, 16], photographFilters: [4, 8, 16],
        sixFilters: [4, 8, 8, 8, 16, 16], batchSize: 25, rateFactor: 10, initialScale: 0.1)
      return UnfoldedStudy(
        document: document(scale), code: code(scale), seeds: 2, lastEpochs: 1)
    }
  }

  /// What a profile changes; as it stands it changes nothing.
  private struct Scale {
    var digits = ImageSource.mnist
    var photographs = ImageSource.cifar10
    var houseNumbers = ImageSource.svhn
    var digitImages: Int?
    var photographImages: Int?
    var digitTests: Int?
    var photographTests: Int?
    /// Epochs; absent: the source's own number.
    var epochs: Int?
    /// After which of them the training is cut off; absent: after the last.
    var cutAfter: Int?
    /// The same for SVHN, whose subset is seen by the whole plan: that takes as long as fifteen epochs
    /// of the whole set.
    var houseNumbersCut: Int? { houseNumbers == .svhn ? cutAfter : nil }
    var digitFilters: [Int]?
    var photographFilters: [Int]?
    var sixFilters = [32, 64, 128, 256, 512, 512]
    /// Images a batch; absent: the source's own number.
    var batchSize: Int?
    /// By how much learning rates rise.
    var rateFactor = 1.0
    /// Deviation of the first filters by the plan of 3 July times √fan-in.
    var initialScale = 1.0
    /// Whether the code of 7 July is tried beside that of 3 July.
    var hasOtherDigits = true

    /// A period of a schedule, shrunk as the epochs are.
    func period(_ period: Int, of all: Int) -> Int {
      epochs.map { max(1, (period * $0 + all / 2) / all) } ?? period
    }
  }

  /// B's text with the authors' first public code, of which there were two plans.
  ///
  /// The text has the network, Adam, and ρ that rises to 1, for SVHN to 0.5 (Section 4, Supplement B).
  /// The code of 3 July 2018 adds the rate 1e-4 and ε = 1e-4, batches of 256, 100 epochs, filters of
  /// variance 1/fan-in, no schedule and no weight decay. That of 7 July differs in its first filters, of
  /// deviation 0.001, in the slope of ρ, half as steep, and in ε = 1e-5. CIFAR-10, which the text does
  /// not have, is trained like SVHN.
  private static func document(_ scale: Scale) -> Recipes {
    let epochs = scale.epochs ?? 100
    func plan(
      _ limit: Double, cutAfter: Int? = scale.cutAfter, rise: Double = 20, epsilon: Double = 1e-4
    ) -> TrainingPlan {
      TrainingPlan(
        batchSize: scale.batchSize ?? 256, epochs: epochs, optimizer: .adam(epsilon: epsilon),
        learningRate: 1e-4 * scale.rateFactor,
        consistency: ConsistencySchedule(limit: limit, steepness: rise / Double(epochs)),
        cutAfter: cutAfter)
    }
    func shape(_ signalSize: Int, _ filters: [Int]?) -> UnfoldedArchitecture {
      var shape = UnfoldedArchitecture.document(
        signalSize: signalSize, filters: filters ?? [64, 128, 512], .multiLayerISTA, unfoldings: 6)
      shape.initialScale = scale.initialScale
      return shape
    }
    let photographs = shape(32, scale.photographFilters)
    func digits(_ shape: UnfoldedArchitecture, _ plan: TrainingPlan) -> Recipe {
      Recipe(
        scale.digits, trainingImages: scale.digitImages, testImages: scale.digitTests, shape, plan)
    }
    var small = shape(28, scale.digitFilters)
    (small.initialScale, small.initialDeviation) = (1, 0.001)
    return Recipes(
      digits: digits(shape(28, scale.digitFilters), plan(1)),
      photographs: Recipe(
        scale.photographs, trainingImages: scale.photographImages,
        testImages: scale.photographTests, photographs, plan(0.5)),
      houseNumbers: Recipe(
        scale.houseNumbers, trainingImages: scale.photographImages,
        testImages: scale.photographTests, photographs,
        plan(0.5, cutAfter: scale.houseNumbersCut)),
      otherDigits: scale.hasOtherDigits
        ? digits(small, plan(1, rise: 10, epsilon: 1e-5)) : nil)
  }

  /// The authors' later public code.
  ///
  /// Gradient descent with momentum 0.9, learned steps, filters of deviation 0.1/√fan-in, no ρ.
  /// Digits: rate 0.002 times 0.2 every 30 epochs, weight decay 1e-5, batches of 128, 100 epochs.
  /// CIFAR-10: rate 0.005 times 0.2 every 50 of 150 epochs, crops with padding 4, normalised. SVHN,
  /// which the code does not have, is trained like CIFAR-10 without crops.
  private static func code(_ scale: Scale) -> Recipes {
    func plan(
      _ rate: Double, _ decay: Double, _ epochs: Int, _ period: Int, _ translation: Int,
      _ normalization: TrainingPlan.Normalization?, cutAfter: Int? = scale.cutAfter
    ) -> TrainingPlan {
      TrainingPlan(
        batchSize: scale.batchSize ?? 128, epochs: scale.epochs ?? epochs,
        optimizer: .descent(momentum: 0.9, nesterov: false, weightDecay: decay),
        learningRate: rate * scale.rateFactor,
        schedule: .every(epochs: scale.period(period, of: epochs), factor: 0.2),
        augmentation: MiniBatches.Augmentation(translation: translation),
        normalization: normalization, cutAfter: cutAfter)
    }
    let photographs = UnfoldedArchitecture.sixLayers(
      filters: scale.sixFilters, .multiLayerISTA, unfoldings: 6)
    return Recipes(
      digits: Recipe(
        scale.digits, trainingImages: scale.digitImages, testImages: scale.digitTests,
        .digitsCode(
          filters: scale.digitFilters ?? [32, 64, 512], .multiLayerISTA, unfoldings: 6),
        plan(0.002, 1e-5, 100, 30, 0, nil)),
      photographs: Recipe(
        scale.photographs, trainingImages: scale.photographImages,
        testImages: scale.photographTests, photographs, plan(0.005, 0, 150, 50, 4, .photographs)),
      houseNumbers: Recipe(
        scale.houseNumbers, trainingImages: scale.photographImages,
        testImages: scale.photographTests, photographs,
        plan(0.005, 0, 150, 50, 0, nil, cutAfter: scale.houseNumbersCut)))
  }

  /// What differs between the protocols, a row a setting: name, value by the document, value by the
  /// code.
  public var protocolDifferences: [(setting: String, document: String, code: String)] {
    func words(_ recipe: Recipe) -> [(String, String)] {
      let (shape, plan) = (recipe.architecture, recipe.plan)
      func layers(_ layers: [UnfoldedArchitecture.Layer]) -> String {
        layers.isEmpty
          ? "none"
          : layers.map { "\($0.filters) of \($0.kernel)×\($0.kernel)" }.joined(separator: " ")
      }
      let optimizer =
        switch plan.optimizer {
        case .adam(let ε): "Adam, ε = \(ε)"
        case .descent(let ν, _, let δ): "momentum \(ν), weight decay \(δ)"
        }
      let schedule =
        switch plan.schedule {
        case .every(let period, let factor): "times \(factor) every \(period) epochs"
        default: "constant"
        }
      return [
        ("layers of the pursuit", layers(shape.layers)),
        ("layers behind it", layers(shape.following)),
        ("steps", shape.learnsSteps ? "learned, from 1" : "1"),
        ("deviation of the first filters", "\(shape.initialScale)/sqrt(fan-in)"),
        ("optimiser", optimizer), ("learning rate", "\(plan.learningRate)"),
        ("schedule", schedule), ("batch", "\(plan.batchSize)"), ("epochs", "\(plan.epochs)"),
        ("rho", plan.consistency.map { "to \($0.limit)" } ?? "1 throughout"),
        ("translation", "\(plan.augmentation.translation)"),
        ("normalisation", plan.normalization == nil ? "none" : "mean and deviation"),
      ]
    }
    let names = ["MNIST", "CIFAR-10", "SVHN"]
    return zip(names, zip(document.all, code.all)).flatMap { name, pair in
      zip(words(pair.0), words(pair.1)).filter { $0.1 != $1.1 }
        .map { ("\(name): \($0.0)", $0.1, $1.1) }
    }
  }
}
