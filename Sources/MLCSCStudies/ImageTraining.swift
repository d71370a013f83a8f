import MLCSCKit

/// How the networks of a study are trained: the settings that all of R's experiments have.
public struct ImageTraining: Codable, Sendable {
  /// The image sets; those that are not on this machine are left out.
  public var sources: [ImageSource]
  /// The repetitions with other first weights and orders.
  public var seeds: Int
  /// How many images are learnt from, as many of each class; 0: all.
  public var trainingImages = 0
  /// How many images are tested with, as many of each class; 0: all.
  public var testImages = 0
  /// How often every image is seen.
  public var epochs: Int
  /// Images a batch (R: 128).
  public var batchSize: Int
  /// η.
  public var learningRate: Double
  /// Whether η rises and falls once, in place of the paper's divisions by ten.
  public var oneCycle: Bool
  /// The weight decay δ, on which R says nothing; that of He, Zhang, Ren, Sun (CVPR 2016).
  public var weightDecay: Double = 1e-4
  /// Translations of the photographs in pixels.
  public var translation: Int
  /// Whether half of the photographs are mirrored.
  public var flips: Bool
  /// Accuracies that decide are means over so many last epochs.
  public var lastEpochs: Int

  /// A number of images as a run wants it: nil for all of them.
  func limit(_ images: Int) -> Int? { images == 0 ? nil : images }
}
