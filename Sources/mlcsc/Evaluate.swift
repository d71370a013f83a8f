import ArgumentParser
import ExperimentSuite
import Foundation
import MLCSCKit
import MLCSCStudies

extension ImageSource: ExpressibleByArgument {}

/// `mlcsc evaluate`: a trained network on test images.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the accuracy and the loss of a trained network on test images.",
    discussion: """
      Weights are the .safetensors files that trainings keep beside their tables. Without options \
      the images are those that the training tested with, and the accuracy is the stored one, up \
      to the images whose two largest scores agree to rounding.
      """)

  @Argument(help: "The weights.")
  var weights: String

  @Option(help: "The images (default: those of the training).")
  var data: ImageSource?

  @Option(help: "How many test images, as many of each class (default: as in the training).")
  var testImages: Int?

  @Flag(
    help: """
      Store the weights below Results/networks, with what the test found; for those that an \
      experiment's results have, tested with all images.
      """)
  var store = false

  @Flag(help: "Print one JSON object.")
  var json = false

  mutating func validate() throws {
    if let testImages, testImages < 1 {
      throw ValidationError("--test-images is \(testImages); it must be at least 1")
    }
    if store, data != nil || testImages != nil {
      throw ValidationError(
        "--store takes what the training's own images say; leave --data and --test-images out")
    }
  }

  /// What is printed.
  private struct Outcome: Encodable {
    let network: String
    let parameters: Int
    let data: String
    let test_images: Int
    let accuracy: Double
    let loss: Double
    let stored_accuracy: Double?

    enum CodingKeys: String, CodingKey {
      case network, parameters, data, test_images, accuracy, loss, stored_accuracy
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(network, forKey: .network)
      try container.encode(parameters, forKey: .parameters)
      try container.encode(data, forKey: .data)
      try container.encode(test_images, forKey: .test_images)
      try container.encode(accuracy, forKey: .accuracy)
      try container.encode(loss, forKey: .loss)
      try container.encode(stored_accuracy, forKey: .stored_accuracy)  // null, not absent
    }
  }

  func run() throws {
    try ThreadAllowance.require(Parallelism.availableCores + 2)
    Parallelism.setWidth(Parallelism.availableCores)
    var loaded: ImageSet?
    let trained = try TrainedNetwork(URL(fileURLWithPath: weights)) { source in
      let set = try (data ?? source).load()
      loaded = set
      guard set.classes == source.classes else {
        throw UsageError(
          "\(weights) tells \(source.classes) classes apart, but \((data ?? source).rawValue) has "
            + "\(set.classes)")
      }
      return (set.test.channels, set.test.size)
    }
    guard let images = loaded else { return }
    let isSame = data == nil || data == trained.data
    let count = testImages ?? (isSame ? trained.testImages : nil)
    let test = try NetworkTest(
      trained.network, trained.plan, on: images.test,
      indices: count.map { images.test.balanced($0, classes: images.classes) })
    if store {
      let row = try StoredNetworks(root: Catalogue().root).store(
        URL(fileURLWithPath: weights), trained, test)
      Terminal.note("stored: Results/networks/\(row.file)")
    }
    let isStored = isSame && (testImages == nil || testImages == trained.testImages)
    let outcome = Outcome(
      network: trained.name, parameters: trained.network.parameterCount,
      data: (data ?? trained.data).rawValue, test_images: test.right.count,
      accuracy: test.accuracy, loss: test.loss,
      stored_accuracy: isStored ? trained.storedAccuracy : nil)
    if json {
      StandardOutput.print(String(decoding: try JSONText.pretty(outcome), as: UTF8.self))
    } else {
      StandardOutput.print(words(outcome))
    }
  }

  private func words(_ outcome: Outcome) -> String {
    func percent(_ share: Double) -> String { "\((share * 10_000).rounded() / 100) %" }
    let stored = outcome.stored_accuracy.map { " (stored: \(percent($0)))" } ?? ""
    return """
      network      \(outcome.network), \(outcome.parameters) parameters
      images       \(outcome.test_images) of the test images of \(outcome.data)
      accuracy     \(percent(outcome.accuracy))\(stored)
      loss         \(outcome.loss)
      """
  }
}
