import Dispatch
import Foundation

/// What a training needs of the world around it: a folder, a clock, and whom to tell.
public struct TrainingSurroundings {
  /// Where checkpoints go; absent: none are saved.
  public var checkpoints: URL?
  /// Seconds between two checkpoints within an epoch.
  public var checkpointInterval: Double
  /// Seconds from a fixed moment.
  public var seconds: () -> Double
  /// Throws where the training should stop; called after every batch.
  ///
  /// A checkpoint is saved before the error goes on.
  public var checkInterruption: () throws -> Void
  /// Hears how far the training is, from 0 to 1, with a few words.
  public var progress: (Double, String) -> Void
  /// Hears a line that should stay: a damaged checkpoint.
  public var note: (String) -> Void

  /// Surroundings that never interrupt and hear nothing.
  public init(
    checkpoints: URL? = nil, checkpointInterval: Double = 120,
    seconds: @escaping () -> Double = { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 },
    checkInterruption: @escaping () throws -> Void = {},
    progress: @escaping (Double, String) -> Void = { _, _ in },
    note: @escaping (String) -> Void = { _ in }
  ) {
    (self.checkpoints, self.checkpointInterval) = (checkpoints, checkpointInterval)
    (self.seconds, self.checkInterruption) = (seconds, checkInterruption)
    (self.progress, self.note) = (progress, note)
  }
}
