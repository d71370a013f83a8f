import ExperimentSuite
import RealModule

/// What is claimed, what was measured and the verdicts.
enum AdversarialClaims {
  static func number(_ x: Double, _ digits: Int = 2) -> String {
    let scale = Double.pow(10, digits)
    return "\((x * scale).rounded() / scale)"
  }

  /// The claims on synthetic draws.
  static func synthetic(
    _ settings: AdversarialRobustness.Settings, _ all: [AdversarialMeasurement]
  ) -> [Claim] {
    [
      noFlip(all), squareRoot(settings, all), sharp(all), fortyTimes(all), premiseMatters(all),
    ]
  }

  private static func noFlip(_ all: [AdversarialMeasurement]) -> Claim {
    let within = all.filter(\.premise)
    let errors = within.count { ($0.attackedRadius ?? .infinity) <= $0.radius }
    let uncertified = within.count { $0.supportRadius < $0.radius * (1 - 1e-9) }
    let smallest = within.map(AdversarialTables.ratio).min() ?? .infinity
    return Claim(
      id: "no-flip",
      sentence: "For ‖γ‖0 ≤ (1 + 1/µ)/3 no perturbation within the radius changes the label",
      source: "S, theorem (1 layer, FC)", paper: "0 flips",
      measured: "\(errors) of \(within.count) attacked draws with the premise err within "
        + "O/(7.5 √k ‖w‖) at λ = 4 radii (the premise holds for \(within.count) of \(all.count) draws); "
        + "the smallest perturbation found is \(number(smallest)) certified radii; the certificate "
        + "from the support is smaller than the radius in \(uncertified) draws",
      verdict: errors + uncertified > 0
        ? .doesNotHold : within.count >= 10_000 ? .holds : .undecided)
  }

  /// Slopes of log ε‖w‖/O at the first error against log k, one for each round of draws.
  private static func squareRoot(
    _ settings: AdversarialRobustness.Settings, _ all: [AdversarialMeasurement]
  ) -> Claim {
    let matched = all.filter {
      $0.family == "matched" && $0.dimension == settings.scalingDimension && $0.premise
    }
    let groups = AdversarialTables.groups(matched)
    let rounds = groups.map(\.count).min() ?? 0
    let slopes = (0..<rounds).map { round in
      Statistics.line(
        groups.map { Double.log(Double($0[round].cardinality)) },
        groups.map { Double.log(($0[round].tiedUpper ?? 1) / $0[round].normalizedMargin) }
      ).slope
    }
    let slope = Statistics.bootstrapMean(slopes)
    return Claim(
      id: "falls-as-1-over-k",
      sentence: "The radius falls as 1/‖γ‖0",
      source: "S, theorem (1 layer, FC)", paper: "slope -1",
      measured: "matched draws in [I H/\(Int(Double(settings.scalingDimension).squareRoot()))], "
        + "k = \(settings.scalingCardinalities.map(String.init).joined(separator: ", ")): slope "
        + "\(number(slope.value)) [\(number(slope.lower)), \(number(slope.upper))] of the first "
        + "error against k on logarithms; the derivation gives √k (slope -0.5, and 1/(4√k + 1) "
        + "exactly for D = I)",
      verdict: groups.count < 3 || rounds < 3
        ? .undecided : slope.contains(-1) ? .holds : .doesNotHold)
  }

  private static func sharp(_ all: [AdversarialMeasurement]) -> Claim {
    let matched = all.filter { $0.family == "matched" && $0.premise && $0.tiedUpper != nil }
    let ratios = matched.map { ($0.tiedUpper ?? 0) / $0.radius }
    let loose = matched.map { ($0.tiedUpper ?? 0) / $0.printedRadius }
    let lowest = matched.map { ($0.tiedLower ?? 0) / $0.radius }.min() ?? 0
    let enclosed = matched.count { ($0.tiedUpper ?? 0) <= 1.01 * ($0.tiedLower ?? 0) }
    return Claim(
      id: "square-root-sharp",
      sentence: "With √k the bound is within a factor of 2 of the truth for the worst signals",
      source: "our derivation",
      measured: "w = γ, λ = 4ε: the first error lies between \(number(lowest)) and "
        + "\(number(ratios.max() ?? 0)) radii O/(7.5 √k ‖w‖) on \(matched.count) draws with the "
        + "premise (enclosed to 1 % on \(enclosed) of them), and up to \(number(loose.max() ?? 0)) printed radii O/(7.5 k ‖w‖)",
      verdict: matched.count < 20
        ? .undecided : lowest >= 1 && (ratios.max() ?? 0) <= 2 ? .holds : .doesNotHold)
  }

