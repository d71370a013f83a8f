import Foundation
import MLCSCKit

/// Greedy pursuits of many signals on one Gaussian dictionary, against scikit-learn.
struct GreedyBenchmark {
  /// n and m.
  let size: (signal: Int, atoms: Int)
  let signals: Int
  /// The non-zeros of every code.
  let sparsity: Int

  /// What is measured, in this order.
  static let all = [
    GreedyBenchmark(size: (200, 400), signals: 5000, sparsity: 10),
    GreedyBenchmark(size: (784, 1024), signals: 2000, sparsity: 20),
  ]

  /// One pursuit on one problem.
  struct Result: Encodable {
    let pursuit: String
    let problem: String
    let seconds: Double
    /// Of scikit-learn's functions; none has Subspace Pursuit.
    let peerSeconds: [String: Double]
    /// The largest difference of a coefficient from scikit-learn's.
    let disagreement: Double?
  }

  /// Times all in turns.
  ///
  /// - Parameters:
  ///   - peer: Python, where there is one.
  ///   - repetitions: How many turns.
  /// - Returns: Medians: OMP, then Subspace Pursuit.
  /// - Throws: When files cannot be written or the peer fails.
  func measure(against peer: GreedyPeer?, repetitions: Int) throws -> [Result] {
    var stream = RandomStream("benchmark", "greedy")
    let dictionary = DenseDictionary<Double>.gaussian(
      size.signal, size.atoms, normalized: true, from: &stream)
    var codes = Matrix<Double>(zeros: signals, size.atoms)
    for b in 0..<signals {
      for j in stream.indices(sparsity, below: size.atoms) { codes[b, j] = stream.normal() }
    }
    let signals = dictionary.synthesize(codes)

    let scratch = try ScratchFolder("mlcsc-benchmark")
    defer { scratch.remove() }
    let folder = scratch.url
    try MatrixFile.write(dictionary.matrix(), to: folder.appendingPathComponent("D.npy"))
    try MatrixFile.write(signals.transposed, to: folder.appendingPathComponent("Y.npy"))

    var (matching, subspace) = ([Double](), [Double]())
    var theirs = [String: [Double]]()
    var disagreement: Double?
    // The first turn warms the caches.
    for turn in 0...repetitions {
      var found = [SparseCode<Double>]()
      let times = try [
        seconds {
          // G is a part of what many signals cost.
          found = try OrthogonalMatchingPursuit(
            dictionary, sparsity: sparsity, formingGramFor: signals.rows
          ).codes(signals)
        },
        seconds { _ = try SubspacePursuit(dictionary, sparsity: sparsity).codes(signals) },
      ]
      let runs = try GreedyPeer.functions.compactMap { function in
        try peer?.run(function, sparsity: sparsity, in: folder).map { (function, $0) }
      }
      if turn == 0 {
        if let peer { disagreement = try peer.disagreement(of: found, size.atoms, in: folder) }
      } else {
        matching.append(times[0])
        subspace.append(times[1])
        for (function, time) in runs { theirs[function, default: []].append(time) }
      }
    }
    let problem =
      "\(size.signal)×\(size.atoms), \(signals.rows) signals"
    return [
      Result(
        pursuit: "OMP", problem: problem, seconds: median(matching),
        peerSeconds: theirs.mapValues { median($0) }, disagreement: disagreement),
      Result(
        pursuit: "Subspace Pursuit", problem: problem, seconds: median(subspace), peerSeconds: [:],
        disagreement: nil),
    ]
  }
}

/// Orthogonal matching pursuit in scikit-learn, as far as Python has it.
final class GreedyPeer {
  /// What is timed: the pursuit with DᵀD and DᵀY, both of which it has to form, and the function that
  /// divides signals among processes.
  static let functions = ["orthogonal_mp_gram", "sparse_encode"]

  private struct Run: Decodable {
    let seconds: Double
  }
  private struct Difference: Decodable {
    let difference: Double
  }

  private let peer: PythonPeer
  /// scikit-learn's version.
  var version: String { peer.version }

  /// Starts Python; nothing if there is no python3 with scikit-learn in PATH.
  init?(threads: Int) {
    guard
      let peer = PythonPeer(Self.program, arguments: ["\(threads)"], threads: threads)
    else { return nil }
    self.peer = peer
  }

  /// The seconds of a call for the problem of the files D.npy and Y.npy of a folder.
  ///
  /// - Throws: When the process has ended or answers something else.
  func run(_ function: String, sparsity: Int, in folder: URL) throws -> Double? {
    try peer.ask("\(function) \(sparsity) \(folder.path)", for: Run.self).seconds
  }

  /// The largest difference of a coefficient of codes from what was found in the last run.
  ///
  /// - Throws: When the file cannot be written or the process has ended.
  func disagreement(
    of codes: [SparseCode<Double>], _ atoms: Int, in folder: URL
  ) throws -> Double {
    var matrix = Matrix<Double>(zeros: codes.count, atoms)
    for (b, code) in codes.enumerated() {
      for (j, value) in zip(code.support, code.coefficients) { matrix[b, j] = value }
    }
    try MatrixFile.write(matrix, to: folder.appendingPathComponent("X.npy"))
    return try peer.ask("compare 0 \(folder.path)", for: Difference.self).difference
  }

  private static let program = """
    import json, sys, time
    import numpy as np
    import sklearn
    from sklearn.linear_model import orthogonal_mp_gram
    from sklearn.decomposition import sparse_encode
    threads = int(sys.argv[1])
    print("ready", sklearn.__version__, flush=True)
    last = None
    for line in sys.stdin:
        function, sparsity, folder = line.rstrip("\\n").split(" ", 2)
        if function == "compare":
            found = np.load(f"{folder}/X.npy")
            print(json.dumps({"difference": float(np.abs(found - last).max())}), flush=True)
            continue
        D, Y = np.load(f"{folder}/D.npy"), np.load(f"{folder}/Y.npy")
        start = time.perf_counter()
        if function == "sparse_encode":
            last = sparse_encode(Y.T, D.T, algorithm="omp", n_nonzero_coefs=int(sparsity),
                                 n_jobs=threads)
        else:
            last = orthogonal_mp_gram(D.T @ D, D.T @ Y, n_nonzero_coefs=int(sparsity)).T
        print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)
    """
}

extension Report {
  /// The lines of the greedy pursuits: milliseconds, and how many times as long each peer takes.
  var greedyLines: [String] {
    var lines = ["", "greedy pursuits of many signals"]
    for r in greedy {
      lines.append("\(r.pursuit), \(r.problem):" + String(format: " %.0f ms", r.seconds * 1e3))
      lines += r.peerSeconds.sorted { $0.key < $1.key }.map { name, time in
        "  \(name)" + String(format: " %.0f ms (%.2f×)", time * 1e3, time / r.seconds)
      }
    }
    if let worst = greedy.compactMap(\.disagreement).max() {
      lines.append("largest difference of a coefficient from scikit-learn's: \(worst)")
    }
    return lines
  }
}
