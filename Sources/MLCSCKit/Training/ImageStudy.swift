/// The settings of trainings that a figure and a table of a paper share, so that what one of them
/// trained the other finds.
///
/// A study names image sets, networks and a plan, which together give the cells of its experiments
/// (`StudyExperiment`).
public protocol ImageStudy: Codable, Sendable {
  /// What is trained.
  associatedtype Architecture: NetworkArchitecture
  /// What tells the rows of a table apart.
  associatedtype Model: Hashable & Sendable

  /// The study at a profile.
  static func settings(for profile: Profile) -> Self
  /// The paper's accuracies.
  static var published: PublishedAccuracies<Self> { get }
  /// How many epochs the paper trains for.
  static var publishedEpochs: Int { get }
  /// The columns that name a model in a table.
  static var keys: [(column: String, value: (Model) -> Value)] { get }
  /// A model in a sentence.
  static func name(of model: Model) -> String
  /// The row that an architecture belongs to.
  static func model(of architecture: Architecture) -> Model

  /// The image sets; those that are not on this machine are left out.
  var sources: [ImageSource] { get set }
  /// The repetitions with other first weights and orders.
  var seeds: Int { get }
  /// How many images are learnt from, as many of each class; 0: all.
  var trainingImages: Int { get }
  /// How many images are tested with, as many of each class; 0: all.
  var testImages: Int { get }
  /// How often every image is seen.
  var epochs: Int { get }
  /// Accuracies that decide are means over so many last epochs.
  var lastEpochs: Int { get }
  /// Whether a training is the paper's: all images, its epochs, rates and augmentation.
  var isFullScale: Bool { get }
  /// The networks for a set of images, in the order in which they are trained.
  func architectures(for images: ImageSet) -> [Architecture]
  /// The plan for one image set.
  func plan(for source: ImageSource) -> TrainingPlan
}

extension ImageStudy {
  /// Results of all trainings.
  public typealias Results = [CellResult<TrainingRun<Architecture>, EpochRecord>]

  /// The same study of its first set alone, for a figure that is about one set.
  public var ofFirstSet: Self {
    var study = self
    study.sources = [sources[0]]
    return study
  }

  /// All trainings: seed by seed, set by set, in the order of the networks.
  public func runs(_ sets: [ImageSource: ImageSet]) -> [TrainingRun<Architecture>] {
    (1...max(seeds, 1)).flatMap { seed in
      sources.flatMap { source in
        (sets[source].map(architectures) ?? []).map { architecture in
          TrainingRun(
            data: source, trainingImages: trainingImages == 0 ? nil : trainingImages,
            testImages: testImages == 0 ? nil : testImages, architecture: architecture,
            plan: plan(for: source), seed: seed)
        }
      }
    }
  }

  /// The trainings on one set, by model.
  public func comparison(of source: ImageSource, in results: Results) -> TrainingComparison<Model> {
    TrainingComparison(results, lastEpochs: lastEpochs) {
      $0.data == source ? Self.model(of: $0.architecture) : nil
    }
  }

  /// Whether there are images and repetitions enough to decide anything.
  public var isDecisive: Bool { seeds >= 3 && (trainingImages == 0 || trainingImages >= 1_000) }

  /// The scale in words, for the reader of a table.
  public var scale: String {
    let images = trainingImages == 0 ? "all images" : "\(trainingImages) images"
    return "\(images), \(epochs) epochs" + (isFullScale ? "" : ", R: all, \(Self.publishedEpochs)")
  }

  /// The claim that one network does better than another, decided by Student's interval of the
  /// difference, paired by seed; fewer than three seeds decide nothing.
  ///
  /// - Parameters:
  ///   - id: Of the claim.
  ///   - sentence: What the paper says; its numbers for the two networks are found in `published`.
  ///   - source: Where.
  ///   - better: The network that should do better.
  ///   - worse: The other.
  ///   - inLoss: Whether the last epoch's training loss is compared, not the test accuracy.
  ///   - margin: By how many points (or nats) it may be worse and still count as no worse.
  ///   - results: All trainings; those on the first set count.
  /// - Returns: The claim.
  public func claim(
    _ id: String, _ sentence: String, _ source: String, _ better: Model, over worse: Model,
    inLoss: Bool = false, margin: Double = 0, in results: Results
  ) -> Claim {
    let all = comparison(of: sources[0], in: results)
    func measure(_ training: TrainingComparison<Model>.Training) -> Double {
      inLoss ? training.summary.finalTrainingLoss : training.testPercent
    }
    let ends = [better, worse]
    let means = ends.map { all.mean(of: $0, measure).value }
    let words = zip(ends, means).map {
      "\(Self.name(of: $0)) \(Wording.number($1))" + (inLoss ? "" : " %")
    }
    let gain = all.difference(better, minus: worse, measure)
    let difference = gain.map { Wording.interval($0) } ?? Wording.number(means[0] - means[1])
    let published = ends.compactMap { Self.published.percent(of: $0, on: sources[0].family) }
    return Claim(
      id: id, sentence: sentence, source: source,
      paper: inLoss || published.count < 2 ? nil : "\(published[0]) against \(published[1]) %",
      measured: ends.contains { all.trainings(of: $0).isEmpty }
        ? "not run"
        : "\(inLoss ? "training loss" : "test accuracy") \(words.joined(separator: ", ")): "
          + "difference \(difference) \(inLoss ? "nats" : "points"); \(scale), "
          + (gain == nil ? "one training each" : "\(seeds) seeds")
          + (margin == 0 ? "" : "; margin \(Wording.number(margin))"),
      verdict: isDecisive
        ? gain.map { inLoss ? $0.negated : $0 }?.verdict(above: -margin) ?? .undecided : .undecided)
  }
}

extension TrainingComparison.Training {
  /// The accuracy that decides: in percent, the mean over the last epochs, on test images.
  public var testPercent: Double { 100 * summary.meanOfLastTestAccuracy }
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

  public static func prepare(
    _ settings: Settings, _ resources: RunResources
  ) throws -> [ImageSource: ImageSet] {
    try ImageSource.loadSome(settings.sources, resources)
  }

  public static func cells(
    _ settings: Settings, _ inputs: [ImageSource: ImageSet]
  ) -> [TrainingRun<Settings.Architecture>] { settings.runs(inputs) }
}
