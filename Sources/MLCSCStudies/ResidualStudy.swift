import ExperimentSuite
import MLCSCKit

/// The settings of R's residual networks.
///
/// The figure (R Fig. 7) and the table (R Table II) share them, so that what one of them trained the
/// other finds.
public struct ResidualStudy: ImageStudy {
  /// The image sets; those that are not on this machine are left out.
  public var sources: [ImageSource]
  /// The networks.
  public var models = ResidualModel.allCases
  /// Their depths, in the order in which they are trained.
  public var depths: [Int]
  /// Depths that the first seed alone is trained at, after all others; of more than 110 layers only
  /// the models with a shortcut (R: the others do not train there).
  public var furtherDepths: [Int] = []
  /// The repetitions with other first weights and orders.
  public var seeds: Int
  /// How many images are learnt from, as many of each class; 0: all.
  public var trainingImages = 0
  /// How many images are tested with, as many of each class; 0: all.
  public var testImages = 0
  /// How often every image is seen (R: 200).
  public var epochs: Int
  /// Images a batch (R: 128).
  public var batchSize: Int
  /// η (R: 0.1).
  public var learningRate: Double
  /// Whether η rises and falls once, in place of R's division by 10 after a half and three quarters
  /// of the epochs.
  public var oneCycle: Bool
  /// The weight decay δ, on which R says nothing; that of He, Zhang, Ren, Sun (CVPR 2016).
  public var weightDecay: Double = 1e-4
  /// Translations of the photographs in pixels (R: "standard", 4 in the usual protocol).
  public var translation: Int
  /// Whether half of the photographs are mirrored.
  public var flips: Bool
  /// Accuracies that decide are means over so many last epochs.
  public var lastEpochs: Int

  /// The study at a profile.
  ///
  /// `paper` is what R says. `standard` has all images and R's augmentation, but one cycle of
  /// fifteen epochs: its rate and decay are those of the best ResNet-20 on held-out training images
  /// (`--set 'sources=["cifar10-held-out"]'`), for all models alike. `quick`
  /// takes 1,000 images of 16×16 pixels, no translations and mirrors, three seeds, and six epochs in which the
  /// rate rises to 0.03 and falls: at 0.1 a 56-layer network diverges at first and has no time to
  /// recover.
  public static func settings(for profile: Profile) -> ResidualStudy {
    switch profile {
    case .paper:
      ResidualStudy(
        sources: [.cifar10, .cifar100, .svhn], depths: [20, 32, 44, 56, 110, 218], seeds: 1,
        epochs: 200, batchSize: 128, learningRate: 0.1, oneCycle: false, translation: 4,
        flips: true, lastEpochs: 10)
    case .standard:
      ResidualStudy(
        sources: [.cifar10], depths: [20, 56], furtherDepths: [32, 44, 110, 218], seeds: 3,
        epochs: 15, batchSize: 128, learningRate: 0.2, oneCycle: true, weightDecay: 5e-4,
        translation: 4, flips: true, lastEpochs: 1)
    case .quick:
      ResidualStudy(
        sources: [.smallEmbeddedCIFAR10], depths: [56, 20], seeds: 3, trainingImages: 1_000,
        epochs: 6, batchSize: 100, learningRate: 0.03, oneCycle: true, translation: 0,
        flips: false, lastEpochs: 1)
    case .smoke:
      ResidualStudy(
        sources: [.smallEmbeddedCIFAR10], depths: [14, 8], seeds: 2, trainingImages: 80,
        testImages: 50, epochs: 2, batchSize: 20, learningRate: 0.03, oneCycle: true,
        translation: 0, flips: false, lastEpochs: 1)
    }
  }

  public var isFullScale: Bool { hasPublishedPlan }

  public func architectures(for images: ImageSet) -> [ResidualArchitecture] {
    depths.flatMap { depth in models.map { ResidualArchitecture($0, depth: depth) } }
  }

  public func laterArchitectures(for images: ImageSet) -> [ResidualArchitecture] {
    furtherDepths.flatMap { depth in
      models.filter { depth <= 110 || $0.hasShortcut }.map {
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
