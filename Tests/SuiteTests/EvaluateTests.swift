// Claim: a file of trained weights says all that is needed to test it, and `mlcsc evaluate` finds the
// accuracy that was stored with it.
import Foundation
import MLCSCKit
import MLCSCStudies
import TestSupport
import Testing

struct EvaluateTests {
  struct Outcome: Decodable {
    let network: String
    let test_images: Int
    let accuracy: Double
    let loss: Double
    let stored_accuracy: Double?
  }

  /// Writes the weights of an untrained network as a training would, and the test's outcome.
  static func write<Architecture: NetworkArchitecture>(
    _ architecture: Architecture, _ data: ImageSource, to url: URL
  ) throws -> NetworkTest {
    let run = TrainingRun(
      data: data, testImages: 30, architecture: architecture,
      plan: TrainingPlan(
        batchSize: 10, epochs: 1,
        optimizer: .descent(momentum: 0.9, nesterov: false, weightDecay: 0), learningRate: 0.1,
        normalization: TrainingPlan.Normalization(
          means: data == .mnist || data == .embeddedMNIST ? [0.1] : [0.4, 0.5, 0.5],
          deviations: data == .mnist || data == .embeddedMNIST ? [0.3] : [0.2, 0.2, 0.3])),
      seed: 1)
    let images = try data.load()
    let network = try run.network(for: images, runSeed: 1)
    let test = try NetworkTest(
      network, run.plan, on: images.test, indices: images.test.balanced(30))
    let metadata = [
      "run": String(decoding: try JSONText.compact(run), as: UTF8.self),
      "test_accuracy_after_last_epoch": "\(test.accuracy)",
    ]
    try NetworkWeights.encoded(network, metadata: metadata).write(to: url)
    return test
  }

  @Test("weights that are not those of the list beside them are refused")
  func damaged() throws {
    let folder = try TemporaryFolder()
    _ = try Self.write(
      ResidualArchitecture(.resCSC, depth: 8), .smallEmbeddedCIFAR10, to: folder["a.safetensors"])
    var content = try Data(contentsOf: folder["a.safetensors"])
    let list = ["a.safetensors": Digest.sha256(content).description]
    try JSONEncoder().encode(list).write(to: folder["files.json"])
    func evaluate() throws -> ToolRun {
      try ToolRun(
        executable: "mlcsc", ["evaluate", folder["a.safetensors"].path], environment: [:])
    }
    #expect(try evaluate().status == 0)
    content[content.count - 5] ^= 0x40
    try content.write(to: folder["a.safetensors"])
    let run = try evaluate()
    #expect(run.status == 3 && run.errors.contains("its SHA-256 is not in"), "\(run.errors)")
  }

  @Test("a residual, a dense and an unfolded network are found and give what they gave")
  func accuracy() throws {
    let folder = try TemporaryFolder()
    let unfolded = UnfoldedArchitecture.document(
      signalSize: 28, filters: [4, 6, 8], .multiLayerISTA, unfoldings: 1)
    let written = [
      try Self.write(
        ResidualArchitecture(.resCSC, depth: 8), .smallEmbeddedCIFAR10, to: folder["a"]),
      try Self.write(
        DenseArchitecture(
          DenseModel(.mixedScale, 3, 1), width: 4, initialNorm: 1, initialStep: 0.1,
          layers: unfolded), .smallEmbeddedCIFAR10, to: folder["b"]),
      try Self.write(unfolded, .embeddedMNIST, to: folder["c"]),
    ]
    for (file, test) in zip(["a", "b", "c"], written) {
      let run = try ToolRun(
        executable: "mlcsc", ["evaluate", folder[file].path, "--json"], environment: [:])
      #expect(run.status == 0, "\(run.errors)")
      let outcome = try JSONDecoder().decode(Outcome.self, from: Data(run.output.utf8))
      #expect(outcome.test_images == 30 && outcome.stored_accuracy == test.accuracy)
      #expect(outcome.accuracy == test.accuracy)
      // The number of threads may differ, and with it the order of sums.
      #expect(abs(outcome.loss - test.loss) <= 1e-4 * test.loss)
    }
  }

  @Test("other images and other files are refused in words")
  func refusals() throws {
    let folder = try TemporaryFolder()
    _ = try Self.write(
      ResidualArchitecture(.plain, depth: 8), .smallEmbeddedCIFAR10, to: folder["w"])
    let other = try ToolRun(
      executable: "mlcsc", ["evaluate", folder["w"].path, "--data", "mnist-embedded"],
      environment: [:])
    #expect(other.status == 3 && other.errors.contains("has the shape"), "\(other.errors)")
    try SafeTensors(tensors: ["a": Tensor(zeros: 1)]).encoded(.float32).write(to: folder["x"])
    let foreign = try ToolRun(
      executable: "mlcsc", ["evaluate", folder["x"].path], environment: [:])
    #expect(foreign.status == 3 && foreign.errors.contains("no run"), "\(foreign.errors)")
  }
}
