import RealModule

/// What was measured in one epoch of a training.
public struct EpochRecord: Codable, Sendable, Equatable {
  /// From 1.
  public var epoch: Int
  /// The mean cross entropy of the images seen, each before the step that used it.
  public var trainingLoss: Double
  /// The share of these images that were classified rightly, in training mode.
  public var trainingAccuracy: Double
  /// The mean cross entropy of the test images after the epoch, in inference mode; absent where it
  /// is not known, the training's own record being lost.
  public var testLoss: Double?
  /// The share of the test images that are classified rightly.
  public var testAccuracy: Double
  /// Which test images these are, so that two networks can be compared image by image; absent where
  /// a training had failed, or its own record is lost.
  public var right: ImageFlags?
  /// Which test images a linear classifier on the pixels of the same training images gets right (see
  /// `PixelClassifier`); in the last record of a training alone.
  public var rightFromPixels: ImageFlags?
  /// Of the epoch's last step.
  public var learningRate: Double
  /// ρ, in training and in testing.
  public var consistency: Double
  /// The time spent training, without tests and checkpoints; never compared.
  public var seconds: Double?
  /// Whether the training had failed, a loss being not finite; its accuracies are those of chance.
  public var isDiverged: Bool?

  /// A record.
  public init(
    epoch: Int, trainingLoss: Double, trainingAccuracy: Double, testLoss: Double?,
    testAccuracy: Double, right: ImageFlags? = nil, learningRate: Double, consistency: Double,
    seconds: Double? = nil
  ) {
    self.epoch = epoch
    (self.trainingLoss, self.trainingAccuracy) = (trainingLoss, trainingAccuracy)
    (self.testLoss, self.testAccuracy, self.right) = (testLoss, testAccuracy, right)
    (self.learningRate, self.consistency, self.seconds) = (learningRate, consistency, seconds)
  }

  /// The records of the epochs that a failed training did not finish: what guessing among so many
  /// classes scores.
  package static func diverged(
    _ epochs: ClosedRange<Int>, classes: Int, plan: TrainingPlan
  ) -> [EpochRecord] {
    epochs.map { epoch in
      let (loss, accuracy) = (Double.log(Double(classes)), 1 / Double(classes))
      var record = EpochRecord(
        epoch: epoch, trainingLoss: loss, trainingAccuracy: accuracy, testLoss: loss,
        testAccuracy: accuracy, learningRate: plan.rate(epoch: epoch - 1, batch: 0, of: 1),
        consistency: plan.consistency(epoch: epoch - 1))
      record.isDiverged = true
      return record
    }
  }

  /// The record without its time: what two runs of one training have in common.
  public var withoutSeconds: EpochRecord {
    var copy = self
    copy.seconds = nil
    return copy
  }
}

/// The accuracies by which a training is reported.
public struct TrainingSummary: Sendable, Equatable {
  /// Test accuracy after the last epoch.
  public let finalTestAccuracy: Double
  /// The largest test accuracy of all epochs.
  ///
  /// Its epoch is chosen on the test set, so that it says more than the network would reach on
  /// images never looked at; report it as such, beside the others.
  public let bestTestAccuracy: Double
  /// The first epoch with that accuracy, from 1.
  public let bestEpoch: Int
  /// The mean test accuracy of the last epochs.
  public let meanOfLastTestAccuracy: Double
  /// How many epochs that mean is over: those asked for, or all.
  public let lastEpochs: Int
  /// Training accuracy in the last epoch.
  public let finalTrainingAccuracy: Double
  /// Training loss in the last epoch.
  public let finalTrainingLoss: Double
  /// Whether the training failed before its end.
  public let isDiverged: Bool

  /// The summary of a training; nothing where it has no epochs.
  ///
  /// - Parameters:
  ///   - records: In the order of epochs.
  ///   - lastEpochs: How many of the last epochs the mean is over, at least 1.
  public init?(_ records: [EpochRecord], lastEpochs: Int) {
    guard let last = records.last, let first = records.first else { return nil }
    let best = records.reduce(first) { $1.testAccuracy > $0.testAccuracy ? $1 : $0 }
    let tail = records.suffix(max(lastEpochs, 1))
    finalTestAccuracy = last.testAccuracy
    (bestTestAccuracy, bestEpoch) = (best.testAccuracy, best.epoch)
    meanOfLastTestAccuracy = tail.reduce(0) { $0 + $1.testAccuracy } / Double(tail.count)
    self.lastEpochs = tail.count
    (finalTrainingAccuracy, finalTrainingLoss) = (last.trainingAccuracy, last.trainingLoss)
    isDiverged = last.isDiverged ?? false
  }
}
