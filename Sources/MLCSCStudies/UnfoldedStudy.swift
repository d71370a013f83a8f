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
    /// MNIST by another plan beside it, whose ends alone figure 3 shows; absent: there is none.
    public var otherDigits: Recipe?

    /// Recipes.
    public init(
      digits: Recipe, photographs: Recipe, houseNumbers: Recipe, otherDigits: Recipe? = nil
    ) {
      (self.digits, self.photographs, self.houseNumbers) = (digits, photographs, houseNumbers)
      self.otherDigits = otherDigits
    }

    var all: [Recipe] { [digits, photographs, houseNumbers] }
  }

  /// The two ways in which B's networks were trained.
  public enum TrainingProtocol: String, Codable, Sendable, CaseIterable {
    /// B's text and the authors' first public code, in two plans.
    case document
    /// The authors' later public code.
    case code
  }

  /// Which recipes are used.
  public var `protocol` = TrainingProtocol.document
  /// B's text and what the first public code adds.
  public var document: Recipes
  /// The later code.
  public var code: Recipes
  /// The unfoldings of the models that are compared; 6 in B.
  public var unfoldings = 6
  /// The repetitions with other first weights and orders.
  public var seeds: Int
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
  ///   - matchedUnfoldings: The unfoldings whose gain the first filters are given; absent: none.
  /// - Returns: A cell.
  public func run(
    _ recipe: Recipe, _ method: UnfoldedMethod, unfoldings: Int, seed: Int,
    matchedUnfoldings: Int? = nil
  ) -> TrainingRun<UnfoldedArchitecture> {
    var architecture = recipe.architecture
    (architecture.method, architecture.unfoldings) = (method, unfoldings)
    architecture.matchedUnfoldings = matchedUnfoldings
    return TrainingRun(
      data: recipe.data, trainingImages: recipe.trainingImages, testImages: recipe.testImages,
      architecture: architecture, plan: recipe.plan, seed: seed)
  }

  /// The trainings of the four models of B's Table 1 on one data set.
  public func comparison(_ recipe: Recipe) -> [TrainingRun<UnfoldedArchitecture>] {
    (1...max(seeds, 1)).flatMap { seed in
      UnfoldedModel.compared.map { run(recipe, $0, seed: seed) }
    }
  }

  /// The training of one model on one data set.
  public func run(_ recipe: Recipe, _ model: UnfoldedModel, seed: Int)
    -> TrainingRun<UnfoldedArchitecture>
  {
    run(
      recipe, model.method, unfoldings: model.isFeedForward ? 0 : unfoldings, seed: seed,
      matchedUnfoldings: model == .matchedFeedForward ? unfoldings : nil)
  }
}

/// The models of B's figures 3 and 4 and table 1.
public enum UnfoldedModel: String, Codable, Sendable {
  case feedForward = "feed-forward"
  /// The feed-forward network whose deepest codes begin as large as those of the unfolded ones.
  case matchedFeedForward = "matched-feed-forward"
  case layeredBasisPursuit = "layered-bp"
  case multiLayerISTA = "ml-ista"
  case multiLayerFISTA = "ml-fista"

  /// The four of figure 4 and table 1, in their order.
  public static let compared: [UnfoldedModel] = [
    .feedForward, .layeredBasisPursuit, .multiLayerISTA, .multiLayerFISTA,
  ]

  /// Whether nothing is unfolded.
  public var isFeedForward: Bool { self == .feedForward || self == .matchedFeedForward }

  /// As B names it.
  public var label: String {
    switch self {
    case .feedForward: "Feed-Forward"
    case .matchedFeedForward: "Feed-Forward of matched gain"
    case .layeredBasisPursuit: "Layered BP"
    case .multiLayerISTA: "ML-ISTA"
    case .multiLayerFISTA: "ML-FISTA"
    }
  }

  /// What is unfolded; without unfoldings all methods are the feed-forward network.
  public var method: UnfoldedMethod {
    switch self {
    case .feedForward, .matchedFeedForward, .multiLayerISTA: .multiLayerISTA
    case .layeredBasisPursuit: .layeredISTA
    case .multiLayerFISTA: .multiLayerFISTA
    }
  }

  /// The model that a training belongs to.
  public init(_ architecture: UnfoldedArchitecture) {
    if architecture.unfoldings == 0 {
      self = architecture.matchedUnfoldings == nil ? .feedForward : .matchedFeedForward
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
  /// The plan that the network is trained by (see `UnfoldedPlan`).
  @Field("plan", .key) public var plan = ""

  public init() {}

  /// The key of a training.
  public init(_ run: TrainingRun<UnfoldedArchitecture>) {
    (data, model) = (run.data.title, UnfoldedModel(run.architecture).label)
    (unfoldings, plan) = (run.architecture.unfoldings, UnfoldedPlan.title(run))
  }

  public var name: String {
    (unfoldings == 0 ? model : "\(model) with \(unfoldings) unfoldings") + " on \(data), \(plan)"
  }
}

/// The plans by which B's networks are trained, as tables name them.
///
/// B's text fixes the network, Adam and that ρ rises; first filters, rate, batch and epochs come from
/// the authors' public codes, of which there are three.
public enum UnfoldedPlan {
  /// The code of 3 July 2018: filters of variance 1/fan-in.
  static let july3 = "July A"
  /// The code of 7 July 2018, which took its place: filters of deviation 0.001.
  static let july7 = "July B"
  /// The later code: momentum and learned steps.
  static let later = "later code"

  /// Whether a plan, by its name, stands beside another one, of which more is trained.
  public static func isSecond(_ plan: String) -> Bool { plan.hasSuffix(july7) }

  /// A plan's name, which says whether it has the source's epochs.
  static func title(_ run: TrainingRun<UnfoldedArchitecture>) -> String {
    let shape = run.architecture
    let name = shape.learnsSteps ? later : shape.initialDeviation == nil ? july3 : july7
    let epochs = shape.following.isEmpty ? 100 : 150
    return run.plan.epochs == epochs ? name : "compressed \(name)"
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
    UnfoldedKey(run(recipe, model, seed: 1))
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
