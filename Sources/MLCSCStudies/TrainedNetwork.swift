import ExperimentSuite
import Foundation
import MLCSCKit

/// A network that a training run kept, with the description of the run.
public struct TrainedNetwork {
  /// The network with its weights.
  public let network: any Network<Float>
  /// The network's name.
  public let name: String
  /// How it was trained.
  public let plan: TrainingPlan
  /// The images that it learned from and was tested with.
  public let data: ImageSource
  /// How many images it was tested with, as many of each class; nil: all.
  public let testImages: Int?
  /// What told its training apart from repetitions.
  public let seed: Int
  /// The accuracy on the test images that is stored with the weights; nil where there is none.
  public let storedAccuracy: Double?

  /// Reads a file that a training run kept.
  ///
  /// - Parameters:
  ///   - url: The weights.
  ///   - shape: Channels and size of the images.
  /// - Throws: `FileError` where the file is absent or damaged, or says of no run what it was.
  public init(_ url: URL, images shape: (ImageSource) throws -> (channels: Int, size: Extent))
    throws
  {
    try KeptFiles.verify(url)
    let metadata = try SafeTensorsFile<Float>(AtomicFile.read(url), path: url.path).metadata
    let text = metadata["run"] ?? ""
    func read<Architecture: NetworkArchitecture>(
      _ type: Architecture.Type
    ) throws -> TrainingRun<Architecture>? {
      try? JSONDecoder().decode(TrainingRun<Architecture>.self, from: Data(text.utf8))
    }
    func described<Architecture>(
      _ run: TrainingRun<Architecture>
    ) -> (any NetworkArchitecture, TrainingPlan, ImageSource, Int?, Int) {
      (run.architecture, run.plan, run.data, run.testImages, run.seed)
    }
    // A description has the keys of one architecture alone.
    guard
      let run = try read(DenseArchitecture.self).map(described)
        ?? read(ResidualArchitecture.self).map(described)
        ?? read(UnfoldedArchitecture.self).map(described)
    else {
      throw FileError.damaged(
        path: url.path, place: "__metadata__",
        problem: "no run that says which network this is; files that trainings of this suite keep "
          + "have one")
    }
    let architecture: any NetworkArchitecture
    (architecture, plan, data, testImages, seed) = run
    let images = try shape(data)
    network = try architecture.network(
      channels: images.channels, size: images.size, classes: data.classes,
      stream: RandomStream("network weights"))
    name = architecture.name
    storedAccuracy = metadata["test_accuracy_after_last_epoch"].flatMap { Double($0) }
    try NetworkWeights.load(url, into: network)
  }
}
