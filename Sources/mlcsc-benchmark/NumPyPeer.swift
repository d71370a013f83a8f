import Foundation
import MLCSCKit

/// A Python process that runs ML-FISTA in NumPy whenever it is asked to.
///
/// It stays alive between runs, so that imports and loading are not timed; it times itself.
final class NumPyPeer {
  /// What one run of the peer took and found.
  struct Run: Decodable {
    /// The time of the iterations.
    let seconds: Double
    /// ‖γ_L‖₁ summed over the batch, to see that both sides computed the same.
    let norm: Double
  }

  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var received = Data()

  /// Starts Python; nothing if there is no python3 with numpy in PATH.
  init?(threads: Int) {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", Self.program]
    var environment = ProcessInfo.processInfo.environment
    for name in ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"] {
      environment[name] = "\(threads)"
    }
    process.environment = environment
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { return nil }
    guard readLine() == "ready" else {
      process.waitUntilExit()
      return nil
    }
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// Runs ML-FISTA on the .npy files D1, D2 and Y of a folder.
  ///
  /// - Parameters:
  ///   - folder: Where the files are.
  ///   - penalties: λ₁ and λ₂.
  ///   - iterations: How many iterations.
  /// - Returns: The time and the codes' norm.
  /// - Throws: When the process has ended or answers something else.
  func run(in folder: URL, penalties: [Double], iterations: Int) throws -> Run {
    let line = "\(iterations) \(penalties[0]) \(penalties[1]) \(folder.path)\n"
    try input.fileHandleForWriting.write(contentsOf: Data(line.utf8))
    guard let answer = readLine() else { throw PeerError() }
    return try JSONDecoder().decode(Run.self, from: Data(answer.utf8))
  }

  private func readLine() -> String? {
    while true {
      if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: received[..<end], as: UTF8.self)
        received.removeSubrange(...end)
        return line
      }
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { return nil }
      received.append(more)
    }
  }

  /// The process ended before it answered.
  struct PeerError: Error, CustomStringConvertible {
    let description = "the NumPy program ended early; run it by hand to see why"
  }

  /// ML-FISTA as one writes it down in NumPy, signals in columns as in the papers.
  private static let program = """
    import json, sys, time
    import numpy as np

    def soft(x, t):
        return np.sign(x) * np.maximum(np.abs(x) - t, 0)

    def ml_fista(Y, D1, D2, l1, l2, s1, s2, iterations):
        g = np.zeros((D2.shape[1], Y.shape[1]))
        z, t = g, 1.0
        for _ in range(iterations):
            e1 = D2 @ z
            g1 = soft(e1 - s1 * (D1.T @ (D1 @ e1 - Y)), s1 * l1)
            new = soft(z - s2 * (D2.T @ (e1 - g1)), s1 * s2 * l2)
            u = (1 + np.sqrt(1 + 4 * t * t)) / 2
            z = new + (t - 1) / u * (new - g)
            g, t = new, u
        return g

    print("ready", flush=True)
    for line in sys.stdin:
        iterations, l1, l2, folder = line.rstrip("\\n").split(" ", 3)
        D1, D2, Y = (np.load(f"{folder}/{name}.npy") for name in ("D1", "D2", "Y"))
        s1, s2 = 1 / np.linalg.norm(D1, 2) ** 2, 1 / np.linalg.norm(D2, 2) ** 2
        start = time.perf_counter()
        g = ml_fista(Y, D1, D2, float(l1), float(l2), s1, s2, int(iterations))
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "norm": float(np.abs(g).sum())}), flush=True)
    """
}
