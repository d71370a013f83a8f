import ExperimentSuite
import Foundation
import MLCSCKit

/// Checkpoints of dictionary learning in a folder.
///
/// Two files take turns, so that a damaged newer one leaves the older; each begins with its SHA-256.
public enum LearningCheckpoint {
  private static func files(_ folder: URL) -> [URL] {
    ["a", "b"].map { folder.appendingPathComponent("learning-\($0).checkpoint") }
  }

  /// Saves the learner after an epoch.
  ///
  /// - Throws: `FileError.notWritten`.
  public static func save(_ learner: some CheckpointedLearner, in folder: URL) throws {
    try VerifiedFile.write(
      learner.checkpoint().encoded(.float64), to: files(folder)[learner.epoch % 2])
  }

  /// Takes up the newest whole checkpoint, where there is one.
  public static func resume<Learner: CheckpointedLearner>(
    _ learner: inout Learner, in folder: URL
  ) throws {
    for url in files(folder) where FileManager.default.fileExists(atPath: url.path) {
      do {
        var candidate = learner
        try candidate.restore(
          SafeTensors(VerifiedFile.read(url), path: url.path), path: url.path)
        if candidate.epoch > learner.epoch { learner = candidate }
      } catch {
        Terminal.note("\(error); the learning goes on without this checkpoint")
      }
    }
  }
}

extension DictionaryLearning {
  /// Learns from images until a number of epochs is reached, with a checkpoint after every epoch.
  ///
  /// Begins at the newest whole checkpoint of the cell, where there is one.
  ///
  /// - Parameters:
  ///   - images: Where the signals come from.
  ///   - chosen: The images to learn from.
  ///   - epochs: How often each is seen.
  ///   - context: The cell that learns.
  /// - Throws: What `learnEpoch` throws, `FileError.notWritten`, `Interrupted`.
  public mutating func learn(
    from images: LabelledImages, _ chosen: [Int], epochs: Int, _ context: CellContext
  ) throws {
    try LearningCheckpoint.resume(&self, in: context.checkpoints)
    while epoch < epochs {
      let error = history.last.map { ", error \($0.relativeSquaredError)" } ?? ""
      let (begun, note) = (Double(epoch), "epoch \(epoch + 1)/\(epochs)\(error)")
      var seen = 0
      try learnEpoch(
        count: chosen.count,
        batch: { signals in
          seen += signals.count
          let part = min(Double(seen) / Double(max(chosen.count, 1)), 1)
          context.progress((begun + part) / Double(epochs), note)
          return images.batch(signals.map { chosen[$0] })
        },
        interrupted: context.checkInterruption)
      try LearningCheckpoint.save(self, in: context.checkpoints)
    }
  }
}

extension KSVD {
  /// Iterates until a number of passes is reached, with a checkpoint after every pass.
  ///
  /// Begins at the newest whole checkpoint of the cell, where there is one.
  ///
  /// - Parameters:
  ///   - passes: How many iterations.
  ///   - context: The cell that learns.
  /// - Throws: What `iterate` throws, `FileError.notWritten`, `Interrupted`.
  public mutating func learn(passes: Int, _ context: CellContext) throws {
    try LearningCheckpoint.resume(&self, in: context.checkpoints)
    while epoch < passes {
      try iterate(interrupted: context.checkInterruption)
      try LearningCheckpoint.save(self, in: context.checkpoints)
      context.progress(
        Double(epoch) / Double(passes),
        "pass \(epoch), error \(history.last?.errorAfterUpdate ?? 0)")
    }
  }
}
