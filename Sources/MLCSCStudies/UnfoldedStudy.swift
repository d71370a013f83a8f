import ExperimentSuite
import MLCSCKit

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
  /// Whether SVHN is trained on; its licence forbids embedding it.
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

/// What names one of B's networks in a table.
public struct UnfoldedKey: NetworkKey {
  /// The image set.
  @Field("data", .key) public var data = ""
  /// The model, as B names it.
  @Field("model", .key) public var model = ""
  /// Iterations after the first.
  @Field("unfoldings", .key) public var unfoldings = 0
  /// The deviation of the first filters times √fan-in.
  @Field("first_filters_scale", .key) public var initialScale = 0.0

  public init() {}

  /// The key of a network on an image set.
  public init(_ model: UnfoldedModel, unfoldings: Int, initialScale: Double, on source: ImageSource)
  {
    (data, self.model) = (source.title, model.label)
    (self.unfoldings, self.initialScale) = (unfoldings, initialScale)
  }

  /// The key of a training.
  public init(_ run: TrainingRun<UnfoldedArchitecture>) {
    let shape = run.architecture
    self.init(
      UnfoldedModel(shape), unfoldings: shape.unfoldings, initialScale: shape.initialScale,
      on: run.data)
  }

  public var name: String {
    let start = "filters from \(Wording.number(initialScale))/√fan-in"
    return unfoldings == 0
      ? "\(model) on \(data), \(start)"
      : "\(model) with \(unfoldings) unfoldings on \(data), \(start)"
  }
}

extension UnfoldedStudy {
  /// Results of trainings.
  public typealias Results = [CellResult<TrainingRun<UnfoldedArchitecture>, EpochRecord>]

  /// The trainings side by side.
  public func trainings(_ results: Results) -> NetworkTrainings<UnfoldedKey> {
    NetworkTrainings(results, lastEpochs: lastEpochs) { UnfoldedKey($0) }
  }

  /// A network of a recipe.
  public func key(_ model: UnfoldedModel, _ recipe: Recipe) -> UnfoldedKey {
    UnfoldedKey(
      run(recipe, model.method, unfoldings: model == .feedForward ? 0 : unfoldings, seed: 1))
  }

  /// B's order of the models on one set: both multi-layer methods against both others, and Layered BP
  /// against the feed-forward network.
  static let order: [(better: UnfoldedModel, other: UnfoldedModel)] = [
    (.multiLayerISTA, .feedForward), (.multiLayerFISTA, .feedForward),
    (.multiLayerISTA, .layeredBasisPursuit), (.multiLayerFISTA, .layeredBasisPursuit),
    (.layeredBasisPursuit, .feedForward),
  ]

  private static func id(_ set: String, _ pair: (better: UnfoldedModel, other: UnfoldedModel))
    -> String
  {
    "\(set)-\(pair.better.rawValue)-beats-\(pair.other.rawValue)"
  }

  /// The comparisons of the models on one set.
  ///
  /// - Parameters:
  ///   - recipe: The set.
  ///   - set: What the comparisons' names begin with.
  /// - Returns: Five comparisons.
  public func orderContrasts(_ recipe: Recipe, _ set: String) -> [NetworkContrast<UnfoldedKey>] {
    Self.order.map { pair in
      NetworkContrast(
        Self.id(set, pair), of: key(pair.better, recipe), minus: key(pair.other, recipe))
    }
  }

  /// B's claims on the order of the models on one set.
  ///
  /// - Parameters:
  ///   - set: What the comparisons' names begin with.
  ///   - title: The set in words.
  ///   - source: Where the documents state the claims.
  ///   - statements: What each claim decides, by its two models.
  ///   - claims: The tables.
  /// - Returns: Five claims.
  public static func orderClaims(
    _ set: String, _ title: String, source: String,
    decides statements: (UnfoldedModel, UnfoldedModel) -> [String],
    _ claims: NetworkClaims<UnfoldedKey>
  ) -> [ClaimTest] {
    order.map { pair in
      claims.claim(
        id(set, pair), decides: statements(pair.better, pair.other),
        "\(pair.better.label) classifies \(title) better than \(pair.other.label)", source: source,
        premises: [claims.isOfFullScale])
    }
  }

  /// The scale of some sets in words, for the reader of a figure or a table.
  public func scale(_ recipes: [Recipe]) -> [String] {
    ["protocol \(`protocol`.rawValue)"]
      + recipes.map { recipe in
        let images = recipe.trainingImages.map(Wording.count) ?? "all"
        let plan = recipe.plan
        let epochs = plan.cutAfter.map { "\($0) of \(plan.epochs)" } ?? "\(plan.epochs)"
        return "\(recipe.data.title): \(images) images, \(epochs) epochs"
      } + [seeds == 1 ? "one seed" : "\(seeds) seeds"]
  }
}
