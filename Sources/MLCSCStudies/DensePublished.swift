import ExperimentSuite
import MLCSCKit

extension DenseStudy {
  /// R's Table III: accuracies in percent on CIFAR-10, CIFAR-100 and SVHN.
  static let rows: [(model: DenseModel, percent: [Double])] = [
    row(.multiLayer, 6, 0, [82.16, 43.93, 94.68]), row(.multiLayer, 6, 1, [83.26, 50.23, 94.98]),
    row(.multiLayer, 6, 2, [83.59, 50.61, 95.01]),
    row(.multiLayer, 6, 2, accelerated: true, [84.06, 51.66, 95.29]),
    row(.mixedScale, 6, 0, [87.22, 60.23, 94.72]), row(.mixedScale, 9, 0, [89.42, 63.22, 95.42]),
    row(.mixedScale, 12, 0, [90.35, 66.18, 95.73]),
    row(.mixedScale, 6, 1, [88.79, 62.08, 94.87]), row(.mixedScale, 6, 2, [88.85, 62.24, 95.75]),
    row(.mixedScale, 9, 1, [90.23, 64.15, 95.98]), row(.mixedScale, 9, 2, [90.52, 65.21, 96.10]),
    row(.mixedScale, 12, 1, [90.81, 67.31, 96.14]),
    row(.mixedScale, 12, 2, [91.76, 68.14, 96.36]),
    row(.mixedScale, 6, 2, accelerated: true, [89.21, 62.53, 95.50]),
    row(.mixedScale, 9, 2, accelerated: true, [90.91, 65.22, 95.84]),
    row(.mixedScale, 12, 2, accelerated: true, [91.63, 69.23, 96.35]),
  ]

  private static func row(
    _ kind: DenseModel.Kind, _ depth: Int, _ unfoldings: Int, accelerated: Bool = false,
    _ percent: [Double]
  ) -> (model: DenseModel, percent: [Double]) {
    (DenseModel(kind, depth, unfoldings, accelerated: accelerated), percent)
  }

  public static var published: [(key: DenseKey, percent: String?)] {
    ["CIFAR10", "CIFAR100", "SVHN"].enumerated().flatMap { set, data in
      rows.map {
        (key: DenseKey($0.model, data: data), percent: "\($0.percent[set])")
      }
    }
  }

  /// The paper's accuracies of two networks on CIFAR-10, side by side.
  public static func published(_ first: DenseModel, _ second: DenseModel) -> PaperValue? {
    func percent(_ model: DenseModel) -> Double? { rows.first { $0.model == model }?.percent[0] }
    guard let a = percent(first), let b = percent(second) else { return nil }
    return PaperValue(a, against: b, unit: "%")
  }
}
