import ExperimentSuite
import MLCSCKit

/// The settings of R's dense networks and their baselines.
///
/// The figure (R Fig. 8) and the table (R Table III) share them, so that what one of them trained the
/// other finds.
public struct DenseStudy: ImageStudy {
  /// The networks that are trained.
  public struct Networks: Codable, Sendable {
    /// The networks, in the order in which they are trained.
    public var models: [DenseModel]
    /// Filters of a mixed-scale layer (R: 32).
    public var width = 32
    /// What ‖F‖ of a mixed-scale layer is about at the start.
    public var initialNorm: Double = 0.5
    /// c of a mixed-scale layer at the start; 0: 1/L with L = 1 + ‖F‖², by equation (1) of R.
    public var initialStep: Double = 0
    /// Filters of the six plain layers (R: 32, 64, 128, 256, 512, 512).
    public var filters = [32, 64, 128, 256, 512, 512]
    /// Plain filters begin with this deviation times 1/√(fan-in).
    public var initialScale: Double = 1
  }

  /// How they are trained (R: 150 epochs, batches of 128, η = 0.05 divided by ten after 75 and 115 of
  /// them; R says nothing of translations and mirrors for these networks).
  public var common: ImageTraining
  /// What is trained.
  public var own: Networks

  public init(common: ImageTraining, own: Networks) { (self.common, self.own) = (common, own) }

  /// All rows of R's Table III, in its order.
  public static var table: [DenseModel] { rows.map(\.model) }

  /// The rows that the smaller profiles have: one depth.
  private static let short: [DenseModel] = [
    DenseModel(.mixedScale, 6, 2), DenseModel(.mixedScale, 6, 2, accelerated: true),
    DenseModel(.multiLayer, 6, 2), DenseModel(.multiLayer, 6, 2, accelerated: true),
    DenseModel(.mixedScale, 6, 1), DenseModel(.mixedScale, 6, 0), DenseModel(.multiLayer, 6, 0),
  ]

  /// The study at a profile.
  ///
  /// `paper` is what R says. `standard` has one depth and one cycle of ten epochs. Its rate is the best
  /// of 0.05, 0.1 and 0.2 for networks without and with one unfolding, on held-out training images.
  /// `quick` takes 200 images of 16×16 pixels, three seeds, smaller batches and one cycle of the
  /// rate.
  public static func settings(for profile: Profile) -> DenseStudy {
    switch profile {
    case .paper:
      DenseStudy(
        common: ImageTraining(
          sources: [.cifar10, .cifar100, .svhn], seeds: 1, epochs: 150, batchSize: 128,
          learningRate: 0.05, oneCycle: false, translation: 4, flips: true, lastEpochs: 10),
        own: Networks(models: table))
    case .standard:
      DenseStudy(
        common: ImageTraining(
          sources: [.cifar10], seeds: 3, epochs: 10, batchSize: 128, learningRate: 0.1,
          oneCycle: true, translation: 4, flips: true, lastEpochs: 1),
        own: Networks(models: short.reversed()))
    case .quick:
      DenseStudy(
        common: ImageTraining(
          sources: [.smallEmbeddedCIFAR10], seeds: 3, trainingImages: 150,
          testImages: 100, epochs: 3,
          batchSize: 50, learningRate: 0.05, oneCycle: true, translation: 0, flips: false,
          lastEpochs: 1),
        own: Networks(models: short))
    case .smoke:
      DenseStudy(
        common: ImageTraining(
          sources: [.smallEmbeddedCIFAR10], seeds: 2, trainingImages: 80, testImages: 50,
          epochs: 2, batchSize: 20, learningRate: 0.05, oneCycle: true, translation: 0,
          flips: false, lastEpochs: 1),
        own: Networks(
          models: [
            DenseModel(.mixedScale, 6, 2, accelerated: true), DenseModel(.mixedScale, 6, 0),
            DenseModel(.multiLayer, 6, 2), DenseModel(.multiLayer, 6, 0),
          ], width: 8, filters: [8, 8, 16, 16, 32, 32]))
    }
  }

  public var rules: [SettingRule] {
    commonRules + [
      .entries("filters", own.filters, 6, "of the six plain layers"),
      .distinct("models", own.models),
      SettingRule(
        "models", "be of 3, 6, 9 or another multiple of 3 layers where they are of mixed scales",
        own.models.allSatisfy { $0.kind != .mixedScale || ($0.depth >= 3 && $0.depth % 3 == 0) }),
    ]
  }

  public var isFullScale: Bool { hasPublishedPlan && own.width == 32 }

  /// The network of a row, for images of some size.
  public func architecture(_ model: DenseModel, isSmall: Bool) -> DenseArchitecture {
    var layers = UnfoldedArchitecture.sixLayers(
      filters: own.filters, .multiLayerISTA, unfoldings: 0)
    layers.initialScale = own.initialScale
    // From 16×16 pixels nothing is left to pool behind the sixth layer.
    if isSmall { layers.following[layers.following.count - 1].pooling = 1 }
    return DenseArchitecture(
      model, width: own.width, initialNorm: own.initialNorm,
      initialStep: own.initialStep == 0
        ? 1 / (1 + own.initialNorm * own.initialNorm) : own.initialStep,
      layers: layers)
  }

  public func architectures(for images: ImageSet) -> [DenseArchitecture] {
    own.models.map { architecture($0, isSmall: images.training.size.height == 16) }
  }

  public static func key(_ architecture: DenseArchitecture, on source: ImageSource) -> DenseKey {
    DenseKey(architecture.model, data: source.family)
  }

  public static var publishedEpochs: Int { 150 }

  public static var usesNesterovMomentum: Bool { false }

  public static func divisions(of epochs: Int) -> [Int] { [epochs / 2, 23 * epochs / 30] }
}

/// What names one of R's dense networks in a table.
public struct DenseKey: NetworkKey {
  /// The image set, as the paper's table names it.
  @Field("data", .key) public var data = ""
  /// The model, as the paper names it.
  @Field("model", .key) public var model = ""
  /// Layers: 6 plain ones, or d.
  @Field("layers", .key) public var layers = 0
  /// Iterations after the first.
  @Field("unfoldings", .key) public var unfoldings = 0

  public init() {}

  /// The key of a network.
  public init(_ model: DenseModel, data: String = "CIFAR10") {
    (self.model, layers, unfoldings) = (model.title, model.depth, model.unfoldings)
    self.data = data
  }

  public var name: String {
    let iterations =
      unfoldings == 0 ? "" : ", \(unfoldings) \(unfoldings == 1 ? "unfolding" : "unfoldings")"
    return "\(model) (\(layers) layers\(iterations))" + (data == "CIFAR10" ? "" : " on \(data)")
  }
}