  private static func fortyTimes(_ all: [AdversarialMeasurement]) -> Claim {
    let chosen = all.filter { $0.premise && $0.cardinality == 3 && $0.dimension == 64 }
    func lowest(_ family: String, _ value: (AdversarialMeasurement) -> Double) -> Double {
      chosen.filter { $0.family == family }.map(value).min() ?? .infinity
    }
    let random = chosen.filter { $0.family == "random" }
    let beyond = random.count { AdversarialTables.printed($0) > 40 }
    let smallest = lowest("random", AdversarialTables.printed)
    return Claim(
      id: "forty-times",
      sentence: "Labels flip only beyond 40 times the certified radius (D = [I H/8], k = 3)",
      source: "an independent computation",
      measured: "printed radius, Gaussian γ and w: smallest ratio "
        + "\(number(smallest)), above 40 in \(beyond) of \(random.count) draws; radius with √k: "
        + "smallest \(number(lowest("random", AdversarialTables.ratio))); with w = γ the smallest is "
        + "\(number(lowest("matched", AdversarialTables.printed))) printed radii",
      verdict: random.count < 100 ? .undecided : smallest > 40 ? .holds : .doesNotHold)
  }

  private static func premiseMatters(_ all: [AdversarialMeasurement]) -> Claim {
    let beyond = all.filter { !$0.premise }
    let errors = beyond.filter { ($0.attackedRadius ?? .infinity) <= $0.radius }
    let smallest = errors.map(\.cardinality).min()
    let families = Set(errors.map(\.family)).sorted().joined(separator: ", ")
    return Claim(
      id: "premise-needed",
      sentence: "Beyond the premise the label can change within the radius",
      source: "S, theorem (1 layer, FC)",
      measured: smallest.map {
        "\(errors.count) of \(beyond.count) draws beyond the premise err within the radius, all "
          + "\(families), from k = \($0) on; the premise ends at k = 3"
      } ?? "none of \(beyond.count) draws beyond the premise errs within the radius",
      verdict: errors.isEmpty ? .undecided : .holds)
  }

  /// The claims on digits.
  static func digits(
    _ results: [CellResult<AdversarialRobustness.Cell, AdversarialRobustness.Row>]
  ) -> [Claim] {
    [
      digits(
        results.filter { $0.cell.block == 0 }, id: "digits",
        sentence: "The theorem covers MNIST digits of several atoms of the learned model"),
      digits(
        results.filter { $0.cell.block == 1 }, id: "digits-one-atom",
        sentence: "The theorem covers MNIST digits of one atom among atoms of coherence ≤ 1/2"),
    ]
  }

  private static func digits(
    _ results: [CellResult<AdversarialRobustness.Cell, AdversarialRobustness.Row>], id: String,
    sentence: String
  ) -> Claim {
    let rows = results.flatMap(\.rows)
    let found = rows.map(\.result)
    let within = found.filter(\.premise)
    let errors = found.count { ($0.attackedRadius ?? .infinity) <= $0.radius }
    let ratios = found.map(AdversarialTables.ratio)
    let k = found.first?.cardinality ?? 1
    return Claim(
      id: id, sentence: sentence, source: "S, theorem (1 layer, FC)",
      measured: "premise for \(within.count) of \(found.count) digits: k = \(k) against a limit of "
        + "\(number(found.map(\.limit).min() ?? 0)) (µ = \(number(rows.first?.coherence ?? 0, 3))"
        + (within.isEmpty ? ", it would have to be \(number(1 / Double(3 * k - 1), 3))" : "")
        + "); smallest perturbation that errs, median \(number(Statistics.median(found.compactMap(\.attackedRadius)))), "
        + "formula \(number(Statistics.median(found.map(\.radius)), 3)), ratio at least "
        + "\(number(ratios.min() ?? 0)), \(errors) err within the formula's radius",
      verdict: found.isEmpty
        ? .undecided
        : within.count == found.count && errors == 0 ? .holds : .doesNotHold)
  }
}
