import ArgumentParser
import ExperimentSuite
import Foundation
import MLCSCKit
import MLCSCStudies

/// `mlcsc learn`: a multi-layer convolutional dictionary from the reader's own images.
struct Learn: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Learn a multi-layer convolutional dictionary from your own images.",
    discussion: """
      Minimises ‖y − D1…DL γ‖² over dictionaries of unit filters and codes with ‖γ‖₀ <= K by steps \
      on batches of images, coded by orthogonal matching pursuit. The filters of D2 … DL \
      lose their smallest entries from the second epoch to the sixth, and filters that resemble \
      each other are driven apart or replaced. Writes model.safetensors (for solve --model), history.csv and a picture \
      of the most used atoms of every layer to the output folder. Each finished epoch is kept \
      there: the same command goes on after an interruption, and with more epochs after the end.
      """)

  @Option(
    help: ArgumentHelp(
      "Images as .npy or .npz (N×H×W or N×C×H×W), or IDX.", valueName: "file"))
  var images: String

  @Option(help: ArgumentHelp("Where results and checkpoints go.", valueName: "folder"))
  var output: String

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("Filters of D1 … DL.", valueName: "count"))
  var filters: [Int] = [16, 32]

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("Sides of the square filters.", valueName: "n"))
  var kernels: [Int] = [7, 5]

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Distances between neighbouring positions of a filter.", valueName: "n"))
  var strides: [Int] = [2, 1]

  @Option(help: "K, the non-zeros of the deepest code of an image.")
  var sparsity = 10

  @Option(help: "How often every image is seen.")
  var epochs = 10

  @Option(help: "Images a step.")
  var batch = 50

  @Option(help: "The step of the filters.")
  var learningRate = 0.002

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The fewest and the most non-zeros of a filter of D2 … DL.", valueName: "count"))
  var nonzeros: [Int] = [3, 9]

  @Flag(help: "Leave the filters of D2 … DL dense.")
  var dense = false

  @Option(help: "Tells repetitions apart: first filters and orders of images hang on it.")
  var seed = 1

  @Flag(help: "Write no picture.")
  var noPlots = false

  mutating func validate() throws {
    let layers = filters.count
    for (name, values) in [("--kernels", kernels), ("--strides", strides)]
    where values.count != layers {
      throw ValidationError(
        "\(name): \(values.count) given, \(layers) needed (one a layer, as --filters has)")
    }
    for (name, values) in [
      ("--filters", filters), ("--kernels", kernels), ("--strides", strides),
      ("--sparsity", [sparsity]), ("--epochs", [epochs]), ("--batch", [batch]),
    ] {
      guard let wrong = values.first(where: { $0 < 1 }) else { continue }
      throw ValidationError("\(name) is \(wrong); it must be at least 1")
    }
    guard learningRate > 0, learningRate.isFinite else {
      throw ValidationError("--learning-rate is \(learningRate); it must be positive")
    }
    guard nonzeros.count == 2, nonzeros[0] >= 1, nonzeros[0] <= nonzeros[1] else {
      throw ValidationError(
        "--nonzeros is \(nonzeros.map(String.init).joined(separator: " ")); it must be two numbers, "
          + "the fewest, at least 1, and the most")
    }
  }

  func run() throws {
    for number in StopSignal.all { StopSignal.handle(number) { _ in Interruption.request() } }
    try ThreadAllowance.require(Parallelism.availableCores + 2)
    Parallelism.setWidth(Parallelism.availableCores)
    let folder = URL(fileURLWithPath: output)
    let stack = try ImageStack(MatrixFile.Place(images))
    var learner = try DictionaryLearning(
      geometries: ConvolutionGeometry.chain(
        channels: stack.channels, signalSize: stack.size, filterCounts: filters,
        kernelSizes: kernels, strides: strides),
      filterCounts: filters, settings: settings, streamNames: ["mlcsc learn", "\(seed)"])
    let deepest = try learner.model().deepestDimension
    guard sparsity <= deepest else {
      throw UsageError("--sparsity is \(sparsity), but the deepest code has \(deepest) entries")
    }
    try claim(folder, for: stack)
    let checkpoints = folder.appendingPathComponent("checkpoints")
    try LearningCheckpoint.resume(&learner, in: checkpoints)
    if learner.epoch > 0 { Terminal.note("mlcsc: going on after epoch \(learner.epoch)") }
    while learner.epoch < epochs {
      try learnEpoch(&learner, stack)
      try LearningCheckpoint.save(learner, in: checkpoints)
    }
    Terminal.clear()
    let report = try LearningReport(learner, stack)
    try report.write(to: folder, draws: !noPlots, made: metadata(stack, learner))
    StandardOutput.print(report.words(folder))
  }

  private var settings: DictionaryLearningSettings {
    // Fixed epochs, so that a learning with more epochs goes on from one with fewer.
    let limits = FilterLimits(
      least: nonzeros[0], most: nonzeros[1], threshold: 0.05, firstEpoch: 1, lastEpoch: 6)
    return DictionaryLearningSettings(
      batchSize: batch, sparsity: sparsity, learningRate: learningRate,
      filterLimits: filters.indices.map { $0 == 0 || dense ? nil : limits },
      coherence: CoherencePenalty(limit: 0.7, weight: 1), leastUses: 5, twinCoherence: 0.9,
      lastReplacement: 6)
  }

  private func learnEpoch(_ learner: inout DictionaryLearning, _ stack: ImageStack) throws {
    let count = stack.pixels.rows
    let (number, batches) = (learner.epoch + 1, (count + batch - 1) / batch)
    let error = learner.history.last.map { ", error \(rounded($0.relativeSquaredError))" } ?? ""
    var begun = 0
    try learner.learnEpoch(count: count, batch: { stack.pixels.gathering(rows: $0) }) {
      if Interruption.isRequested {
        Terminal.note("mlcsc: interrupted; \(learnt(number - 1)), and the same command goes on")
        throw Interrupted()
      }
      begun += 1
      Terminal.progress("epoch \(number) of \(epochs), batch \(begun) of \(batches)\(error)")
    }
  }

  private func learnt(_ epochs: Int) -> String {
    epochs == 1 ? "one epoch is kept" : "\(epochs) epochs are kept"
  }

  private func rounded(_ value: Double) -> String {
    value.formatted(.number.precision(.significantDigits(3)).locale(Locale(identifier: "en_US")))
  }

  // MARK: Whose folder it is

  /// What decides the learned filters, but the number of epochs.
  private struct Description: Codable, Equatable {
    let images: String
    let filters: [Int]
    let kernels: [Int]
    let strides: [Int]
    let sparsity: Int
    let batch: Int
    let learningRate: Double
    let nonzeros: [Int]?
    let seed: Int
  }

  /// Takes a folder for this learning, so that no other one goes on with its checkpoints.
  ///
  /// - Throws: `UsageError` where another learning has it.
  private func claim(_ folder: URL, for stack: ImageStack) throws {
    let mine = try JSONText.pretty(
      Description(
        images: stack.fingerprint, filters: filters, kernels: kernels, strides: strides,
        sparsity: sparsity, batch: batch, learningRate: learningRate,
        nonzeros: dense ? nil : nonzeros, seed: seed))
    let file = folder.appendingPathComponent("learning.json")
    if FileManager.default.fileExists(atPath: file.path) {
      guard try AtomicFile.read(file) == mine else {
        throw UsageError(
          "\(folder.path) holds what was learned from other images or with other settings, as "
            + "its learning.json says; name another --output, or remove it")
      }
    } else {
      try AtomicFile.write(mine, to: file)
    }
  }

  private func metadata(_ stack: ImageStack, _ learner: DictionaryLearning) -> [String: String] {
    [
      "made_by": "mlcsc learn", "epochs": "\(learner.epoch)", "images": "\(stack.pixels.rows)",
      "sparsity": "\(sparsity)", "data_sha256": stack.fingerprint, "seed": "\(seed)",
    ]
  }
}
