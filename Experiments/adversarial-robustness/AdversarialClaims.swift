import Algorithms
import ExperimentSuite
import RealModule

/// The claims of `adversarial-robustness`.
extension AdversarialRobustness {
  private static let theorem = "S, Adversarial Robustness, theorem (1 layer, FC)"

  static func claims(of tables: TableSet) throws -> [ClaimTest] {
    let radii: [RadiusRow] = try tables.rows("radii")
    let tied: [TiedRow] = try tables.rows("tied")
    return [
      noFlip(radii), try digits(tables.rows("pairs")), squareRoot(tied), sharp(tied),
      premiseNeeded(radii),
    ]
  }

  private static func noFlip(_ rows: [RadiusRow]) -> ClaimTest {
    let premise = rows.filter { $0.premise == "yes" }
    let draws = premise.reduce(0) { $0 + $1.draws }
    let all = rows.reduce(0) { $0 + $1.draws }
    return ClaimTest(
      "no-flip", decides: ["S37"],
      "For ‖γ‖0 ≤ (1 + 1/µ)/3 no perturbation within O/(7.5 √‖γ‖0 ‖w‖) changes the label, so none "
        + "within the smaller printed radius with ‖γ‖0 does", source: theorem,
      .number("draws that err, or that their support does not certify", unit: ""),
      .violations(
        premise.reduce(0) { $0 + $1.errors + $1.uncertified }, of: draws,
        "attacked draws with the premise"),
      paper: PaperValue(0),
      details: [Detail("premise met in", 100 * Double(draws) / Double(max(all, 1)), unit: "%")]
        + least("smallest perturbation found over the radius", premise.compactMap(\.smallest)),
      holdsWhen: .never(atLeast: 10_000))
  }

  private static func least(_ label: String, _ values: [Double]) -> [Detail] {
    values.min().map { [Detail(label, $0)] } ?? []
  }

  /// Where none of so many errs, fewer than one in twenty do (95 %, rule of three).
  private static let fewTests = 60

  private static func digits(_ rows: [PairRow]) -> ClaimTest {
    let premise = rows.reduce(0) { $0 + $1.premise }
    func share(_ rows: [PairRow]) -> Double {
      100 * Double(rows.reduce(0) { $0 + $1.premise })
        / Double(max(rows.reduce(0) { $0 + $1.digits }, 1))
    }
    return ClaimTest(
      "digits", decides: ["S37"],
      "The labels of MNIST digits coded on the learned model do not change where the premise "
        + "holds, which here are digits of one atom",
      source: theorem, .number("digits that err", unit: ""),
      .violations(
        rows.reduce(0) { $0 + $1.premiseErrors }, of: premise, "attacked digits with the premise"),
      paper: PaperValue(0),
      details: rows.map(\.cardinality).uniqued().map { k in
        Detail(
          "premise met with \(k) \(k == 1 ? "atom" : "atoms") in",
          share(rows.filter { $0.cardinality == k }), unit: "% of the digits")
      } + least("smallest perturbation found over the formula", rows.compactMap(\.smallest)),
      holdsWhen: .never(atLeast: fewTests))
  }

  /// How the first error falls with k: one slope of log ε‖w‖/O against log k a draw of each k.
  private static func squareRoot(_ rows: [TiedRow]) -> ClaimTest {
    let premise = rows.filter { $0.family == "matched" && $0.isWithinPremise }
    let chosen = premise.filter { $0.dimension == premise.map(\.dimension).max() }
    let count = Set(chosen.map(\.cardinality)).count
    let slopes = [Int: [TiedRow]](grouping: chosen) { $0.draw }.sorted { $0.key < $1.key }.map(
      \.value
    )
    .filter { $0.count == count && count >= 3 }
    .map { draw in
      Statistics.line(
        draw.map { Double.log(Double($0.cardinality)) }, draw.map { -Double.log($0.fall) }
      ).slope
    }
    return ClaimTest(
      "falls-as-square-root", decides: [],
      "For the worst signals, w = γ, the radius falls as 1/√‖γ‖0, not as the printed 1/‖γ‖0",
      source: "our derivation",
      .number("slope of log radius against log ‖γ‖0, λ = 4ε for every ε", unit: ""),
      .mean(slopes, of: "draws at every ‖γ‖0"),
      holdsWhen: .within(-0.65, -0.35))
  }

  private static func sharp(_ rows: [TiedRow]) -> ClaimTest {
    let chosen = rows.filter { $0.family == "matched" && $0.isWithinPremise }
    let enclosed = chosen.count { $0.upper <= 1.01 * $0.lower }
    return ClaimTest(
      "square-root-sharp", decides: [],
      "For the worst signals, w = γ, the label first errs between one and two times the radius "
        + "with √‖γ‖0",
      source: "our derivation",
      .number("draws whose first error lies outside, λ = 4ε for every ε", unit: ""),
      .violations(
        chosen.count { $0.lower < 1 || $0.upper > 2 }, of: chosen.count, "draws with the premise"),
      details: least("smallest certified", chosen.map(\.lower))
        + (chosen.map(\.upper).max().map { [Detail("largest attacked", $0)] } ?? [])
        + [
          Detail(
            "enclosed to 1 % on", 100 * Double(enclosed) / Double(max(chosen.count, 1)), unit: "%")
        ], holdsWhen: .never(atLeast: fewTests))
  }

  /// Combs are the support that is most easily mistaken; one flip in a hundred is no freak.
  private static func premiseNeeded(_ rows: [RadiusRow]) -> ClaimTest {
    let beyond = rows.filter { $0.premise == "no" }
    let combs = beyond.filter { $0.family == "comb" }
    let others = beyond.filter { $0.family != "comb" }
    let errors = combs.filter { $0.errors > 0 }
    return ClaimTest(
      "premise-needed", decides: [],
      "Beyond the premise the label changes within the radius for combs, the worst supports",
      source: "our check", .number("draws that err within the radius", unit: "%"),
      .percent(
        combs.reduce(0) { $0 + $1.errors }, of: combs.reduce(0) { $0 + $1.draws },
        "combs beyond the premise"),
      details: (errors.map(\.cardinality).min().map { [Detail("smallest ‖γ‖0", Double($0))] } ?? [])
        + [Detail("of the other families", Double(others.reduce(0) { $0 + $1.errors }))],
      holdsWhen: .above(1))
  }

  static func scale(_ settings: Settings) -> [String] {
    let counts = settings.cardinalities.count { Double($0) <= settings.premiseLimit }
    let draws =
      counts * settings.drawsWithinPremise.reduce(0, +)
      + (settings.cardinalities.count - counts) * settings.drawsBeyondPremise.reduce(0, +)
      + settings.scalingCardinalities.count * settings.scalingDraws
    let digits =
      settings.digitPairs.count * settings.digitsPerPair * settings.digitCardinalities.count
    return ["\(Wording.count(draws)) draws", "\(Wording.count(digits)) digits"]
  }
}
