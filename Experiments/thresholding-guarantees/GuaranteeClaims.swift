import Algorithms
import ExperimentSuite
import MLCSCKit

/// The claims of `thresholding-guarantees`.
extension ThresholdingGuarantees {
  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    let thresholding: [ThresholdingRow] = try tables.rows("thresholding")
    let pursuit: [PursuitRow] = try tables.rows("basis-pursuit")
    let bias: [BiasRow] = try tables.rows("ml-ista")
    let blocks: [BlockRow] = try tables.rows("blocks")
    return [
      survival(
        "layered-thresholding", ["S2", "S3", "B47"],
        "Layered thresholding finds the supports, and its local errors stay below the bound",
        "S, stability of the multi-layer thresholding",
        "pairs of a draw and a layer with the premise",
        thresholding.map(\.bounds), supports: thresholding.map(\.supports)),
      survival(
        "layered-basis-pursuit", ["S7"],
        "Layered basis pursuit keeps within the supports, and its local errors stay below the bound",
        "S, stability of layered basis pursuit", "pairs of a draw and a layer with the premise",
        pursuit.map(\.bounds), supports: pursuit.map(\.supports)),
      survival(
        "ml-ista", ["S31"], "The gap of ML-ISTA stays below ηε + (β + κt)μ",
        "S convergence theorem, erratum 4, constants derived",
        "problems times steps, starts and iterates", bias.map(\.bounds)),
      growth(blocks, pursuit),
      noiseless(blocks),
    ]
  }

  /// No support and no error against the theorem on any draw and layer with the premise.
  private static func survival(
    _ id: String, _ statements: [String], _ sentence: String, _ source: String, _ unit: String,
    _ rows: [BoundColumns], supports: [SupportColumns] = []
  ) -> ClaimTest {
    let (all, premise) = (sum(rows, \.draws), sum(rows, \.premise))
    let beyond = zip(rows, supports).filter { $0.0.premise == 0 }
    let without = sum(beyond.map(\.0), \.draws)
    let promised = beyond.reduce(0) { $0 + $1.1.share * Double($1.0.draws) }
    let details = [
      Detail("premise met in", 100 * Double(premise) / Double(max(all, 1)), unit: "%"),
      Detail("largest error over bound", rows.compactMap(\.tightness).max() ?? 0),
    ]
    let outside = Detail(
      "supports as promised where the premise never holds",
      100 * promised / Double(max(without, 1)),
      unit: "%")
    return ClaimTest(
      id, decides: statements, sentence, source: source, .number("violations", unit: ""),
      .violations(sum(rows, \.violations), of: premise, unit),
      details: details + (without > 0 ? [outside] : []), holdsWhen: .never(atLeast: 1_000))
  }

  private static func sum(_ rows: [BoundColumns], _ value: (BoundColumns) -> Int) -> Int {
    rows.reduce(0) { $0 + value($1) }
  }

  /// The bound of layer 2 over that of layer 1.
  ///
  /// Each layer multiplies the bound of basis pursuit by 7.5 √‖Γᵢ‖ > 1, so that it cannot but grow:
  /// its growth is only told.
  private static func growth(_ blocks: [BlockRow], _ pursuit: [PursuitRow]) -> ClaimTest {
    func ratios(
      _ rows: [BlockRow], _ second: (BlockRow) -> Double?, _ first: (BlockRow) -> Double?
    ) -> [Double] {
      rows.compactMap { row in
        guard let numerator = second(row), let denominator = first(row) else { return nil }
        return numerator / denominator
      }
    }
    func pursuitBound(_ layer: Int) -> Double {
      let rows = pursuit.filter { $0.layer == layer }.map(\.bounds)
      let total = rows.reduce(0) { $0 + ($1.bound ?? 0) * Double($1.premise) }
      return total / Double(max(sum(rows, \.premise), 1))
    }
    let families = blocks.map(\.family).uniqued().map { family in
      (name: family, rows: blocks.filter { $0.family == family })
    }
    let grown = pursuitBound(2) / pursuitBound(1)
    return ClaimTest(
      "bounds-grow", decides: ["S6"],
      "The bound of layered thresholding increases with depth, as that of layered basis pursuit does "
        + "by construction", source: "S, layered thresholding, layered basis pursuit",
      .number("mean bound of layer 2 over that of layer 1", unit: ""),
      parts: families.map { name, rows in
        ClaimTest.Part(name, .mean(ratios(rows, \.secondBound, \.firstBound), of: "blocks"))
      },
      details: families.compactMap { name, rows in
        let errors = ratios(rows, \.secondError, \.firstError)
        return errors.isEmpty ? nil : Detail("ratio of errors, \(name)", Statistics.mean(errors))
      } + (grown.isFinite ? [Detail("ratio of bounds, basis pursuit", grown)] : []),
      holdsWhen: .above(1))
  }

  /// What counts as no perfect recovery: a tenth of the non-zeros of γ₁, which are ±1/√2 to ±1.02/√2.
  private static let visibleError = 0.07

  /// The error of thresholding without noise.
  private static func noiseless(_ blocks: [BlockRow]) -> ClaimTest {
    ClaimTest(
      "no-perfect-recovery", decides: ["S5"],
      "Layered thresholding recovers nothing perfectly, even without noise",
      source: "S, layered thresholding (second cross)",
      .number("local error of γ1 without noise, its non-zeros being about 0.7", unit: ""),
      parts: blocks.map(\.family).uniqued().map { family in
        ClaimTest.Part(
          family,
          .mean(blocks.filter { $0.family == family }.compactMap(\.noiseless), of: "blocks"))
      }, holdsWhen: .above(visibleError))
  }
}
