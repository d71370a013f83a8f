import Foundation

/// Trains a network by a plan and tests it after every epoch.
///
/// The next mini-batch is made on another thread while the present one is used. All state is in
/// `TrainingCheckpoint`s, saved after every epoch, every few minutes within one and when the
/// training is interrupted; a training that goes on from one, with the same number of threads, ends
/// with the same bits as one that was never interrupted.
public final class Trainer {
  /// The network, trained as far as `records` says.
  public let network: any Network<Float>
  /// How it is trained.
  public let plan: TrainingPlan
  /// The epochs that are done.
  public var records: [EpochRecord] { position.records }

  private let batches: MiniBatches
  private let tests: MiniBatches
  private let fingerprint: String
  private let tape: Tape<Float>
  private let optimizer: any Optimizer<Float>
  private var position = TrainingPosition()

  /// A training that has not begun.
  ///
  /// - Parameters:
  ///   - network: With its first weights.
  ///   - plan: How it is trained.
  ///   - training: Images to learn from.
  ///   - indices: Which of them, all if absent.
  ///   - test: Images to test with.
  ///   - testIndices: Which of them, all if absent.
  ///   - seed: Names the stream of orders and changes of images.
  ///   - identity: What tells this training from others whose parameters have the same names and
  ///     shapes: checkpoints of another identity are not taken.
  ///   - engine: What computes the convolutions.
  /// - Throws: `ModelError.parameterOutOfRange` where these do not fit.
  public init(
    _ network: any Network<Float>, plan: TrainingPlan, training: LabelledImages,
    indices: [Int]? = nil, test: LabelledImages, testIndices: [Int]? = nil, seed: String,
    identity: String = "", engine: any ConvolutionEngine<Float> = OneDNNConvolution()
  ) throws {
    try plan.validate()
    let normalization = plan.normalization?.inSinglePrecision
    (self.network, self.plan) = (network, plan)
    batches = try MiniBatches(
      training, indices: indices, size: plan.batchSize, augmentation: plan.augmentation,
      normalization: normalization, seed: seed)
    tests = try MiniBatches(
      test, indices: testIndices, size: 1, normalization: normalization, seed: seed)
    tape = Tape<Float>(engine: engine)
    optimizer = plan.optimizer.make(decayingWeightsAlone: plan.decaysWeightsAlone ?? false)
    fingerprint = try Self.fingerprint(network, plan, [batches, tests], seed, identity)
  }

  /// Trains until the plan's epochs are done, from the newest whole checkpoint where there is one.
  ///
  /// - Parameter surroundings: Folder, clock, and whom to tell.
  /// - Returns: One record an epoch.
  /// - Throws: `TrainingError` where a loss is not finite, what `checkInterruption` throws after a
  ///   checkpoint was saved, `FileError.notWritten`.
  @discardableResult
  public func train(
    _ surroundings: TrainingSurroundings = TrainingSurroundings()
  ) throws -> [EpochRecord] {
    resume(surroundings)
    let start = (position.epoch * batches.count + position.batch, surroundings.seconds())
    var reporter = TrainingReporter(
      epochs: plan.trainedEpochs, batches: batches.count, batchSize: plan.batchSize, begun: start.0,
      at: start.1)
    while position.epoch < plan.trainedEpochs {
      try trainEpoch(surroundings, &reporter)
      let (loss, right) = try test(surroundings)
      let rate = plan.rate(
        epoch: position.epoch, batch: batches.count - 1, of: batches.count)
      guard loss.isFinite else {
        throw TrainingError.testLossNotFinite(
          loss: loss, epoch: position.epoch + 1, learningRate: rate)
      }
      position.finishEpoch(
        EpochRecord(
          epoch: position.epoch + 1, trainingLoss: position.lossSum / Double(position.seen),
          trainingAccuracy: Double(position.correct) / Double(position.seen), testLoss: loss,
          testAccuracy: Double(right.count { $0 }) / Double(right.count),
          right: ImageFlags(right), learningRate: rate,
          consistency: plan.consistency(epoch: position.epoch), seconds: position.seconds))
      try save(surroundings)
    }
    return records
  }

