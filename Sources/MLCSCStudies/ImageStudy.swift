import ExperimentSuite
import MLCSCKit

/// The settings of trainings that a figure and a table of a paper share, so that what one of them
/// trained the other finds.
///
/// A study names image sets, networks and a plan, which together give the cells of its experiments
/// (`StudyExperiment`).
public protocol ImageStudy: JoinedSettings where Common == ImageTraining {
  /// What is trained.
  associatedtype Architecture: NetworkArchitecture
  /// What tells the rows of a table apart.
  associatedtype Key: NetworkKey

  /// The study at a profile.
  static func settings(for profile: Profile) -> Self
  /// The paper's table: its networks in its order, each with the accuracy that it prints.
  static var published: [(key: Key, percent: String?)] { get }
  /// What its settings must be, beyond their types.
  var rules: [SettingRule] { get }
  /// How many epochs the paper trains for.
  static var publishedEpochs: Int { get }
  /// Whether the paper's momentum looks ahead.
  static var usesNesterovMomentum: Bool { get }
  /// After which of so many epochs the paper divides η by ten.
  static func divisions(of epochs: Int) -> [Int]
  /// The row that a network belongs to.
  static func key(_ architecture: Architecture, on source: ImageSource) -> Key

  /// Whether a training is the paper's: all images, its plan, networks of its size.
  var isFullScale: Bool { get }
  /// The networks for a set of images, in the order in which they are trained.
  func architectures(for images: ImageSet) -> [Architecture]
  /// The networks that the first seed alone trains, on the first set, after all others.
  func laterArchitectures(for images: ImageSet) -> [Architecture]
}

extension ImageStudy {
  /// What all studies need of their common settings.
  public var commonRules: [SettingRule] { [.distinct("sources", common.sources)] }

  public var rules: [SettingRule] { commonRules }

  public func laterArchitectures(for images: ImageSet) -> [Architecture] { [] }

  /// Results of all trainings.
  public typealias Results = [CellResult<TrainingRun<Architecture>, EpochRecord>]

  /// The same study of its first set alone, for a figure that is about one set.
  public var ofFirstSet: Self {
    var study = self
    study.common.sources = [common.sources[0]]
    return study
  }

  /// The plan for one image set: descent with momentum 0.9 (R, Section VII).
  public func plan(for source: ImageSource) -> TrainingPlan {
    // R: translations and flips on CIFAR-10 and CIFAR-100 only.
    let isPhotograph = !source.showsHouseNumbers
    return TrainingPlan(
      batchSize: common.batchSize, epochs: common.epochs,
      optimizer: .descent(
        momentum: 0.9, nesterov: Self.usesNesterovMomentum, weightDecay: common.weightDecay),
      learningRate: common.learningRate,
      schedule: common.oneCycle
        ? .oneCycle(start: 0.1, rise: 0.3, end: 0.001)
        : .steps(at: Self.divisions(of: common.epochs), factor: 0.1),
      augmentation: MiniBatches.Augmentation(
        translation: isPhotograph ? common.translation : 0, flips: isPhotograph && common.flips),
      normalization: isPhotograph ? .photographs : .houseNumbers)
  }

  /// Whether networks learn as at the profile `paper`: from all images, by the same plan.
  public var hasPublishedPlan: Bool {
    common.trainingImages == 0 && common.testImages == 0
      && plan(for: .cifar10) == Self.settings(for: .paper).plan(for: .cifar10)
  }

  /// All trainings: set by set, seed by seed, in the order of the networks; then what one seed trains.
  public func runs(_ sets: [ImageSource: ImageSet]) -> [TrainingRun<Architecture>] {
    func runs(seed: Int, _ networks: (ImageSet) -> [Architecture], on source: ImageSource)
      -> [TrainingRun<Architecture>]
    {
      (sets[source].map(networks) ?? []).map { architecture in
        TrainingRun(
          data: source, trainingImages: common.limit(common.trainingImages),
          testImages: common.limit(common.testImages), architecture: architecture,
          plan: plan(for: source), seed: seed)
      }
    }
    return common.sources.flatMap { source in
      (1...max(common.seeds, 1)).flatMap { runs(seed: $0, architectures, on: source) }
    } + common.sources.prefix(1).flatMap { runs(seed: 1, laterArchitectures, on: $0) }
  }

  /// The trainings side by side.
  public func trainings(_ results: Results) -> NetworkTrainings<Key> {
    NetworkTrainings(results, lastEpochs: common.lastEpochs) {
      Self.key($0.architecture, on: $0.data)
    }
  }

  /// The scale in words, for the reader of a figure or a table.
  public var scale: [String] {
    let set = common.sources.map(\.title).joined(separator: ", ")
    return [
      set,
      (common.limit(common.trainingImages).map(Wording.count) ?? "all") + " images",
      "\(common.epochs) epochs"
        + (isFullScale ? "" : " (R: all images, \(Self.publishedEpochs) epochs)"),
      common.seeds == 1 ? "one seed" : "\(common.seeds) seeds",
    ]
  }
}

/// An experiment whose cells are the trainings of a study.
public protocol StudyExperiment: Experiment
where
  Settings: ImageStudy, Inputs == [ImageSource: ImageSet],
  Cell == TrainingRun<Settings.Architecture>, Row == EpochRecord
{}

extension StudyExperiment {
  // A table is filled over weeks by several machines, and shown before it is full.
  public static var allowsMissingCells: Bool { true }

  public static func settings(for profile: Profile) -> Settings { .settings(for: profile) }

  public static func scale(_ settings: Settings) -> [String] { settings.scale }

  public static func rules(for settings: Settings) -> [SettingRule] { settings.rules }

  public static func prepare(
    _ settings: Settings, _ resources: RunResources
  ) throws -> [ImageSource: ImageSet] {
    try ImageSource.loadSome(settings.sources, resources)
  }

  public static func cells(
    _ settings: Settings, _ inputs: [ImageSource: ImageSet]
  ) -> [TrainingRun<Settings.Architecture>] { settings.runs(inputs) }
}
