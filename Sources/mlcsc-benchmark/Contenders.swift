import ExperimentSuite
import Foundation

/// One contender on one problem, as the CSV file has it.
struct ContenderRow: TableRow {
  @Field("part", .key) var part = ""
  /// Without commas, at which gnuplot cuts a text even within quotation marks.
  @Field("problem", .key) var problem = ""
  @Field("contender", .key) var contender = "mlcsc"
  @Field("version", .note) var version: String? = nil
  /// Of a run, an iteration, or in training an image.
  @Field("seconds", .timing) var seconds = 0.0
  /// This contender's time over that of mlcsc.
  @Field("times_mlcsc", .timing) var ratio = 1.0
  /// What that should be at least.
  @Field("goal", .note) var goal: Double? = nil
  /// The largest relative duality gap of the codes.
  @Field("relative_gap", .note) var gap: Double? = nil
}

extension Report {
  /// Everything that was timed, one row a contender.
  ///
  /// - Throws: `TableError` where a time is not finite.
  func csv() throws -> String {
    try Table(
      "benchmark",
      contenders.map { contender in
        var row = contender
        row.problem = row.problem.replacingOccurrences(of: ", ", with: " · ")
        return row
      }
    ).csv
  }

  private var contenders: [ContenderRow] {
    multiLayer.flatMap { r in
      pair(
        "ml-fista", "batch \(r.batch), \(r.iterations) iterations", r.seconds, "NumPy",
        r.numPySeconds, goal: r.goal)
    }
      + exact.map {
        ContenderRow(part: "exact", problem: $0.instance, seconds: $0.seconds, gap: $0.gap)
      }
      + convolution.map {
        ContenderRow(
          part: "fista-conv", problem: "\($0.precision), codes \($0.codeSize)", seconds: $0.seconds)
      }
      + lasso.flatMap { r -> [ContenderRow] in
        let problem = "\(r.signalDimension)×\(r.atoms), \(r.name)"
        return [ContenderRow(part: "lasso", problem: problem, seconds: r.seconds, gap: r.gap)]
          + r.peerSeconds.sorted { $0.key < $1.key }.map { package, time in
            ContenderRow(
              part: "lasso", problem: problem, contender: package, version: versions[package],
              seconds: time, ratio: time / r.seconds, gap: r.peerGaps[package])
          }
      }
      + greedy.flatMap { r -> [ContenderRow] in
        let problem = "\(r.pursuit), \(r.problem)"
        return [ContenderRow(part: "greedy", problem: problem, seconds: r.seconds)]
          + r.peerSeconds.sorted { $0.key < $1.key }.map { function, time in
            ContenderRow(
              part: "greedy", problem: problem, contender: function,
              version: versions["scikit-learn"], seconds: time, ratio: time / r.seconds)
          }
      }
      + training.flatMap { r in
        pair("train", r.name, 1 / r.rate, "PyTorch", r.torchRate.map { 1 / $0 }, goal: r.goal)
      }
      + depth.map {
        ContenderRow(part: "depth", problem: "\($0.network)-\($0.depth)", seconds: 1 / $0.rate)
      }
  }

  /// Ours and the peer, where there is one.
  private func pair(
    _ part: String, _ problem: String, _ seconds: Double, _ peer: String, _ peerSeconds: Double?,
    goal: Double
  ) -> [ContenderRow] {
    [ContenderRow(part: part, problem: problem, seconds: seconds)]
      + (peerSeconds.map {
        [
          ContenderRow(
            part: part, problem: problem, contender: peer, version: versions[peer], seconds: $0,
            ratio: $0 / seconds, goal: goal)
        ]
      } ?? [])
  }
}