  /// The batches of the present epoch that were not used yet.
  private func trainEpoch(
    _ surroundings: TrainingSurroundings, _ reporter: inout TrainingReporter
  ) throws {
    let (epoch, count) = (position.epoch, batches.count)
    let prefetcher = BatchPrefetcher(batches, epoch: epoch)
    let pass = ForwardPass(isTraining: true, consistency: plan.consistency(epoch: epoch))
    var last = surroundings.seconds()
    var saved = last
    while position.batch < count {
      let rate = plan.rate(epoch: epoch, batch: position.batch, of: count)
      let (loss, correct) = step(prefetcher.batch(position.batch), rate: rate, pass)
      guard loss.isFinite else {
        throw TrainingError.lossNotFinite(
          loss: loss, epoch: epoch + 1, batch: position.batch + 1, batches: count,
          learningRate: rate)
      }
      position.batch += 1
      position.lossSum += loss * Double(plan.batchSize)
      position.correct += correct
      position.seen += plan.batchSize
      let now = surroundings.seconds()
      position.seconds += now - last
      last = now
      reporter.report(position, at: now, surroundings.progress)
      try stopIfAsked(surroundings)
      if now - saved >= surroundings.checkpointInterval, position.batch < count {
        try save(surroundings)
        saved = surroundings.seconds()
        last = saved
      }
    }
  }

  /// One step of the optimiser.
  ///
  /// - Returns: The mean loss of the batch before the step; where it is not finite no step is made.
  private func step(
    _ batch: MiniBatches.Batch, rate: Double, _ pass: ForwardPass
  ) -> (loss: Double, correct: Int) {
    let (loss, right) = network.loss(of: batch, on: tape, pass)
    let (value, correct) = (Double(loss.value.values[0]), right.count { $0 })
    guard value.isFinite else {
      tape.reset()
      return (value, correct)
    }
    optimizer.step(network.parameters, tape.backward(from: loss), rate: Float(rate))
    return (value, correct)
  }

  /// Tests the network in inference mode, with the present epoch's ρ.
  private func test(_ surroundings: TrainingSurroundings) throws -> (Double, right: [Bool]) {
    try network.test(
      on: tests, batchSize: plan.batchSize, tape: tape,
      consistency: plan.consistency(epoch: position.epoch)
    ) { try stopIfAsked(surroundings) }
  }
}

// MARK: - Checkpoints

extension Trainer {
  private func stopIfAsked(_ surroundings: TrainingSurroundings) throws {
    do {
      try surroundings.checkInterruption()
    } catch {
      try save(surroundings)
      throw error
    }
  }

  private func save(_ surroundings: TrainingSurroundings) throws {
    guard let folder = surroundings.checkpoints else { return }
    position.sequence += 1
    position.threads = Parallelism.width
    try TrainingCheckpointFiles(folder: folder).save(
      TrainingCheckpoint(
        position: position, fingerprint: fingerprint,
        tensors: NetworkWeights.tensors(of: network, prefixed: true)
          .merging(optimizer.state.map { ("optimizer/\($0)", $1) }) { $1 }))
  }

  private func resume(_ surroundings: TrainingSurroundings) {
    guard let folder = surroundings.checkpoints,
      let checkpoint = TrainingCheckpointFiles(folder: folder)
        .newest(fingerprint: fingerprint, note: surroundings.note),
      NetworkWeights.restore(checkpoint.tensors, to: network, prefixed: true) == nil
    else { return }
    let prefix = "optimizer/"
    var state = [String: Tensor<Float>]()
    for (name, tensor) in checkpoint.tensors where name.hasPrefix(prefix) {
      state[String(name.dropFirst(prefix.count))] = tensor
    }
    optimizer.state = state
    position = checkpoint.position
    if let threads = position.threads, threads != Parallelism.width {
      surroundings.note(
        "the training goes on with \(Parallelism.width) threads, where its checkpoint was made with "
          + "\(threads): the last digits may differ from those of an uninterrupted one")
    }
  }

  /// A digest of what a checkpoint must agree with: plan, seed, network, and which images.
  private static func fingerprint(
    _ network: any Network<Float>, _ plan: TrainingPlan, _ sets: [MiniBatches], _ seed: String,
    _ identity: String
  ) throws -> String {
    let hasher = Digest.Hasher(.sha256)
    hasher.update(try JSONText.compact(plan))
    hasher.update(try JSONText.compact([seed, identity]))
    hasher.update(
      try JSONText.compact(
        NetworkWeights.tensors(of: network, prefixed: true).mapValues(\.shape)))
    for set in sets {
      hasher.update(try JSONText.compact(set.indices))
      hasher.update(Data(set.images.labels))
      hasher.update(Data(set.images.pixels.prefix(1 << 20)))
    }
    return hasher.finalize().description
  }
}
