import Algorithms
import ExperimentSuite
import MLCSCKit

/// What names a network in tables and sentences: its columns and its name.
public protocol NetworkKey: TableRow, Hashable {
  /// The network in a sentence: "ResNet-56".
  var name: String { get }
}

/// Trainings of several networks, each with several seeds, side by side.
///
/// Comparisons are paired by seed, since trainings of one seed begin alike and see the images in the
/// same order, and by test image, since all networks are tested on the same ones.
public struct NetworkTrainings<Key: NetworkKey>: Sendable {
  /// One training.
  public struct Training: Sendable {
    /// What was trained.
    public let key: Key
    /// The repetition.
    public let seed: Int
    /// One record an epoch.
    public let records: [EpochRecord]
    /// Its accuracies.
    public let summary: TrainingSummary
    /// How many images it learnt from; nil for all.
    let trainingImages: Int?

    /// How many images it was tested on; 0 where that is not known.
    public var testImages: Int {
      records.last?.right?.count ?? records.last?.rightFromPixels?.count ?? 0
    }

    /// The standard error, in points, that the choice of test images adds to its accuracy where it is
    /// not known which of them are right, its own record being lost; zero where it is known.
    ///
    /// It has no place in a paired error, and is added to one as if all went the same way.
    var unpairedImageError: Double {
      guard let last = records.last, last.right == nil, !summary.isDiverged else { return 0 }
      let p = summary.meanOfLastTestAccuracy
      return 100 * (p * (1 - p) / Double(max(testImages, 1))).squareRoot()
    }

    /// The share of its last epochs in which it classified a test image rightly; its accuracy where
    /// that is not known, the training having failed or its record being lost.
    func score(image: Int) -> Double {
      let last = records.suffix(summary.lastEpochs)
      let right = last.reduce(0.0) { sum, record in
        sum + (record.right.map { $0[image] ? 1 : 0 } ?? record.testAccuracy)
      }
      return right / Double(last.count)
    }

    /// By how many points it is ahead of a linear classifier on the pixels; nil where the training
    /// failed.
    var pointsOverPixels: Double? {
      records.last?.rightFromPixels.map { pixels in
        100 * summary.meanOfLastTestAccuracy
          - 100 * Double((0..<pixels.count).count { pixels[$0] }) / Double(pixels.count)
      }
    }
  }

  /// All trainings, in the order of the cells.
  public let trainings: [Training]
  /// The networks in the order in which they first appear.
  public let keys: [Key]

  /// The trainings that an experiment measured.
  ///
  /// - Parameters:
  ///   - results: The cells; those without records are left out.
  ///   - lastEpochs: How many last epochs accuracies are means of.
  ///   - key: The network that a cell trains; nil for cells that are not compared here.
  public init<Architecture>(
    _ results: [CellResult<TrainingRun<Architecture>, EpochRecord>], lastEpochs: Int,
    key: (TrainingRun<Architecture>) -> Key?
  ) {
    trainings = results.compactMap { result in
      guard let key = key(result.cell),
        let summary = TrainingSummary(result.rows, lastEpochs: lastEpochs)
      else { return nil }
      return Training(
        key: key, seed: result.cell.seed, records: result.rows, summary: summary,
        trainingImages: result.cell.trainingImages)
    }
    keys = Array(trainings.map(\.key).uniqued())
  }

  /// The trainings of a network.
  public func trainings(of key: Key) -> [Training] { trainings.filter { $0.key == key } }

  /// The training of a network with a seed.
  func training(of key: Key, seed: Int) -> Training? {
    trainings.first { $0.key == key && $0.seed == seed }
  }

  /// The variance over seeds of a measure, pooled over all networks; nil where no network has two.
  ///
  /// Two or three seeds alone say little of a network's own spread.
  func pooledVariance(_ measure: (Training) -> Double) -> Double? {
    let variances = keys.compactMap { key -> Double? in
      let values = trainings(of: key).map(measure)
      guard values.count > 1 else { return nil }
      let error = Statistics.standardError(values)
      return error * error * Double(values.count)
    }
    return variances.isEmpty ? nil : Statistics.mean(variances)
  }
}

/// The standard error that the choice of the test images adds to a mean, where image i contributes
/// `score(i)`; zero for fewer than two images.
func imageStandardError(_ images: Int, score: (Int) -> Double) -> Double {
  Statistics.standardError((0..<images).map(score))
}
