import Foundation
import MLCSCKit

/// Everything that was measured.
struct Report: Encodable {
  let threads: Int
  let repetitions: Int
  /// Why NumPy did not run, if so.
  var skipped: String?
  var multiLayer = [MultiLayerBenchmark.Result]()
  var exact = [ExactBenchmark.Result]()
  var convolution = [ConvolutionResult]()
  /// The peers' versions by name, as far as they ran.
  var versions = [String: String]()
  var lasso = [LassoBenchmark.Result]()
  var greedy = [GreedyBenchmark.Result]()
  var training = [TrainingBenchmark.Result]()
  var depth = [DepthBenchmark.Result]()

  init(threads: Int, repetitions: Int) {
    self.threads = threads
    self.repetitions = repetitions
  }

  /// The report as JSON.
  func json() throws -> String {
    String(decoding: try JSONText.pretty(self), as: UTF8.self)
  }

  /// The report as tables.
  func table() -> String {
    var lines = ["\(threads) threads, medians of \(repetitions) turns"]
    if !multiLayer.isEmpty { lines += multiLayerLines() }
    if !exact.isEmpty { lines += exactLines() }
    if !convolution.isEmpty { lines += convolutionLines() }
    if !lasso.isEmpty { lines += lassoLines }
    if !greedy.isEmpty { lines += greedyLines }
    if !training.isEmpty { lines += trainingLines() }
    if !depth.isEmpty { lines += depthLines() }
    return lines.joined(separator: "\n")
  }

  private func multiLayerLines() -> [String] {
    var lines = ["", "ML-FISTA, 50×70×60, Double      ours ms   NumPy ms   faster   goal"]
    for r in multiLayer {
      let name = "batch \(r.batch), \(r.iterations) iterations"
      let peer =
        r.numPySeconds.flatMap { time in
          r.ratio.map { number(time * 1e3, 11, 2) + number($0, 8, 1) + "×" }
        } ?? "    skipped        –"
      lines.append(
        padded(name, 30) + number(r.seconds * 1e3, 9, 2) + peer + number(r.goal, 6, 0) + "×")
    }
    if let skipped { lines.append("NumPy skipped: \(skipped)") }
    if let version = versions["NumPy"] { lines.append("NumPy \(version)") }
    if let worst = multiLayer.compactMap(\.disagreement).max() {
      lines.append("largest relative difference of ‖γ‖₁ from NumPy's: \(worst)")
    }
    return lines
  }

  private func exactLines() -> [String] {
    ["", "certified to 1e-8                       s   goal   steps  relative gap"]
      + exact.map { r in
        padded(r.instance, 33) + number(r.seconds, 8, 2) + number(r.goal, 7, 0)
          + number(Double(r.steps), 8, 0) + String(format: "%14.1e", r.gap)
      }
  }

  private func convolutionLines() -> [String] {
    var lines = [
      "", "FISTA, 32 filters 7×7 on 28×28  iteration ms  GFLOP/s   gemm  factor  goal",
    ]
    for r in convolution {
      lines.append(
        padded("\(r.precision), codes \(r.codeSize), batch \(r.batch)", 32)
          + number(r.seconds * 1e3, 12, 2) + number(r.rate, 9, 1) + number(r.peak, 7, 1)
          + number(r.factor, 8, 2) + number(r.goal, 6, 0))
    }
    return lines
  }

  private func trainingLines() -> [String] {
    var lines = [
      "",
      "training                     images/s   PyTorch   faster   goal  GFLOP/s   gemm     MB  PyTorch MB",
    ]
    for r in training {
      let peer =
        r.torchRate.flatMap { rate in
          r.ratio.map { number(rate, 10, 1) + number($0, 8, 2) + "×" }
        } ?? "   skipped        –"
      lines.append(
        padded(r.name, 28) + number(r.rate, 9, 1)
          + peer + number(r.goal, 6, 1) + "×" + number(r.operations, 9, 1) + number(r.peak, 7, 1)
          + memory(r.peakBytes, 7) + memory(r.torchPeakBytes, 12))
    }
    if training.contains(where: { $0.torchRate == nil }) {
      lines.append("PyTorch skipped: no python3 with torch in PATH")
    }
    if let version = versions["PyTorch"] { lines.append("PyTorch \(version)") }
    if let worst = training.compactMap(\.disagreement).max() {
      lines.append("largest relative difference of the loss from PyTorch's: \(worst)")
    }
    return lines
  }

  private func depthLines() -> [String] {
    ["", "R's residual networks, batch 128  images/s  a layer's cost     MB"]
      + depth.map { r in
        padded("\(r.network)-\(r.depth)", 32) + number(r.rate, 10, 1)
          + number(r.costOfLayer, 15, 3) + "×" + memory(r.peakBytes, 7)
      }
  }

  private func memory(_ bytes: Double?, _ width: Int) -> String {
    bytes.map { number($0 / 1e6, width, 0) } ?? padded("", width - 1) + "–"
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private func number(_ value: Double, _ width: Int, _ digits: Int) -> String {
    let text = String(format: "%.\(digits)f", value)
    return String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
