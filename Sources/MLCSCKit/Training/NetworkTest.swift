/// How a network does on images that it was not trained with.
public struct NetworkTest: Sendable {
  /// The mean cross entropy.
  public let loss: Double
  /// Which images are classified rightly, in their order.
  public let right: [Bool]

  /// The share of images that are classified rightly.
  public var accuracy: Double { Double(right.count { $0 }) / Double(right.count) }

  /// Tests a network in inference mode, as training with a plan does after its last epoch.
  ///
  /// - Parameters:
  ///   - network: With its weights.
  ///   - plan: Its batch size, its scaling of images and its ρ are used.
  ///   - images: Images to test with.
  ///   - indices: Which of them, all if absent.
  ///   - engine: What computes the convolutions.
  /// - Throws: `ModelError.parameterOutOfRange` where these do not fit.
  public init(
    _ network: any Network<Float>, _ plan: TrainingPlan, on images: LabelledImages,
    indices: [Int]? = nil, engine: any ConvolutionEngine<Float> = OneDNNConvolution()
  ) throws {
    let tests = try MiniBatches(
      images, indices: indices, size: 1, normalization: plan.normalization?.inSinglePrecision,
      seed: "test")
    (loss, right) = try network.test(
      on: tests, batchSize: plan.batchSize, tape: Tape<Float>(engine: engine),
      consistency: plan.consistency(epoch: max(plan.trainedEpochs, 1) - 1)
    ) {}
  }
}

extension Network<Float> {
  /// The mean cross entropy of a batch and which of its images are classified rightly.
  ///
  /// A function of its own, so that no activation stays alive in a local variable.
  func loss(
    of batch: MiniBatches.Batch, on tape: Tape<Float>, _ pass: ForwardPass
  ) -> (Variable<Float>, right: [Bool]) {
    let scores = scores(of: tape.input(batch.images), on: tape, pass)
    let right = ClassifierKernels.areRight(
      batch.labels.count, scores.value.channels, scores.value.values, batch.labels)
    return (tape.crossEntropy(scores, labels: batch.labels), right)
  }

  /// The mean cross entropy of many images in inference mode, and which are classified rightly.
  ///
  /// - Parameters:
  ///   - tests: The images.
  ///   - batchSize: Images at a time.
  ///   - tape: On which nothing is recorded.
  ///   - consistency: ρ.
  ///   - interrupted: Called after every batch.
  /// - Returns: The loss, and one flag an image.
  /// - Throws: What `interrupted` throws.
  func test(
    on tests: MiniBatches, batchSize: Int, tape: Tape<Float>, consistency: Double,
    interrupted: () throws -> Void
  ) throws -> (loss: Double, right: [Bool]) {
    let pass = ForwardPass(isTraining: false, consistency: consistency)
    let all = tests.indices
    var (sum, allRight) = (0.0, [Bool]())
    for first in stride(from: 0, to: all.count, by: batchSize) {
      let batch = tests.unchanged(Array(all[first..<min(first + batchSize, all.count)]))
      let (loss, right) = tape.withoutRecording {
        let (loss, right) = self.loss(of: batch, on: tape, pass)
        return (Double(loss.value.values[0]), right)
      }
      sum += loss * Double(batch.labels.count)
      allRight += right
      try interrupted()
    }
    return (sum / Double(all.count), allRight)
  }
}
