import Foundation

/// Checkpoints of dictionary learning in a cell's folder.
///
/// Two files take turns, so that a damaged newer one leaves the older.
public enum LearningCheckpoint {
  private static func files(_ context: CellContext) -> [URL] {
    ["a", "b"].map { context.checkpoints.appendingPathComponent("learning-\($0).safetensors") }
  }

  /// Saves the learner after an epoch.
  ///
  /// - Throws: `FileError.notWritten`.
  public static func save(_ learner: DictionaryLearning, _ context: CellContext) throws {
    try AtomicFile.write(
      learner.checkpoint().encoded(.float64), to: files(context)[learner.epoch % 2])
  }

  /// Takes up the newest whole checkpoint, where there is one.
  public static func resume(_ learner: inout DictionaryLearning, _ context: CellContext) throws {
    for url in files(context) {
      guard let content = try? AtomicFile.read(url),
        let file = try? SafeTensors(content, path: url.path)
      else { continue }
      var candidate = learner
      guard (try? candidate.restore(file, path: url.path)) != nil else { continue }
      if candidate.epoch > learner.epoch { learner = candidate }
    }
  }
}
