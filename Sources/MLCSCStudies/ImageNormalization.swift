import MLCSCKit

extension TrainingPlan.Normalization {
  /// The means and deviations of CIFAR-10's training images.
  public static let photographs = TrainingPlan.Normalization(
    means: [0.4914, 0.4822, 0.4465], deviations: [0.2023, 0.1994, 0.2010])
  /// The means and deviations of SVHN's training images.
  public static let houseNumbers = TrainingPlan.Normalization(
    means: [0.4377, 0.4438, 0.4728], deviations: [0.1980, 0.2010, 0.1970])
}
