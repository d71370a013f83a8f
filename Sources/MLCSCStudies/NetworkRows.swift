import Algorithms
import ExperimentSuite
import Foundation
import MLCSCKit

/// One training in a table.
///
/// Its numbers are draws of what varies with the seed and are not compared with a baseline; those of
/// `NetworkRow` and `ContrastRow` are.
public struct TrainingRow<Key: NetworkKey>: TableRow {
  var key = Key()
  @Field("seed", .key) var seed = 0
  @Field("final_test_accuracy_percent", .note) var finalAccuracy = 0.0
  @Field("mean_of_last_test_accuracy_percent", .note) var accuracy = 0.0
  @Field("best_test_accuracy_percent_chosen_on_test", .note) var bestAccuracy = 0.0
  @Field("best_epoch", .note) var bestEpoch = 0
  @Field("final_training_accuracy_percent", .note) var trainingAccuracy = 0.0
  @Field("final_training_loss", .note) var trainingLoss = 0.0
  @Field("points_over_pixels", .note) var overPixels: Double? = nil
  @Field("failed", .note) var isDiverged = false
  @Field("training_seconds", .timing) var seconds = 0.0

  public init() {}

  init(_ training: NetworkTrainings<Key>.Training) {
    let summary = training.summary
    (key, seed) = (training.key, training.seed)
    finalAccuracy = 100 * summary.finalTestAccuracy
    accuracy = 100 * summary.meanOfLastTestAccuracy
    (bestAccuracy, bestEpoch) = (100 * summary.bestTestAccuracy, summary.bestEpoch)
    trainingAccuracy = 100 * summary.finalTrainingAccuracy
    trainingLoss = summary.finalTrainingLoss
    (overPixels, isDiverged) = (training.pointsOverPixels, summary.isDiverged)
    seconds = training.records.reduce(0) { $0 + ($1.seconds ?? 0) }
  }
}

/// One epoch of a network's trainings, as means over the seeds; not compared, as every accuracy of an
/// epoch on the way is a draw.
public struct CurveRow<Key: NetworkKey>: TableRow {
  var key = Key()
  @Field("epoch", .key) var epoch = 0
  @Field("test_accuracy_percent", .note) var testAccuracy = 0.0
  @Field("lower_percent", .note) var lower: Double? = nil
  @Field("upper_percent", .note) var upper: Double? = nil
  @Field("test_error_percent", .note) var testError = 0.0
  @Field("training_accuracy_percent", .note) var trainingAccuracy = 0.0
  @Field("training_loss", .note) var trainingLoss = 0.0
  @Field("seeds", .exact) var seeds = 0

  public init() {}
}

/// A network beside the paper's number: means over the seeds, with the spread of seeds and the
/// sampling error of the test images.
public struct NetworkRow<Key: NetworkKey>: TableRow {
  /// The network.
  public var key = Key()
  /// Its name in sentences.
  @Field("network", .exact) public var network = ""
  /// The paper's accuracy, or × where it prints that the network does not train.
  @Field("paper_percent", .exact) public var paper: String? = nil
  /// The mean over the seeds of the mean over the last epochs.
  @Field("test_accuracy_percent", .estimate(spread: "standard_error_points"))
  public var accuracy: Double? = nil
  @Field("test_error_percent", .note) var testError: Double? = nil
  @Field("lower_percent", .note) var lower: Double? = nil
  @Field("upper_percent", .note) var upper: Double? = nil
  /// Of seeds and test images together; the seeds' is at least the one pooled over all networks.
  @Field("standard_error_points", .note) var standardError: Double? = nil
  @Field("seed_standard_error_points", .note) var seedError: Double? = nil
  @Field("image_standard_error_points", .note) var imageError: Double? = nil
  @Field("final_test_accuracy_percent", .note) var finalAccuracy: Double? = nil
  @Field("best_test_accuracy_percent_chosen_on_test", .note) var bestAccuracy: Double? = nil
  @Field("training_accuracy_percent", .note) var trainingAccuracy: Double? = nil
  @Field("training_error_percent", .note) var trainingError: Double? = nil
  @Field("training_loss", .estimate(spread: "training_loss_standard_error"))
  var trainingLoss: Double? = nil
  @Field("training_loss_standard_error", .note) var lossError: Double? = nil
  /// How far it is ahead of a linear classifier on the pixels of the same training images.
  @Field("points_over_pixels", .note) var overPixels: Double? = nil
  /// The lower end of that difference's 95 % interval: a network is trained where it is above zero.
  @Field("points_over_pixels_lower", .note) public var overPixelsLower: Double? = nil
  @Field("seeds", .exact) public var seeds = 0
  @Field("training_images", .exact) var trainingImages = ""
  @Field("test_images", .exact) var testImages: Int? = nil
  @Field("epochs", .exact) var epochs: Int? = nil
  /// Whether images, epochs and rates are the paper's.
  @Field("is_the_papers_scale", .exact) public var isFullScale = false

  public init() {}

  /// Whether the network counts as trained: it clearly beats a linear classifier on the pixels.
  public var isTrained: Bool { (overPixelsLower ?? 0) > 0 }
}

/// A comparison of networks: how far a combination of their accuracies or losses is from zero.
public struct ContrastRow: TableRow {
  /// The comparison.
  @Field("comparison", .key) public var id = ""
  /// What is compared.
  @Field("of", .exact) public var of = ""
  /// The first of two.
  @Field("first", .exact) public var first = ""
  /// The second.
  @Field("second", .exact) public var second = ""
  /// The networks that enter, separated by semicolons.
  @Field("networks", .exact) public var networks = ""
  /// The unit of the difference.
  @Field("unit", .exact) public var unit = ""
  /// The mean over the seeds.
  @Field("difference", .estimate(spread: "standard_error")) public var difference = 0.0
  /// Of seeds and images together; the seeds' is at least the pooled one.
  @Field("standard_error", .note) public var standardError: Double? = nil
  /// Of the images alone, paired.
  @Field("image_standard_error", .note) public var imageError = 0.0
  /// How many seeds all its networks have.
  @Field("seeds", .exact) public var seeds = 0
  /// How many images they were tested on; nothing for a training loss.
  @Field("test_images", .exact) public var images: Int? = nil

  public init() {}

  /// The names of its networks, each once.
  var networkNames: [String] {
    Array(networks.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }.uniqued())
  }
}

/// A comparison with one seed.
public struct SeedDifferenceRow: TableRow {
  /// The comparison.
  @Field("comparison", .key) public var id = ""
  /// The repetition.
  @Field("seed", .key) public var seed = 0
  /// What the first reached.
  @Field("first_value", .note) public var first = 0.0
  /// What the second reached.
  @Field("second_value", .note) public var second = 0.0
  /// The first minus the second.
  @Field("difference", .note) public var difference = 0.0

  public init() {}
}
