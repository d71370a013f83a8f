// Claim: a trainer learns, counts rightly, stops where a loss is not finite, and a training that was
// interrupted at any batch, or whose newest checkpoint is damaged, ends with the same bits.
import Foundation
import MLCSCKit
import TestSupport
import Testing

/// Scores that are one pixel each, times a parameter: what is right can be seen in the image.
final class PixelNetwork: Network {
  let parameters = [Parameter<Float>("gain", Tensor(shape: [1], repeating: 1))]
  private let failsAt: Int?
  private var passes = 0

  /// A network whose scores are no numbers in some pass, counted from 1.
  init(failsAt: Int? = nil) { self.failsAt = failsAt }

  func scores(
    of images: Variable<Float>, on tape: Tape<Float>, _ pass: ForwardPass
  ) -> Variable<Float> {
    passes += 1
    let scores = tape.scale(tape.globalAveragePool(images), by: tape.variable(parameters[0]))
    return passes == failsAt
      ? tape.scale(scores, by: tape.input(Tensor(shape: [1], elements: [.infinity]))) : scores
  }
}

struct TrainerTests {
  /// Images of 6 × 6 in three classes: horizontal stripes, vertical stripes, spots, with noise.
  static func images(_ count: Int, seed: String) -> LabelledImages {
    var stream = RandomStream("stripes", seed)
    var (pixels, labels) = ([UInt8](), [UInt8]())
    for i in 0..<count {
      for y in 0..<6 {
        for x in 0..<6 {
          let bright = [y % 2 == 0, x % 2 == 0, (x + y) % 2 == 0][i % 3]
          pixels.append(UInt8((bright ? 160 : 60) + stream.index(below: 60)))
        }
      }
      labels.append(UInt8(i % 3))
    }
    return LabelledImages(pixels: pixels, labels: labels, channels: 1, size: .square(6))
  }

  static let plans = [
    TrainingPlan(
      batchSize: 8, epochs: 3, optimizer: .adam(epsilon: 1e-8), learningRate: 0.01,
      consistency: ConsistencySchedule(), augmentation: .init(translation: 1, flips: true)),
    TrainingPlan(
      batchSize: 8, epochs: 3,
      optimizer: .descent(momentum: 0.9, nesterov: true, weightDecay: 1e-4), learningRate: 0.1,
      schedule: .oneCycle(start: 0.1, rise: 0.3, end: 0),
      normalization: .init(means: [0.5], deviations: [0.25])),
  ]

  static func trainer(
    _ network: any Network<Float>, _ plan: TrainingPlan, seed: String = "1", identity: String = ""
  ) throws -> Trainer {
    // Other tests change the number of threads, on which oneDNN's last bits depend.
    try Trainer(
      network, plan: plan, training: images(36, seed: "training"), test: images(21, seed: "test"),
      seed: seed, identity: identity, engine: ReferenceConvolution())
  }

  @Test(
    "a training that is cut off is the beginning of the whole one: rates, ρ and losses",
    arguments: plans)
  func cut(_ plan: TrainingPlan) throws {
    let whole = try Self.trainer(SmallNetwork(), plan).train()
    var plan = plan
    plan.cutAfter = 2
    let found = try Self.trainer(SmallNetwork(), plan).train()
    #expect(found.map(\.withoutSeconds) == whole.prefix(2).map(\.withoutSeconds))
    plan.cutAfter = 5
    #expect(try Self.trainer(SmallNetwork(), plan).train().count == whole.count)
  }

  @Test("weights of a training that was cut off are tested with the ρ of its last epoch")
  func testOfCut() throws {
    let digits = try MNIST.embedded()
    let (training, test) = (digits.training[0..<20], digits.test[0..<30])
    let plan = TrainingPlan(
      batchSize: 10, epochs: 100, optimizer: .adam(epsilon: 1e-4), learningRate: 1e-3,
      consistency: ConsistencySchedule(), cutAfter: 2)
    let network = try UnfoldedNetwork<Float>(
      .document(signalSize: 28, filters: [2, 3, 4], .multiLayerISTA, unfoldings: 2), channels: 1,
      size: .square(28), classes: 10, stream: RandomStream("cut"))
    let records = try Trainer(
      network, plan: plan, training: training, test: test, seed: "1",
      engine: ReferenceConvolution()
    ).train()
    let last = try #require(records.last)
    // The whole plan ends near ρ = 1; the first two epochs are at nearly 0.
    #expect(last.consistency < 0.01)
    let again = try NetworkTest(network, plan, on: test, engine: ReferenceConvolution())
    let loss = try #require(last.testLoss)
    #expect(abs(again.loss - loss) < 1e-6 * loss)
    #expect(abs(again.accuracy - last.testAccuracy) < 1e-12)
    var whole = plan
    whole.cutAfter = nil
    let other = try NetworkTest(network, whole, on: test, engine: ReferenceConvolution())
    #expect(abs(other.loss - loss) > 1e-3 * loss)
  }

