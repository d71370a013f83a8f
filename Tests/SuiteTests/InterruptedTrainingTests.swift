// Claim: an experiment that trains networks, stopped or killed in the middle of a training, goes on
// from its checkpoint and ends with the same curves and the same weights, to the bit.
import Foundation
import TestSupport
import Testing

@Suite(.serialized)
struct InterruptedTrainingTests {
  static let experiment = "mlbp-fig3-mnist-unfolding"
  /// Two trainings of 150 batches each, and three short ones.
  static let arguments =
    ["--profile", "smoke", "--no-plots", "--jobs", "1"]
    + [
      "seeds=1", "unfoldings=1", "document.digits.trainingImages=1000",
      "document.digits.testImages=100", "document.digits.plan.batchSize=20",
      "document.digits.plan.epochs=3",
    ].flatMap { ["--set", $0] }

  /// The curves and all weights.
  private func results(_ checkout: TestCheckout) throws -> [String: Data] {
    let folder = checkout.folder["Results/custom/\(Self.experiment)"]
    var files = [String: Data]()
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
    where name == "curves.csv" || name.hasSuffix(".safetensors") {
      files[name] = try Data(contentsOf: folder.appendingPathComponent(name))
    }
    return files
  }

  /// Whether a training has a checkpoint and is not finished.
  private func hasCheckpoint(_ checkout: TestCheckout) -> Bool {
    let cache = checkout.folder["Results/.cache/network-training"].path
    let paths = (try? FileManager.default.subpathsOfDirectory(atPath: cache)) ?? []
    return paths.contains { $0.contains(".checkpoints/training-") }
  }

  @Test("stopped or killed, then run again: the same bits", arguments: [SIGINT, SIGTERM, SIGKILL])
  func resumption(_ signal: Int32) throws {
    let whole = try TestCheckout()
    let reference = try whole.run(Self.experiment, Self.arguments)
    #expect(reference.status == 0, "\(reference.errors)")
    let expected = try results(whole)
    #expect(expected.count == 6)
    let checkout = try TestCheckout()
    let tool = try checkout.start(Self.experiment, Self.arguments)
    while tool.isRunning, !hasCheckpoint(checkout) { sched_yield() }
    tool.send(signal)
    let stopped = try tool.finish()
    if signal != SIGKILL {
      #expect(stopped.status == 130)
      #expect(stopped.errors.contains("interrupted"), "\(stopped.errors)")
    }
    #expect(hasCheckpoint(checkout))
    let resumed = try checkout.run(Self.experiment, Self.arguments)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try results(checkout) == expected)
  }
}
