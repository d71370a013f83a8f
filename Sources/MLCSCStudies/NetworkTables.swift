import ExperimentSuite
import MLCSCKit

/// The tables of an experiment with trained networks.
extension NetworkTrainings {
  /// One row a training.
  public var rows: [TrainingRow<Key>] { trainings.map { TrainingRow($0) } }

  /// One row an epoch of each network, as far as all its seeds have it.
  public var curves: [CurveRow<Key>] {
    keys.flatMap { key -> [CurveRow<Key>] in
      let all = trainings(of: key)
      let epochs = all.map(\.records.count).min() ?? 0
      return (0..<epochs).map { epoch in
        func mean(_ measure: (EpochRecord) -> Double) -> Estimate {
          Statistics.studentMean(all.map { measure($0.records[epoch]) })
        }
        let test = mean { 100 * $0.testAccuracy }
        var row = CurveRow<Key>()
        (row.key, row.epoch, row.seeds) = (key, epoch + 1, all.count)
        (row.testAccuracy, row.testError) = (test.value, 100 - test.value)
        (row.lower, row.upper) = (test.lower.finite, test.upper.finite)
        row.trainingAccuracy = mean { 100 * $0.trainingAccuracy }.value
        row.trainingLoss = mean(\.trainingLoss).value
        return row
      }
    }
  }

  /// One row a network, with the paper's number beside ours.
  ///
  /// - Parameters:
  ///   - published: The paper's rows, in its order; networks beyond them follow.
  ///   - isFullScale: Whether the trainings are the paper's in images, epochs and rates.
  /// - Returns: The rows; those of networks that were not trained have no number of ours.
  public func networks(
    published: [(key: Key, percent: String?)] = [], isFullScale: Bool = false
  ) -> [NetworkRow<Key>] {
    let known = Set(published.map(\.key))
    return published.map { row(of: $0.key, paper: $0.percent, isFullScale: isFullScale) }
      + keys.filter { !known.contains($0) }.map {
        row(of: $0, paper: nil, isFullScale: isFullScale)
      }
  }

  private func row(of key: Key, paper: String?, isFullScale: Bool) -> NetworkRow<Key> {
    var row = NetworkRow<Key>()
    (row.key, row.network, row.paper) = (key, key.name, paper)
    let all = trainings(of: key)
    guard let last = all.last else { return row }
    func mean(_ measure: (TrainingSummary) -> Double) -> Double {
      Statistics.mean(all.map { measure($0.summary) })
    }
    let accuracies = all.map { 100 * $0.summary.meanOfLastTestAccuracy }
    let images = last.testImages
    let imageError =
      imageStandardError(images) { image in
        100 * Statistics.mean(all.map { $0.score(image: image) })
      } + Statistics.mean(all.map(\.unpairedImageError))
    let accuracy = Measurement.mean(
      accuracies, of: "seeds", imageStandardError: imageError, images: images)
    let bounds = accuracy.interval(Claim.confidence)
    row.accuracy = accuracy.value
    row.testError = accuracy.value.map { 100 - $0 }
    (row.lower, row.upper) = (bounds.lower.finite, bounds.upper.finite)
    row.seedError = Statistics.standardError(accuracies)
    row.imageError = images > 0 ? imageError : nil
    row.standardError = spread(accuracies, imageError) { 100 * $0.summary.meanOfLastTestAccuracy }
    row.finalAccuracy = 100 * mean(\.finalTestAccuracy)
    row.bestAccuracy = 100 * mean(\.bestTestAccuracy)
    row.trainingAccuracy = 100 * mean(\.finalTrainingAccuracy)
    row.trainingError = row.trainingAccuracy.map { 100 - $0 }
    row.trainingLoss = mean(\.finalTrainingLoss)
    row.lossError = spread(all.map(\.summary.finalTrainingLoss), 0) { $0.summary.finalTrainingLoss }
    let ahead = overPixels(all)
    row.overPixels = ahead.value
    row.overPixelsLower = ahead.interval(Claim.confidence).lower.finite
    (row.seeds, row.testImages, row.epochs) = (all.count, images, last.records.count)
    row.trainingImages = last.trainingImages.map(String.init) ?? "all"
    row.isFullScale = isFullScale
    return row
  }

  /// The standard error of a mean over seeds with the images' in it: the network's own, or the pooled
  /// one where that is larger; nil for one seed.
  private func spread(
    _ values: [Double], _ imageError: Double, _ measure: (Training) -> Double
  ) -> Double? {
    guard values.count > 1 else { return nil }
    let own = Statistics.standardError(values)
    let pooled = (pooledVariance(measure) ?? 0) / Double(values.count)
    return (max(own * own, pooled) + imageError * imageError).squareRoot()
  }

  /// How far a network is ahead of a linear classifier on the pixels, paired by test image.
  private func overPixels(_ all: [Training]) -> Measurement {
    let points = all.compactMap(\.pointsOverPixels)
    guard points.count == all.count, let pixels = all.last?.records.last?.rightFromPixels else {
      return .none
    }
    let error =
      imageStandardError(pixels.count) { image in
        100 * (Statistics.mean(all.map { $0.score(image: image) }) - (pixels[image] ? 1 : 0))
      } + Statistics.mean(all.map(\.unpairedImageError))
    return .mean(points, of: "seeds", imageStandardError: error, images: pixels.count)
  }

  /// The tables that claims on networks rest on: `trainings`, `networks`, `comparisons` and
  /// `differences`.
  ///
  /// - Parameters:
  ///   - contrasts: The comparisons that claims need.
  ///   - published: The paper's rows.
  ///   - isFullScale: Whether the trainings are the paper's in images, epochs and rates.
  /// - Returns: Four tables.
  /// - Throws: `TableError`.
  public func tables(
    _ contrasts: [NetworkContrast<Key>], published: [(key: Key, percent: String?)] = [],
    isFullScale: Bool = false
  ) throws -> [Table] {
    try [
      Table("trainings", rows),
      Table("networks", networks(published: published, isFullScale: isFullScale)),
      Table("comparisons", contrasts.compactMap { $0.row(in: self) }),
      Table("differences", contrasts.flatMap { $0.differences(in: self) }),
    ]
  }
}
