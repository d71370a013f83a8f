/// How far a training is: all of its state that is not in tensors.
struct TrainingPosition: Codable, Equatable {
  /// The epoch under way, from 0; the plan's number of epochs where all are done.
  var epoch = 0
  /// The batches of that epoch that were used.
  var batch = 0
  /// The sum of the losses of the images seen in it.
  var lossSum = 0.0
  /// How many of them were classified rightly.
  var correct = 0
  /// How many images were seen in it.
  var seen = 0
  /// The time spent in it.
  var seconds = 0.0
  /// The epochs that are done.
  var records = [EpochRecord]()
  /// The number of the checkpoint that holds this.
  var sequence = 0
  /// The number of threads that it was trained with.
  var threads: Int?

  /// Begins the next epoch.
  mutating func finishEpoch(_ record: EpochRecord) {
    records.append(record)
    (epoch, batch, lossSum, correct, seen, seconds) = (epoch + 1, 0, 0, 0, 0, 0)
  }
}