  private struct Stop: Error {}

  /// Surroundings that stop the training at the given call of the check, counted from 1.
  private func surroundings(
    _ folder: TemporaryFolder, stopAt: Int? = nil, interval: Double = .infinity,
    notes: Notes = Notes()
  ) -> TrainingSurroundings {
    var calls = 0
    var clock = 0.0
    return TrainingSurroundings(
      checkpoints: folder.url, checkpointInterval: interval,
      seconds: {
        clock += 1
        return clock
      },
      checkInterruption: {
        calls += 1
        if calls == stopAt { throw Stop() }
      }, note: { if !$0.contains("threads") { notes.lines.append($0) } })
  }

  private final class Notes {
    var lines = [String]()
  }

  @Test("a separable problem is learned: the loss falls and the test is right", arguments: plans)
  func learning(_ plan: TrainingPlan) throws {
    var plan = plan
    plan.epochs = 30
    plan.augmentation = .init()
    let trainer = try Self.trainer(SmallNetwork(), plan)
    let records = try trainer.train()
    #expect(records.map(\.epoch) == Array(1...30))
    #expect(records[29].trainingLoss < 0.5 * records[0].trainingLoss)
    #expect(records[29].testAccuracy > 0.95, "\(records[29])")
  }

  @Test(
    "interrupted at any batch or test, a training ends with the bits of one that was not",
    arguments: plans)
  func resumption(_ plan: TrainingPlan) throws {
    let whole = try SmallNetwork()
    let expected = try Self.trainer(whole, plan).train()
    // Per epoch four batches of training and three of test.
    for stop in 1...21 {
      let folder = try TemporaryFolder()
      #expect(throws: Stop.self) {
        try Self.trainer(SmallNetwork(), plan).train(surroundings(folder, stopAt: stop))
      }
      let network = try SmallNetwork()
      let found = try Self.trainer(network, plan).train(surroundings(folder))
      #expect(found.map(\.withoutSeconds) == expected.map(\.withoutSeconds), "stopped at \(stop)")
      #expect(network.numbers == whole.numbers, "stopped at \(stop)")
    }
  }

  @Test("stopped again and again, the training still ends with the same bits")
  func manyStops() throws {
    let whole = try SmallNetwork()
    let expected = try Self.trainer(whole, Self.plans[0]).train()
    let folder = try TemporaryFolder()
    var stops = 0
    while true {
      let network = try SmallNetwork()
      do {
        // A test, of three batches, begins again where it was interrupted.
        let found = try Self.trainer(network, Self.plans[0]).train(
          surroundings(folder, stopAt: 4))
        #expect(found.map(\.withoutSeconds) == expected.map(\.withoutSeconds))
        #expect(network.numbers == whole.numbers)
        break
      } catch is Stop {
        stops += 1
        try #require(stops < 100)
      }
    }
    #expect(stops > 4)
  }

  @Test(
    "killed between checkpoints, with the newest one damaged, the training goes on from the other",
    arguments: ["truncated", "flipped", "empty", "flipped header"])
  func damage(_ kind: String) throws {
    let plan = Self.plans[0]
    let whole = try SmallNetwork()
    let expected = try Self.trainer(whole, plan).train()
    let folder = try TemporaryFolder()
    // A checkpoint every other batch or so, then a stop, which saves one more.
    #expect(throws: Stop.self) {
      try Self.trainer(SmallNetwork(), plan).train(
        surroundings(folder, stopAt: 10, interval: 2))
    }
    #expect(folder.names == ["training-a.safetensors", "training-b.safetensors"])
    let dates = try folder.names.map { name in
      try #require(
        FileManager.default.attributesOfItem(atPath: folder[name].path)[.modificationDate]
          as? Date)
    }
    let newest = folder[folder.names[dates[0] > dates[1] ? 0 : 1]]
    var content = try Data(contentsOf: newest)
    switch kind {
    case "truncated": content = content.prefix(content.count / 2)
    case "flipped": content[content.count - 5] ^= 1
    case "flipped header": content[40] ^= 1
    default: content = Data()
    }
    try content.write(to: newest)
    let (network, notes) = (try SmallNetwork(), Notes())
    let found = try Self.trainer(network, plan).train(surroundings(folder, notes: notes))
    #expect(found.map(\.withoutSeconds) == expected.map(\.withoutSeconds))
    #expect(network.numbers == whole.numbers)
    #expect(notes.lines.count == 1, "\(notes.lines)")
    #expect(notes.lines[0].contains(newest.lastPathComponent))
    #expect(notes.lines[0].contains("goes on from the checkpoint in epoch 2"), "\(notes.lines)")
  }

  @Test("with both checkpoints damaged the training begins again")
  func bothDamaged() throws {
    let folder = try TemporaryFolder()
    for name in ["a", "b"] {
      try Data("nothing".utf8).write(to: folder["training-\(name).safetensors"])
    }
    let notes = Notes()
    let found = try Self.trainer(SmallNetwork(), Self.plans[0]).train(
      surroundings(folder, notes: notes))
    #expect(found.count == 3)
    #expect(notes.lines.count == 2 && notes.lines.allSatisfy { $0.contains("the beginning") })
  }

  @Test(
    "a checkpoint of another plan, seed, identity or network is not taken",
    arguments: ["plan", "seed", "identity", "network"])
  func foreign(_ kind: String) throws {
    let folder = try TemporaryFolder()
    try Self.trainer(SmallNetwork(), Self.plans[0]).train(surroundings(folder))
    var plan = Self.plans[0]
    if kind == "plan" { plan.learningRate *= 2 }
    func other() throws -> (SmallNetwork, Trainer) {
      let network = try SmallNetwork()
      return (
        network,
        try Self.trainer(
          network, plan, seed: kind == "seed" ? "2" : "1",
          identity: kind == "identity" ? "other" : "")
      )
    }
    let notes = Notes()
    if kind == "network" {
      let images = Self.images(36, seed: "training")
      let trainer = try Trainer(
        PixelNetwork(), plan: plan, training: Self.channels(images.labels),
        test: Self.channels([1]),
        seed: "1")
      try trainer.train(surroundings(folder, notes: notes))
    } else {
      let (alone, first) = try other()
      let expected = try first.train()
      let (network, second) = try other()
      let found = try second.train(surroundings(folder, notes: notes))
      #expect(found.map(\.withoutSeconds) == expected.map(\.withoutSeconds))
      #expect(network.numbers == alone.numbers)
    }
    #expect(notes.lines.count == 2 && notes.lines.allSatisfy { $0.contains("another training") })
  }

  /// Images of one pixel and three channels, the brightest at the label's channel.
  private static func channels(_ labels: [UInt8]) -> LabelledImages {
    LabelledImages(
      pixels: labels.flatMap { label in (0..<3).map { $0 == label ? 255 : 0 } }, labels: labels,
      channels: 3, size: .square(1))
  }

  @Test("loss and accuracy are those of brute force, also where the last batch is not full")
  func counting() throws {
    var stream = RandomStream("counting")
    let pixels = (0..<3 * 17).map { _ in UInt8(stream.index(below: 256)) }
    let labels = (0..<17).map { _ in UInt8(stream.index(below: 3)) }
    let images = LabelledImages(pixels: pixels, labels: labels, channels: 3, size: .square(1))
    var (right, loss) = (0, 0.0)
    for i in 0..<17 {
      let scores = (0..<3).map { Double(pixels[3 * i + $0]) / 255 }
      right += scores.firstIndex(of: scores.max() ?? 0) == Int(labels[i]) ? 1 : 0
      loss += log(scores.reduce(0) { $0 + exp($1) }) - scores[Int(labels[i])]
    }
    // A rate so small that the gain stays 1 in single precision.
    let plan = TrainingPlan(
      batchSize: 5, epochs: 1, optimizer: .descent(momentum: 0, nesterov: false, weightDecay: 0),
      learningRate: 1e-30)
    let trainer = try Trainer(
      PixelNetwork(), plan: plan, training: images, indices: Array(0..<5), test: images, seed: "1")
    let record = try #require(try trainer.train().first)
    #expect(abs(record.testAccuracy - Double(right) / 17) < 1e-12)
    // Single precision of the scores.
    #expect(try abs(#require(record.testLoss) - loss / 17) < 1e-6)
    var seen = 0
    for i in 0..<5 {
      let scores = (0..<3).map { pixels[3 * i + $0] }
      seen += scores.firstIndex(of: scores.max() ?? 0) == Int(labels[i]) ? 1 : 0
    }
    #expect(abs(record.trainingAccuracy - Double(seen) / 5) < 1e-12)
  }

  @Test("a loss that is not finite stops with epoch, batch and learning rate; exit code 4")
  func notFinite() throws {
    let images = Self.channels([0, 1, 2, 0, 1, 2, 1, 2])
    let plan = TrainingPlan(
      batchSize: 2, epochs: 3, optimizer: .adam(epsilon: 1e-8), learningRate: 0.5,
      schedule: .steps(at: [1], factor: 0.5))
    // An epoch is four batches of training, then four of test: the seventh batch of training.
    func error(_ pass: Int) throws -> TrainingError? {
      let trainer = try Trainer(
        PixelNetwork(failsAt: pass), plan: plan, training: images, test: images, seed: "1")
      return #expect(throws: TrainingError.self) { try trainer.train() }
    }
    let training = try #require(try error(11))
    #expect(
      training.description.hasPrefix(
        "the training loss became not a number in epoch 2, batch 3 of 4, at the learning rate 0.25")
    )
    #expect(training.failureKind == .computation)
    let test = try #require(try error(14))
    #expect(
      test.description.hasPrefix(
        "the test loss became not a number after epoch 2, whose learning rate ended at 0.25"))
  }

  @Test("plans that cannot be are refused with what would be right")
  func refusals() throws {
    func check(_ text: String, _ change: (inout TrainingPlan) -> Void) {
      var plan = Self.plans[0]
      change(&plan)
      let error = #expect(throws: ModelError.self) { try Self.trainer(SmallNetwork(), plan) }
      #expect(error?.description.contains(text) == true, "\(String(describing: error))")
    }
    check("epochs is 0; it must be at least 1") { $0.epochs = 0 }
    check("epochs until the cut is 0; it must be at least 1") { $0.cutAfter = 0 }
    check("learning rate is") { $0.learningRate = 0 }
    check("learning rate is") { $0.learningRate = .nan }
    check("batch size is 37") { $0.batchSize = 37 }
    check("momentum is 1.0") {
      $0.optimizer = .descent(momentum: 1, nesterov: false, weightDecay: 0)
    }
    check("normalization") { $0.normalization = .init(means: [0, 0], deviations: [1, 1]) }
  }

  @Test("the progress line has epoch, images a second, loss, accuracy and time left")
  func progress() throws {
    var lines = [(Double, String)]()
    var clock = 0.0
    let surroundings = TrainingSurroundings(
      seconds: {
        clock += 1
        return clock
      }, progress: { lines.append(($0, $1)) })
    try Self.trainer(SmallNetwork(), Self.plans[0]).train(surroundings)
    #expect(lines.count == 12)
    #expect(lines.map(\.0) == lines.map(\.0).sorted() && lines[11].0 == 1)
    // One second a call of the clock, one call a batch.
    let pattern = /epoch 2\/3, 8 images\/s, loss [0-9.]+, accuracy [0-9.]+ %, [0-9]+ s left/
    #expect(lines[5].1.wholeMatch(of: pattern) != nil, "\(lines[5].1)")
  }

  @Test("final, best and mean-of-last accuracies are kept apart")
  func summary() throws {
    let records = zip(1..., [0.2, 0.9, 0.9, 0.6, 0.8]).map {
      EpochRecord(
        epoch: $0, trainingLoss: 1, trainingAccuracy: 0.5, testLoss: 1, testAccuracy: $1,
        learningRate: 1, consistency: 1)
    }
    let summary = try #require(TrainingSummary(records, lastEpochs: 3))
    #expect(summary.finalTestAccuracy == 0.8)
    #expect(summary.bestTestAccuracy == 0.9 && summary.bestEpoch == 2)
    #expect(abs(summary.meanOfLastTestAccuracy - (0.9 + 0.6 + 0.8) / 3) < 1e-15)
    #expect(TrainingSummary(records, lastEpochs: 9)?.lastEpochs == 5)
    #expect(TrainingSummary([], lastEpochs: 1) == nil)
  }
}
