/// How B's networks are trained and compared.
///
/// Figure 3, figure 4 and table 1 share these settings, so that what one of them trained the others
/// find.
public struct UnfoldedStudy: Codable, Sendable {
  /// A data set with the network and the plan for it.
  public struct Recipe: Codable, Sendable {
    /// Where the images come from.
    public var data: ImageSource
    /// How many are learnt from, as many of each class; absent: all.
    public var trainingImages: Int?
    /// How many are tested with, as many of each class; absent: all.
    public var testImages: Int?
    /// The network; what it unfolds is put in by `run`.
    public var architecture: UnfoldedArchitecture
    /// How it is trained.
    public var plan: TrainingPlan

    /// A recipe.
    public init(
      _ data: ImageSource, trainingImages: Int? = nil, testImages: Int? = nil,
      _ architecture: UnfoldedArchitecture, _ plan: TrainingPlan
    ) {
      (self.data, self.trainingImages, self.testImages) = (data, trainingImages, testImages)
      (self.architecture, self.plan) = (architecture, plan)
    }
  }

  /// The recipes of one protocol.
  public struct Recipes: Codable, Sendable {
    /// MNIST.
    public var digits: Recipe
    /// CIFAR-10.
    public var photographs: Recipe
    /// SVHN, which is only there where somebody fetched it.
    public var houseNumbers: Recipe

    /// Recipes.
    public init(digits: Recipe, photographs: Recipe, houseNumbers: Recipe) {
      (self.digits, self.photographs, self.houseNumbers) = (digits, photographs, houseNumbers)
    }

    var all: [Recipe] { [digits, photographs, houseNumbers] }
  }

  /// The two ways in which B's networks were trained.
  public enum TrainingProtocol: String, Codable, Sendable, CaseIterable {
    /// B's text and the authors' first public code.
    case document
    /// The authors' later public code.
    case code
  }

  /// Which recipes are used.
  public var `protocol` = TrainingProtocol.document
  /// B's text.
  public var document: Recipes
  /// The later code.
  public var code: Recipes
  /// The unfoldings of the models that are compared; 6 in B.
  public var unfoldings = 6
  /// The repetitions with other first weights and orders.
  public var seeds: Int
  /// Other first filters whose effect figure 3 shows: deviations times √fan-in.
  public var otherInitialScales: [Double] = []
  /// The repetitions with those.
  public var otherSeeds = 3
  /// Accuracies that decide are means over so many last epochs.
  public var lastEpochs: Int
  /// Whether the papers' own numbers can be decided: all images, all epochs.
  public var isFullScale = false
  /// Whether claims on SVHN are made; otherwise it is drawn where it is given.
  public var decidesHouseNumbers = false

  /// A study.
  public init(document: Recipes, code: Recipes, seeds: Int, lastEpochs: Int) {
    (self.document, self.code) = (document, code)
    (self.seeds, self.lastEpochs) = (seeds, lastEpochs)
  }

  /// The recipes of the chosen protocol.
  public var recipes: Recipes { `protocol` == .document ? document : code }

  /// The training of one network.
  ///
  /// - Parameters:
  ///   - recipe: Data and plan.
  ///   - method: What is unfolded.
  ///   - unfoldings: The iterations after the first.
  ///   - seed: The repetition, from 1.
  ///   - initialScale: Deviation of the first filters times √fan-in; the recipe's if absent.
  /// - Returns: A cell.
  public func run(
    _ recipe: Recipe, _ method: UnfoldedMethod, unfoldings: Int, seed: Int,
    initialScale: Double? = nil
  ) -> TrainingRun<UnfoldedArchitecture> {
    var architecture = recipe.architecture
    architecture.initialScale = initialScale ?? architecture.initialScale
    (architecture.method, architecture.unfoldings) = (method, unfoldings)
    return TrainingRun(
      data: recipe.data, trainingImages: recipe.trainingImages, testImages: recipe.testImages,
      architecture: architecture, plan: recipe.plan, seed: seed)
  }

  /// The trainings of the four models of B's Table 1 on one data set.
  public func comparison(_ recipe: Recipe) -> [TrainingRun<UnfoldedArchitecture>] {
    (1...max(seeds, 1)).flatMap { seed in
      UnfoldedModel.allCases.map { model in
        run(
          recipe, model.method, unfoldings: model == .feedForward ? 0 : unfoldings, seed: seed)
      }
    }
  }
}

