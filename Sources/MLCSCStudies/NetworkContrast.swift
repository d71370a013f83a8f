import ExperimentSuite
import MLCSCKit

/// A comparison of trained networks that a claim rests on, declared before anything is measured.
///
/// It is a sum of weights times what each network reaches: +1 and −1 for two networks, +1, −1, −1, +1
/// for how much more one loses with depth than another, the weights of a least-squares line for a
/// slope.
public struct NetworkContrast<Key: NetworkKey>: Sendable {
  /// What of a network is compared.
  public enum Measure: String, Sendable {
    /// In percent, the mean over the last epochs.
    case testAccuracy = "test accuracy"
    /// 100 % minus that.
    case testError = "test error"
    /// In the last epoch, in nats.
    case trainingLoss = "training loss"

    var unit: String { self == .trainingLoss ? "nats" : "points" }

    func value(of training: NetworkTrainings<Key>.Training) -> Double {
      switch self {
      case .testAccuracy: 100 * training.summary.meanOfLastTestAccuracy
      case .testError: 100 * (1 - training.summary.meanOfLastTestAccuracy)
      case .trainingLoss: training.summary.finalTrainingLoss
      }
    }

    /// How much of it one test image stands for, in points; nothing for a loss on training images.
    func share(of image: Int, in training: NetworkTrainings<Key>.Training) -> Double {
      switch self {
      case .testAccuracy: 100 * training.score(image: image)
      case .testError: 100 * (1 - training.score(image: image))
      case .trainingLoss: 0
      }
    }
  }

  let id: String
  let measure: Measure
  let of: String
  let first: String
  let second: String
  let plus: [(weight: Double, key: Key)]
  let minus: [(weight: Double, key: Key)]
  let unit: String

  /// One network against another.
  ///
  /// - Parameters:
  ///   - id: A stable name, unique within the experiment.
  ///   - measure: What is compared.
  ///   - first: The network from which the other's is subtracted.
  ///   - second: The other.
  public init(_ id: String, _ measure: Measure = .testAccuracy, of first: Key, minus second: Key) {
    (self.id, self.measure, unit) = (id, measure, measure.unit)
    (of, self.first, self.second) = (measure.rawValue, first.name, second.name)
    (plus, minus) = ([(1, first)], [(1, second)])
  }

  /// One weighted sum of networks against another, or the weighted sum of networks.
  ///
  /// - Parameters:
  ///   - id: A stable name, unique within the experiment.
  ///   - measure: What is compared.
  ///   - first: The first sum in words, or the difference where it has words of its own.
  ///   - plus: Its networks with their weights.
  ///   - second: The second sum in words; empty where `first` says all.
  ///   - minus: Its networks with their weights.
  ///   - unit: The difference's unit.
  public init(
    _ id: String, _ measure: Measure, _ first: String, _ plus: [(weight: Double, key: Key)],
    minus second: String = "", _ minus: [(weight: Double, key: Key)], unit: String
  ) {
    (self.id, self.measure, of, self.first, self.second) = (id, measure, "", first, second)
    (self.plus, self.minus, self.unit) = (plus, minus, unit)
  }

  private var all: [(weight: Double, key: Key)] {
    plus + minus.map { (weight: -$0.weight, key: $0.key) }
  }

  /// The differences, one a seed that all networks have.
  func differences(in trainings: NetworkTrainings<Key>) -> [SeedDifferenceRow] {
    let seeds = Set(trainings.trainings.map(\.seed)).sorted()
    return seeds.compactMap { seed in
      func sum(_ terms: [(weight: Double, key: Key)]) -> Double? {
        terms.reduce(0.0) { sum, term in
          guard let sum, let training = trainings.training(of: term.key, seed: seed) else {
            return nil
          }
          return sum + term.weight * measure.value(of: training)
        }
      }
      guard let first = sum(plus), let second = sum(minus) else { return nil }
      var row = SeedDifferenceRow()
      (row.id, row.seed) = (id, seed)
      (row.first, row.second, row.difference) = (first, second, first - second)
      return row
    }
  }

  /// The comparison over all seeds; nil where no seed has all networks.
  func row(in trainings: NetworkTrainings<Key>) -> ContrastRow? {
    let differences = differences(in: trainings)
    guard !differences.isEmpty else { return nil }
    let values = differences.map(\.difference)
    let count = Double(values.count)
    let members = differences.map { difference in
      all.compactMap { term in
        trainings.training(of: term.key, seed: difference.seed).map { (term.weight, $0) }
      }
    }
    let images =
      measure == .trainingLoss ? 0 : members.flatMap { $0 }.map(\.1.testImages).max() ?? 0
    let paired = imageStandardError(images) { image in
      members.reduce(0.0) { sum, terms in
        sum + terms.reduce(0.0) { $0 + $1.0 * measure.share(of: image, in: $1.1) }
      } / count
    }
    let unpaired =
      measure == .trainingLoss
      ? 0 : members.flatMap { $0 }.reduce(0.0) { $0 + abs($1.0) * $1.1.unpairedImageError } / count
    let imageError = paired + unpaired
    let own = Statistics.standardError(values)
    let pooled = trainings.pooledVariance(measure.value).map { variance in
      variance * all.reduce(0.0) { $0 + $1.weight * $1.weight } / count
    }
    var row = ContrastRow()
    (row.id, row.of, row.unit) = (id, of, unit)
    (row.first, row.second) = (first, second)
    row.networks = all.map(\.key.name).joined(separator: "; ")
    (row.difference, row.imageError) = (Statistics.mean(values), imageError)
    row.standardError =
      values.count < 2 ? nil : (max(own * own, pooled ?? 0) + imageError * imageError).squareRoot()
    (row.seeds, row.images) = (values.count, images == 0 ? nil : images)
    return row
  }
}
