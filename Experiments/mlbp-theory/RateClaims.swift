import ExperimentSuite
import RealModule

/// The claims on rates of convergence and on the inequalities behind them.
extension RateRow {
  static func claims(_ rows: [RateRow]) -> [ClaimTest] {
    func of(_ method: Method) -> [RateRow] { rows.filter { $0.method == method } }
    /// States beyond a bound by more than rounding.
    func beyond(_ method: Method, _ isBeyond: (RateRow) -> Bool) -> Measurement {
      .violations(of(method).count(where: isBeyond), of: of(method).count, "states")
    }
    func isAboveBound(_ row: RateRow) -> Bool {
      row.bound.map { row.gap > $0 * (1 + 1e-9) + 1e-12 } ?? false
    }
    func largest(_ label: String, _ value: (RateRow) -> Double) -> [Detail] {
      of(.mlISTA).map(value).max().map { [Detail(label, $0)] } ?? []
    }
    let states = Quantity.number("states above the bound", unit: "")
    return [
      ClaimTest(
        "ista-and-fista-keep-their-rates", decides: ["B8"],
        "On basis pursuit ISTA converges at a rate of O(1/k) and FISTA at O(1/k²)",
        source: "B Sec. 2.1; Beck and Teboulle 2009", states,
        parts: [
          .init("ISTA", beyond(.ista, isAboveBound)),
          .init("FISTA", beyond(.fista, isAboveBound)),
        ], holdsWhen: .never(atLeast: 50)),
      rate(
        "ml-ista-rate", "B2", "ML-ISTA converges to the optimum at a rate of O(1/k)",
        "B Theorem 1", of(.mlISTA), exponent: 1),
      rate(
        "ml-fista-rate", "B4", "ML-FISTA converges to the optimum at a rate of O(1/k²)",
        "B Theorem 2", of(.mlFISTA), exponent: 2),
      ClaimTest(
        "distance-bound", decides: ["B37"],
        "For ML-ISTA ‖γᵏ − γ*‖² ≤ ‖γ⁰ − γ*‖²/(k + 1)", source: "B Suppl. A.1, erratum 21", states,
        parts: [
          .init("γ* the optimum", beyond(.mlISTA) { $0.toOptimum > 1 + 1e-9 }),
          .init("γ* the fixed point", beyond(.mlISTA) { $0.distanceToLimit > 1 + 1e-9 }),
        ],
        details: largest("largest ratio, to the optimum", \.toOptimum)
          + largest("to the fixed point", \.distanceToLimit), holdsWhen: .never(atLeast: 50)),
      ClaimTest(
        "ml-fista-objective-bound", decides: ["B38"],
        "For ML-FISTA F(γᵏ) − F(γ*) ≤ 2c‖γ⁰ − γ*‖²/(k + 1)²", source: "B Suppl. A.2", states,
        beyond(.mlFISTA, isAboveBound),
        details: [
          Detail(
            "states whose distance to the limit’s objective is above it",
            Double(of(.mlFISTA).count { row in row.bound.map { row.toLimit > $0 } ?? false }))
        ], holdsWhen: .never(atLeast: 50)),
    ]
  }

  /// Whether the gap falls over the last decade of iterations as a power of k.
  private static func rate(
    _ id: String, _ statement: String, _ sentence: String, _ source: String, _ rows: [RateRow],
    exponent: Double
  ) -> ClaimTest {
    let last = rows.map(\.iteration).max() ?? 0
    func slopes(_ gap: (RateRow) -> Double) -> [Double] {
      rows.grouped(by: \.draw).sorted { $0.key < $1.key }.map { _, rows in
        let decade = rows.filter { 10 * $0.iteration >= last }
        return Statistics.line(
          decade.map { Double.log10(Double($0.iteration)) },
          decade.map { Double.log10(max(gap($0), 1e-14)) }
        ).slope
      }
    }
    return ClaimTest(
      id, decides: [statement], sentence, source: source,
      .number("slope of log gap against log k over the last decade of iterations", unit: ""),
      .mean(slopes(\.gap), of: "draws"), paper: PaperValue(-exponent),
      details: [
        Detail(
          "relative gap after the last iteration",
          Statistics.mean(rows.filter { $0.iteration == last }.map(\.gap))),
        Detail("slope of the gap to the limit’s own objective", Statistics.mean(slopes(\.toLimit))),
      ],
      // A tenth is left to the constant of a rate.
      holdsWhen: .below(0.1 - exponent))
  }
}
