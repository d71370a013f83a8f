import Foundation

/// ML-FISTA in NumPy, run whenever it is asked to.
final class NumPyPeer {
  /// What one run of the peer took and found.
  struct Run: Decodable {
    /// The time of the iterations.
    let seconds: Double
    /// ‖γ_L‖₁ summed over the batch, to see that both sides computed the same.
    let norm: Double
  }

  private let peer: PythonPeer
  /// NumPy's version.
  var version: String { peer.version }

  /// Starts Python; nothing if there is no python3 with numpy in PATH.
  init?(threads: Int) {
    guard let peer = PythonPeer(Self.program, threads: threads) else { return nil }
    self.peer = peer
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
    try peer.ask(
      "\(iterations) \(penalties[0]) \(penalties[1]) \(folder.path)", for: Run.self)
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

    print("ready", np.__version__, flush=True)
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
