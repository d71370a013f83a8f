import ExperimentSuite
import MLCSCKit

extension ResidualStudy {
  /// The layers of R's Table II.
  public static let publishedLayers = [20, 32, 44, 56, 110, 218]

  /// R's Table II: accuracies in percent, × where it says that a network "can not be trained normally".
  public static var published: [(key: ResidualKey, percent: String?)] {
    ["CIFAR10", "CIFAR100", "SVHN"].enumerated().flatMap { set, data in
      zip([ResidualModel.plain, .simplified, .resNet, .resCSC], accuracies).flatMap {
        model, rows in
        zip(publishedLayers, rows).map { layers, row in
          (
            key: ResidualKey(model, layers: layers, data: data),
            percent: row[set].map { "\($0)" } ?? "×"
          )
        }
      }
    }
  }

  /// By model (plain, Simplified, ResNet, Res-CSC), layers and set.
  private static let accuracies: [[[Double?]]] = [
    [
      [90.74, 66.02, 96.67], [90.34, 64.31, 96.55], [89.41, 61.54, 96.36],
      [87.04, 59.28, 96.09], [nil, nil, nil], [nil, nil, nil],
    ],
    [
      [91.86, 66.33, 96.70], [90.95, 65.35, 96.63], [90.19, 63.24, 96.51],
      [88.75, 60.58, 96.38], [nil, nil, nil], [nil, nil, nil],
    ],
    [
      [91.30, 67.81, 96.57], [92.52, 69.79, 96.63], [92.92, 70.59, 96.74],
      [93.15, 71.09, 96.88], [93.41, 72.47, 96.96], [94.02, 73.28, 97.05],
    ],
    [
      [91.82, 68.55, 96.81], [93.31, 69.35, 96.83], [92.89, 70.68, 96.91],
      [93.55, 71.40, 97.01], [93.56, 73.13, 97.11], [94.28, 73.50, 97.22],
    ],
  ]

  /// The paper's accuracies of two networks on CIFAR-10, side by side.
  public static func published(_ first: ResidualKey, _ second: ResidualKey) -> PaperValue? {
    func percent(_ key: ResidualKey) -> Double? {
      published.first { $0.key == key }?.percent.flatMap { Double($0) }
    }
    guard let a = percent(first), let b = percent(second) else { return nil }
    return PaperValue(a, against: b, unit: "%")
  }
}
