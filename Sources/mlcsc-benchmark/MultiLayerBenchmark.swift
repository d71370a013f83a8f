import Foundation
import MLCSCKit

/// ML-FISTA on a dense 50×70×60 model in double precision, against NumPy.
struct MultiLayerBenchmark {
  /// How many signals are solved at once.
  let batch: Int
  /// Iterations of one timed run.
  let iterations: Int
  /// How many times as fast as NumPy it should be.
  let goal: Double

  /// One line of the report.
  struct Result: Encodable {
    let batch: Int
    let iterations: Int
    let goal: Double
    let seconds: Double
    let numPySeconds: Double?
    let ratio: Double?
    /// How far ‖γ_L‖₁ is from NumPy's, relative to it.
    let disagreement: Double?
  }

  /// Times both sides in turns.
  ///
  /// - Parameters:
  ///   - peer: NumPy, where there is one.
  ///   - repetitions: How many turns.
  /// - Returns: Medians and their ratio.
  /// - Throws: When files cannot be written or the peer fails.
  func measure(against peer: NumPyPeer?, repetitions: Int) throws -> Result {
    var stream = RandomStream("benchmark", "ml-fista")
    let first = DenseDictionary<Double>.gaussian(50, 70, normalized: true, from: &stream)
    let second = DenseDictionary<Double>.gaussian(70, 60, normalized: true, from: &stream)
    let model = try MultiLayerModel([first, second])
    var codes = Matrix<Double>(zeros: batch, 60)
    for b in 0..<batch {
      for j in stream.indices(8, below: 60) { codes[b, j] = stream.normal() }
    }
    let signals = model.synthesize(codes)
    let penalties = [0.01, 0.02]
    let pursuit = try MultiLayerFISTA(
      MultiLayerProblem(model: model, signals: signals, penalties: penalties.map { [$0] }))

    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("mlcsc-benchmark-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, matrix) in [
      ("D1", first.matrix()), ("D2", second.matrix()), ("Y", signals.transposed),
    ] {
      try MatrixFile.write(matrix, to: folder.appendingPathComponent("\(name).npy"))
    }

    func runOurs() -> (seconds: Double, norm: Double) {
      var deepest = Tensor<Double>(zeros: 0)
      let time = seconds {
        let iterator = pursuit.makeIterator()
        for _ in 0..<iterations { iterator.step() }
        deepest = iterator.deepest
      }
      return (time, deepest.elements.reduce(0) { $0 + abs($1) })
    }
    func runPeer() throws -> NumPyPeer.Run? {
      try peer?.run(in: folder, penalties: penalties, iterations: iterations)
    }

    // A first run of each warms the caches; its results are compared.
    let norm = runOurs().norm
    let peerNorm = try runPeer()?.norm
    var (ours, theirs) = ([Double](), [Double]())
    for _ in 0..<repetitions {
      ours.append(runOurs().seconds)
      if let run = try runPeer() { theirs.append(run.seconds) }
    }
    let (time, peerTime) = (median(ours), theirs.isEmpty ? nil : median(theirs))
    return Result(
      batch: batch, iterations: iterations, goal: goal, seconds: time, numPySeconds: peerTime,
      ratio: peerTime.map { $0 / time }, disagreement: peerNorm.map { abs(norm - $0) / $0 })
  }
}
