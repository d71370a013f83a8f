import Algorithms
import ExperimentSuite
import RealModule

extension StabilityRow {
  /// A slope that is smaller counts for none: a tenth of the noise variance a unit of rank, of an error
  /// of several.
  private static let slopeLimit = 0.1

  static func claims(_ rows: [StabilityRow], blocks: [OracleRow]) -> [ClaimTest] {
    let ranks = rows.filter { $0.point.series == "rank" }
    let copies = rows.filter { $0.point.series == "copies" }
    let line = rows.filter { $0.point.series == "line" }
    let draws = rows.reduce(0) { $0 + $1.draws }
    func ends(
      _ label: String, _ rows: [StabilityRow], _ value: (StabilityRow) -> Double?
    ) -> [Detail] {
      zip(["at the first", "at the last"], [rows.first, rows.last]).compactMap { place, row in
        row.flatMap(value).map { Detail("\(label) \(place)", $0) }
      }
    }
    let perRank = Quantity.number("slope of error over noise variance against rank Φ", unit: "")
    return [
      ClaimTest(
        "error-falls-with-rank", decides: ["S29", "B44"],
        "The error of the holistic pursuit falls with rank Φ (S and Λ known)",
        source: "S, Stability", perRank,
        parts: [
          .init("γ2", slope(blocks, "rank", \.holistic2)),
          .init("γ1", slope(blocks, "rank", \.holistic1)),
        ], details: ends("error of γ2", ranks, \.holistic2?.value), holdsWhen: .below(0)),
      ClaimTest(
        "projection-does-not", decides: ["S28"],
        "The error of the projection pursuit depends on s2 alone, not on rank Φ (S known)",
        source: "S, Stability", perRank,
        parts: [
          .init("γ2", slope(blocks, "rank", \.projection2)),
          .init("γ1", slope(blocks, "rank", \.projection1)),
        ],
        details: ends("error of γ2, s2 = rank Φ + 1,", line, \.projection2?.value)
          + ends("of the holistic pursuit", line, \.holistic2?.value),
        holdsWhen: .within(-slopeLimit, slopeLimit)),
      ClaimTest(
        "error-proportional", decides: ["S29", "S23"],
        "The mean error is proportional to s2 − rank Φ, but for the factor 1/(1 − δ)",
        source: "S, Stability",
        .number(
          "slope of log error against log (s2 − rank Φ), the Gaussian mean of 1/(1 − δ) divided out",
          unit: ""), power(blocks, ranks) { $0.predicted2 / Double($0.point.freedom) },
        paper: PaperValue(1),
        details: [
          Detail("slope of the error itself", power(blocks, ranks) { _ in 1 }.value ?? 0),
          Detail(
            "error over its exact mean, all sizes",
            Statistics.mean(
              rows.compactMap { row in row.holistic2.map { $0.value / row.predicted2 } }
            )),
        ], holdsWhen: .within(0.9, 1.1)),
      ClaimTest(
        "rank-not-cardinality", decides: ["S29", "S23"],
        "It is rank Φ that counts, not |Λ|: at fixed |Λ|, with rows repeated, the error falls with "
          + "rank Φ", source: "S, Stability", perRank, slope(blocks, "copies", \.holistic2),
        details: ends("error", copies, \.holistic2?.value)
          + ranks.filter { $0.point.rank == copies.first?.point.rank }.compactMap { row in
            row.holistic2.map { Detail("with the same rank and no row repeated", $0.value) }
          }, holdsWhen: .below(0)),
      ClaimTest(
        "stability-bound", decides: ["S29"],
        "The mean error over the noise is at most σ²(s2 − rank Φ)/(1 − δ)",
        source: "S, Stability", .number("violations", unit: ""),
        .violations(rows.reduce(0) { $0 + $1.violations }, of: draws, "draws times sizes"),
        details: [
          Detail(
            "bound over error",
            Statistics.mean(rows.filter { $0.draws > 0 }.map { $0.bound2 / $0.expected2 }))
        ], holdsWhen: .never(atLeast: 1_000)),
    ]
  }

  /// The slope of an error against rank Φ, one a block.
  private static func slope(
    _ blocks: [OracleRow], _ series: String, _ error: (OracleRow) -> Double
  ) -> Measurement {
    .mean(
      blocks.filter { $0.point.series == series }.grouped { $0.block }.sorted { $0.key < $1.key }
        .map { _, rows in
          Statistics.line(rows.map { Double($0.point.rank) }, rows.map(error)).slope
        }, of: "blocks of draws")
  }

  /// The slope of log mean error against log (s₂ − rank Φ), the error divided by a factor a size.
  private static func power(
    _ blocks: [OracleRow], _ ranks: [StabilityRow], dividedBy factor: (StabilityRow) -> Double
  ) -> Measurement {
    let errors = ranks.map { rank in
      blocks.filter { $0.point == rank.point }.map { $0.holistic2 / factor(rank) }
    }
    guard let count = errors.first?.count, errors.allSatisfy({ $0.count == count }) else {
      return .none
    }
    let x = ranks.map { Double.log(Double($0.point.freedom)) }
    return .bootstrap(count, of: "blocks of draws") { sample in
      Statistics.line(x, errors.map { row in Double.log(sample.reduce(0) { $0 + row[$1] }) }).slope
    }
  }
}
