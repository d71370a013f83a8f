/// A training that cannot go on.
public enum TrainingError: ClassifiedError, CustomStringConvertible {
  /// The loss of a batch is infinite or not a number; epoch and batch are counted from 1.
  case lossNotFinite(loss: Double, epoch: Int, batch: Int, batches: Int, learningRate: Double)
  /// The loss of the test images is infinite or not a number.
  case testLossNotFinite(loss: Double, epoch: Int, learningRate: Double)

  /// A loss became not a number.
  public var failureKind: FailureKind { .computation }

  public var description: String {
    switch self {
    case .lossNotFinite(let loss, let epoch, let batch, let batches, let rate):
      "the training loss became \(Self.words(loss)) in epoch \(epoch), batch \(batch) of \(batches), at the "
        + "learning rate \(rate); a smaller one, or a schedule that begins with a smaller one, "
        + "may help"
    case .testLossNotFinite(let loss, let epoch, let rate):
      "the test loss became \(Self.words(loss)) after epoch \(epoch), whose learning rate ended at \(rate); "
        + "a smaller one may help"
    }
  }

  private static func words(_ loss: Double) -> String {
    loss.isNaN ? "not a number" : "infinite"
  }
}
