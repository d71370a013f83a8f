import Algorithms
import ExperimentSuite
import MLCSCKit

/// How much λ₁ > 0 takes off the error at one λ₂, over the realisations.
///
/// λ₁ is the one that serves the other half of the realisations best at this λ₂, so that no draw is
/// judged with a penalty that was chosen on it.
struct DecreaseRow: TableRow {
  @Field("snr_db", .key) var decibels = 0.0
  @Field("layer", .key) var layer = 0
  @Field("lambda2", .key) var lambda2 = 0.0
  /// The error of basis pursuit less that of multi-layer basis pursuit.
  @Field("decrease_relative_l2", .measured(absolute: 1e-4)) var decrease = 0.0
  @Field("standard_error", .measured(absolute: 1e-4)) var standardError = 0.0
  @Field("realisations", .exact) var realisations = 0

  static func rows(
    _ decibels: Double, _ rows: [Recovery.Row], _ lambdas: [Double]
  ) -> [DecreaseRow] {
    let choices = [1, 0].map { half in
      PenaltyGrid.Choice(rows.filter { $0.realisation % 2 == half }.map(\.errors))
    }
    return product([0, 1], lambdas.indices).map { layer, second in
      let first = choices.map { $0.first(at: second, from: 1) }
      let decreases = rows.map { row in
        row.errors[layer][0][second] - row.errors[layer][first[row.realisation % 2]][second]
      }
      return DecreaseRow(
        decibels: decibels, layer: layer + 1, lambda2: lambdas[second],
        decrease: Statistics.mean(decreases), standardError: Statistics.standardError(decreases),
        realisations: rows.count)
    }
  }

  static func claims(_ rows: [DecreaseRow]) -> [ClaimTest] {
    product(rows.map(\.decibels).uniqued().sorted(), [2, 1]).map { level, layer in
      ClaimTest(
        "gamma\(layer)-at-\(Int(level))-db-for-every-lambda2", decides: ["B16"],
        "At every λ2 the best λ1 > 0 decreases the error of γ\(layer) (noise at \(Int(level)) dB)",
        source: "B Fig. 1",
        .difference(
          of: "relative error of γ\(layer)", "basis pursuit", minus: "multi-layer basis pursuit",
          unit: ""),
        parts: rows.filter { $0.decibels == level && $0.layer == layer }.map { row in
          .init(
            "λ2 = \(Wording.number(row.lambda2))",
            .mean(
              row.decrease, standardError: row.standardError, draws: row.realisations,
              sample: [Sample(row.realisations, "draws")]))
        }, holdsWhen: .above(0))
    }
  }
}
