import Foundation

/// The closing words of a run.
public enum SummaryTable {
  /// Prints one experiment's claims, verdicts and differences.
  static func printDetails(of summary: RunSummary, to output: URL) {
    for claim in summary.claims {
      StandardOutput.print(text(of: ClaimRow(claim)))
    }
    for difference in summary.differences ?? [] { StandardOutput.print("differs: \(difference)") }
    // Why an experiment failed or was skipped stands on standard error.
    if summary.status == .ok || summary.status == .differ {
      if !summary.message.isEmpty { StandardOutput.print("\(summary.name): \(summary.message)") }
      StandardOutput.print("tables and figures: \(output.path)")
    }
  }

  /// A claim in a few lines: verdict and sentence, what was measured, the paper's own number.
  public static func text(of claim: ClaimRow) -> String {
    var lines = [
      "\(claim.verdict.uppercased()): \(claim.sentence) (\(claim.source))",
      "  measured: \(claim.measured)",
    ]
    if !claim.judgement.isEmpty { lines.append("  \(claim.judgement)") }
    if let paper = claim.paper { lines.append("  paper: \(paper)") }
    return lines.joined(separator: "\n")
  }

  /// The table of all experiments, one line each.
  public static func text(_ summaries: [RunSummary]) -> String {
    let heading = ["experiment", "seconds", "claims held", "against baseline"]
    let lines = summaries.map { summary -> [String] in
      let held = summary.claims.count { $0.verdict == .holds }
      let comparison =
        switch summary.status {
        case .ok where summary.differences != nil: "ok"
        case .ok: summary.message.isEmpty ? "not compared" : summary.message
        case .differ: "\(summary.differences?.count ?? 0) differ"
        case .failed: "failed"
        case .skipped: "skipped"
        case .sharded: "cells only"
        }
      return [
        summary.name, String(format: "%.1f", summary.seconds),
        summary.claims.isEmpty ? "-" : "\(held) of \(summary.claims.count)", comparison,
      ]
    }
    let widths = heading.indices.map { i in ([heading] + lines).map { $0[i].count }.max() ?? 0 }
    return ([heading] + lines).map { line in
      zip(line, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
        .joined(separator: "  ").trimmingCharacters(in: .whitespaces)
    }.joined(separator: "\n")
  }

  /// The last line of a run.
  public static func lastLine(_ summaries: [RunSummary]) -> String {
    func count(_ states: RunSummary.Status...) -> Int {
      summaries.count { states.contains($0.status) }
    }
    let verdicts = summaries.flatMap(\.claims).map(\.verdict)
    func verdict(_ verdict: Verdict) -> Int { verdicts.count { $0 == verdict } }
    return "\(summaries.count) experiments: \(count(.ok, .sharded)) ok, \(count(.differ)) differ, "
      + "\(count(.failed)) failed, \(count(.skipped)) skipped; claims: \(verdict(.holds)) hold, "
      + "\(verdict(.doesNotHold)) do not, \(verdict(.undecided)) undecided"
  }
}
