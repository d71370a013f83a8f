import ExperimentSuite
import MLCSCKit

/// The settings of R's residual networks.
///
/// The figure (R Fig. 7) and the table (R Table II) share them, so that what one of them trained the
/// other finds.
public struct ResidualStudy: ImageStudy {
  /// The networks that are trained.
  public struct Networks: Codable, Sendable {
    /// The models.
    public var models = ResidualModel.allCases
    /// Their depths, in the order in which they are trained.
    public var depths: [Int]
    /// Depths that the first seed alone is trained at, on the first set, after all others; of more
    /// than 110 layers only the models with a shortcut (R: the others do not train there).
    public var furtherDepths: [Int] = []
  }

  /// How they are trained (R: 200 epochs, batches of 128, η = 0.1 divided by ten after a half and three
  /// quarters of the epochs, "standard" translations, which the usual protocol takes to be 4 pixels).
  public var common: ImageTraining
  /// What is trained.
  public var own: Networks

  public init(common: ImageTraining, own: Networks) { (self.common, self.own) = (common, own) }

  /// The study at a profile.
  ///
  /// `paper` is what R says. `standard` has all images and R's augmentation, but one cycle of
  /// fifteen epochs: its rate and decay are those of the best ResNet-20 on held-out training images
  /// (`--set 'sources=["cifar10-held-out"]'`), for all models alike; the deepest networks are trained
  /// on CIFAR-10 alone. `quick` takes 300 images of 16×16 pixels, no translations and mirrors, three
  /// seeds, and three epochs in which the rate rises to 0.03 and falls: at 0.1 a 56-layer network
  /// diverges at first and has no time to recover.
  public static func settings(for profile: Profile) -> ResidualStudy {
    switch profile {
    case .paper:
      ResidualStudy(
        common: ImageTraining(
          sources: [.cifar10, .cifar100, .svhn], seeds: 1, epochs: 200, batchSize: 128,
          learningRate: 0.1, oneCycle: false, translation: 4, flips: true, lastEpochs: 10),
        own: Networks(depths: [20, 32, 44, 56, 110, 218]))
    case .standard:
      ResidualStudy(
        common: ImageTraining(
          sources: [.cifar10, .svhnSubset, .cifar100Subset], seeds: 3, epochs: 15, batchSize: 128,
          learningRate: 0.2, oneCycle: true, weightDecay: 5e-4, translation: 4, flips: true,
          lastEpochs: 1),
        own: Networks(depths: [20, 56], furtherDepths: [32, 44, 110, 218]))
    case .quick:
      ResidualStudy(
        common: ImageTraining(
          sources: [.smallEmbeddedCIFAR10], seeds: 3, trainingImages: 200,
          testImages: 100, epochs: 3,
          batchSize: 50, learningRate: 0.03, oneCycle: true, translation: 0, flips: false,
          lastEpochs: 1),
        own: Networks(depths: [56, 20]))
    case .smoke:
      ResidualStudy(
        common: ImageTraining(
          sources: [.smallEmbeddedCIFAR10], seeds: 2, trainingImages: 80, testImages: 50,
          epochs: 2, batchSize: 20, learningRate: 0.03, oneCycle: true, translation: 0,
          flips: false, lastEpochs: 1),
        own: Networks(depths: [14, 8]))
    }
  }

  public var rules: [SettingRule] {
    func areDepths(_ depths: [Int]) -> Bool {
      depths.allSatisfy { $0 >= 8 && $0 % 6 == 2 } && Set(depths).count == depths.count
    }
    return commonRules + [
      .distinct("models", own.models),
      SettingRule(
        "depths", "be 8, 14, 20 or others 6n + 2, none of them twice", areDepths(own.depths)),
      SettingRule(
        "furtherDepths", "be 8, 14, 20 or others 6n + 2, none of them twice or among depths",
        areDepths(own.furtherDepths) && Set(own.depths).isDisjoint(with: own.furtherDepths)),
    ]
  }

  public var isFullScale: Bool { hasPublishedPlan }

  public func architectures(for images: ImageSet) -> [ResidualArchitecture] {
    own.depths.flatMap { depth in own.models.map { ResidualArchitecture($0, depth: depth) } }
  }

  public func laterArchitectures(for images: ImageSet) -> [ResidualArchitecture] {
    own.furtherDepths.flatMap { depth in
      own.models.filter { depth <= 110 || $0.hasShortcut }.map {
        ResidualArchitecture($0, depth: depth)
      }
    }
  }

  public static func key(_ architecture: ResidualArchitecture, on source: ImageSource)
    -> ResidualKey
  {
    ResidualKey(architecture.model, layers: architecture.depth, data: source.family)
  }

  public static var publishedEpochs: Int { 200 }

  public static var usesNesterovMomentum: Bool { true }

  public static func divisions(of epochs: Int) -> [Int] { [epochs / 2, 3 * epochs / 4] }
}

/// What names one of R's residual networks in a table.
public struct ResidualKey: NetworkKey {
  /// The image set, as the paper's table names it.
  @Field("data", .key) public var data = ""
  /// The model, as the paper names it.
  @Field("model", .key) public var model = ""
  /// 6n + 2.
  @Field("layers", .key) public var layers = 0

  public init() {}

  /// The key of a network.
  public init(_ model: ResidualModel, layers: Int, data: String = "CIFAR10") {
    (self.model, self.layers, self.data) = (model.title, layers, data)
  }

  public var name: String { "\(model)-\(layers)" + (data == "CIFAR10" ? "" : " on \(data)") }
}