/// The models of B's figure 4 and table 1.
public enum UnfoldedModel: String, CaseIterable, Codable, Sendable {
  case feedForward = "feed-forward"
  case layeredBasisPursuit = "layered-bp"
  case multiLayerISTA = "ml-ista"
  case multiLayerFISTA = "ml-fista"

  /// As B names it.
  public var label: String {
    switch self {
    case .feedForward: "Feed-Forward"
    case .layeredBasisPursuit: "Layered BP"
    case .multiLayerISTA: "ML-ISTA"
    case .multiLayerFISTA: "ML-FISTA"
    }
  }

  /// What is unfolded; without unfoldings all methods are the feed-forward network.
  public var method: UnfoldedMethod {
    switch self {
    case .feedForward, .multiLayerISTA: .multiLayerISTA
    case .layeredBasisPursuit: .layeredISTA
    case .multiLayerFISTA: .multiLayerFISTA
    }
  }

  /// The model that a training belongs to.
  public init(_ architecture: UnfoldedArchitecture) {
    if architecture.unfoldings == 0 {
      self = .feedForward
    } else {
      switch architecture.method {
      case .layeredISTA, .layeredFISTA: self = .layeredBasisPursuit
      case .multiLayerISTA: self = .multiLayerISTA
      case .multiLayerFISTA: self = .multiLayerFISTA
      }
    }
  }
}

extension UnfoldedArchitecture: NetworkArchitecture {
  public var name: String {
    unfoldings == 0 ? "feed-forward" : "\(method.rawValue)-\(unfoldings)"
  }

  public func network(
    channels: Int, size: Extent, classes: Int, stream: RandomStream
  ) throws -> any Network<Float> {
    try UnfoldedNetwork<Float>(
      self, channels: channels, size: size, classes: classes, stream: stream)
  }
}

/// The comparison of the four models on one data set.
extension UnfoldedStudy {
  /// The trainings of the four models, by model.
  ///
  /// Runs with other numbers of unfoldings, Fig. 3's, are left out.
  public func comparison(
    of source: ImageSource, in results: [CellResult<TrainingRun<UnfoldedArchitecture>, EpochRecord>]
  ) -> TrainingComparison<UnfoldedModel> {
    TrainingComparison(results, lastEpochs: lastEpochs) { run in
      let shape = run.architecture
      guard run.data == source, [0, unfoldings].contains(shape.unfoldings) else { return nil }
      return UnfoldedModel(shape)
    }
  }

  /// B's claims on the order of the models, decided with Student's intervals of differences that
  /// are paired by seed.
  ///
  /// - Parameters:
  ///   - recipe: The data set.
  ///   - key: What the claims' names begin with.
  ///   - name: The set's name in words.
  ///   - source: Where the papers state the claim.
  ///   - results: The trainings.
  /// - Returns: Five claims: both multi-layer methods against both others, and Layered BP against the
  ///   feed-forward network.
  public func orderClaims(
    _ recipe: Recipe, _ key: String, _ name: String, _ source: String,
    in results: [CellResult<TrainingRun<UnfoldedArchitecture>, EpochRecord>]
  ) -> [Claim] {
    let all = comparison(of: recipe.data, in: results)
    func accuracy(_ training: TrainingComparison<UnfoldedModel>.Training) -> Double {
      100 * training.summary.meanOfLastTestAccuracy
    }
    let pairs: [(UnfoldedModel, UnfoldedModel)] = [
      (.multiLayerISTA, .feedForward), (.multiLayerFISTA, .feedForward),
      (.multiLayerISTA, .layeredBasisPursuit), (.multiLayerFISTA, .layeredBasisPursuit),
      (.layeredBasisPursuit, .feedForward),
    ]
    return pairs.map { better, other in
      let gain = all.difference(better, minus: other, accuracy)
      return Claim(
        id: "\(key)-\(better.rawValue)-beats-\(other.rawValue)",
        sentence: "\(better.label) classifies \(name) better than \(other.label)", source: source,
        measured: gain.map {
          "\(Wording.number(all.mean(of: better, accuracy).value, digits: 4)) % against "
            + "\(Wording.number(all.mean(of: other, accuracy).value, digits: 4)) %: better by "
            + "\(Wording.interval($0)) points; protocol \(`protocol`.rawValue), "
            + "\(recipe.trainingImages.map(String.init) ?? "all") images, "
            + "\(recipe.plan.epochs) epochs, \(seeds) seeds, mean of the last \(lastEpochs) epochs"
        } ?? "not measured: the data are not here",
        verdict: gain?.verdictOnPositive ?? .undecided)
    }
  }
}
