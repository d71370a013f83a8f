/// A learner whose state can be saved between epochs and taken up again.
public protocol CheckpointedLearner: Sendable {
  /// Epochs, or iterations, finished.
  var epoch: Int { get }

  /// The whole state as tensors.
  func checkpoint() throws -> SafeTensors

  /// Takes up the state of a checkpoint of the same settings.
  ///
  /// - Throws: `FileError.damaged` where something is absent or has another shape.
  mutating func restore(_ file: SafeTensors, path: String) throws
}
