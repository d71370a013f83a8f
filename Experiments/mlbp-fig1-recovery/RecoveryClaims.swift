import Algorithms
import ExperimentSuite

/// B's statements on Figure 1: at the best λ₂, and at every λ₂.
extension Recovery {
  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    let all: [DrawRow] = try tables.rows("draws")
    let decreases: [DecreaseRow] = try tables.rows("decreases")
    let levels = all.map(\.decibels).uniqued().sorted()
    return levels.flatMap { level in
      [2, 1].map { layer in
        let draws = all.filter { $0.decibels == level && $0.layer == layer }
        func mean(_ error: (DrawRow) -> Double) -> Double { Statistics.mean(draws.map(error)) }
        return ClaimTest(
          "gamma\(layer)-at-\(Int(level))-db", decides: [layer == 2 ? "B14" : "B15"],
          "Enforcing λ1 > 0 decreases the recovery error of γ\(layer) (noise at \(Int(level)) dB)",
          source: "B Fig. 1",
          .difference(
            of: "relative error of γ\(layer)", "basis pursuit", minus: "multi-layer basis pursuit",
            unit: ""),
          .mean(draws.map { $0.basisPursuit - $0.multiLayer }, of: "draws"),
          details: [
            Detail("basis pursuit", mean(\.basisPursuit)),
            Detail("multi-layer", mean(\.multiLayer)),
            Detail("with the best λ1 for each draw", mean(\.oracle)),
            Detail(
              "better in", 100 * mean { $0.basisPursuit > $0.multiLayer ? 1 : 0 },
              unit: "% of draws"),
            Detail("least squares with known supports", mean(\.floor)),
            Detail("largest certified relative gap", draws.map(\.gap).max() ?? 0),
          ], holdsWhen: .above(0))
      }
    } + DecreaseRow.claims(decreases)
  }
}
