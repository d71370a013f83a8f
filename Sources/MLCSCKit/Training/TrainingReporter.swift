import Foundation

/// Puts a training's progress into words: epoch, images/s, loss, accuracy, time left.
struct TrainingReporter {
  private let epochs: Int
  private let batches: Int
  private let batchSize: Int
  private let begun: Int
  private let start: Double
  private var last: Double

  /// A reporter of a training that goes on after `begun` batches at the time `start`.
  init(epochs: Int, batches: Int, batchSize: Int, begun: Int, at start: Double) {
    (self.epochs, self.batches, self.batchSize) = (epochs, batches, batchSize)
    (self.begun, self.start, last) = (begun, start, start)
  }

  /// Reports, though not more than twice a second.
  mutating func report(
    _ position: TrainingPosition, at now: Double, _ progress: (Double, String) -> Void
  ) {
    guard now - last >= 0.5, position.seen > 0 else { return }
    last = now
    let all = epochs * batches
    let done = position.epoch * batches + position.batch
    // Tests and checkpoints are in the time left, as they are in the time so far.
    let left = (now - start) / Double(max(done - begun, 1)) * Double(all - done)
    let images = Double(position.batch * batchSize) / max(position.seconds, 1e-9)
    let loss = String(format: "%.4g", position.lossSum / Double(position.seen))
    let accuracy = String(
      format: "%.1f", 100 * Double(position.correct) / Double(position.seen))
    progress(
      Double(done) / Double(all),
      "epoch \(position.epoch + 1)/\(epochs), \(Int(images)) images/s, loss \(loss), "
        + "accuracy \(accuracy) %, \(Self.words(left)) left")
  }

  /// A time in seconds, minutes or hours.
  static func words(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    if whole < 120 { return "\(whole) s" }
    if whole < 7200 { return "\(whole / 60) min" }
    return "\(whole / 3600) h \(whole / 60 % 60) min"
  }
}
