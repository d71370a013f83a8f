import Foundation
import MLCSCKit

/// Basis pursuit on one large Gaussian dictionary, against celer, skglm and scikit-learn.
struct LassoBenchmark {
  /// What is solved.
  let name: String
  /// n and m.
  let size: (signal: Int, atoms: Int)
  /// How many signals are solved.
  let batch: Int
  /// λ over the largest |dⱼᵀy|, one after the other.
  let shares: [Double]

  /// What is measured, in this order.
  static let all = [
    LassoBenchmark(name: "one signal", size: (500, 5000), batch: 1, shares: [0.02]),
    LassoBenchmark(name: "one signal", size: (1000, 10000), batch: 1, shares: [0.02]),
    LassoBenchmark(
      name: "path of 30", size: (500, 5000), batch: 1,
      shares: (0..<30).map { pow(0.01, Double($0) / 29) }),
    LassoBenchmark(name: "100 signals", size: (500, 5000), batch: 100, shares: [0.02]),
  ]

  /// One line of the report.
  struct Result: Encodable {
    let name: String
    let signalDimension: Int
    let atoms: Int
    let seconds: Double
    /// The largest relative duality gap, and that of each peer.
    let gap: Double
    let peerSeconds: [String: Double]
    let peerGaps: [String: Double]
  }

  /// Times all in turns.
  ///
  /// - Parameters:
  ///   - peer: Python, where there is one.
  ///   - repetitions: How many turns.
  /// - Returns: Medians.
  /// - Throws: When files cannot be written or the peer fails.
  func measure(against peer: LassoPeer?, repetitions: Int) throws -> Result {
    var stream = RandomStream("benchmark", "lasso")
    let dictionary = DenseDictionary<Double>.gaussian(
      size.signal, size.atoms, normalized: true, from: &stream)
    // A twentieth of n atoms, and noise of a twentieth of the signal's norm.
    var codes = Matrix<Double>(zeros: batch, size.atoms)
    for b in 0..<batch {
      for j in stream.indices(size.signal / 20, below: size.atoms) { codes[b, j] = stream.normal() }
    }
    var signals = dictionary.synthesize(codes)
    let power = signals.elements.reduce(0) { $0 + $1 * $1 } / Double(signals.count)
    for b in 0..<batch {
      for i in 0..<size.signal { signals[b, i] += 0.05 * power.squareRoot() * stream.normal() }
    }
    let products = dictionary.analyze(signals)
    let largest = (0..<batch).map { b in products.row(b).reduce(0) { max($0, abs($1)) } }
    let penalties = shares.map { share in largest.map { share * $0 } }

    let scratch = try ScratchFolder("mlcsc-benchmark")
    defer { scratch.remove() }
    let folder = scratch.url
    try MatrixFile.write(dictionary.matrix(), to: folder.appendingPathComponent("D.npy"))
    try MatrixFile.write(signals.transposed, to: folder.appendingPathComponent("Y.npy"))

    // skglm needs minutes for what the others do in seconds, so it solves one problem alone.
    let isSingle = batch == 1 && shares.count == 1
    let packages = (peer?.versions.keys).map { $0.sorted() } ?? []
    let pursuit = WorkingSetBasisPursuit(dictionary)
    var gap = 0.0
    var ours = [Double]()
    var (theirs, gaps) = ([String: [Double]](), [String: Double]())
    // The first turn warms the caches and lets Python compile.
    for turn in 0...repetitions {
      let time = try seconds {
        let found = try pursuit.path(signals, penalties: penalties).flatMap { $0 }
        gap = found.map { $0.certificate.gap / $0.certificate.objective }.max() ?? 0
      }
      if turn > 0 { ours.append(time) }
      for package in packages where isSingle || package != "skglm" {
        guard let run = try peer?.run(package, shares: shares, in: folder) else { continue }
        gaps[package] = run.gap
        if turn > 0 { theirs[package, default: []].append(run.seconds) }
      }
    }
    return Result(
      name: name, signalDimension: size.signal, atoms: size.atoms, seconds: median(ours), gap: gap,
      peerSeconds: theirs.mapValues { median($0) }, peerGaps: gaps)
  }
}

extension Report {
  /// The lines of the LASSO: milliseconds, and how many times as long each peer takes.
  var lassoLines: [String] {
    let packages = Set(lasso.flatMap(\.peerSeconds.keys)).sorted()
    var lines = ["", "LASSO to a relative gap of 1e-10"]
    for r in lasso {
      let peers = packages.map { package in
        r.peerSeconds[package].map { time in
          package
            + String(
              format: " %.1f ms (%.2f×, gap %.0e)", time * 1e3, time / r.seconds,
              r.peerGaps[package] ?? .nan)
        } ?? "\(package) –"
      }
      lines.append(
        "\(r.signalDimension)×\(r.atoms), \(r.name):"
          + String(format: " %.1f ms (gap %.0e)", r.seconds * 1e3, r.gap))
      lines += peers.map { "  " + $0 }
    }
    lines.append(
      packages.isEmpty
        ? "celer, skglm and scikit-learn skipped: no python3 with one of them in PATH"
        : packages.map { "\($0) \(versions[$0] ?? "")" }.joined(separator: ", "))
    return lines
  }
}
