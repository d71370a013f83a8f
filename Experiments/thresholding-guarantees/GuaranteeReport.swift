import ExperimentSuite
import MLCSCKit
import RealModule

/// Tables and claims of `thresholding-guarantees`.
struct GuaranteeReport {
  typealias Row = ThresholdingGuarantees.Row
  let settings: ThresholdingGuarantees.Settings
  let rows: [Row]

  init(_ settings: ThresholdingGuarantees.Settings, _ rows: [Row]) {
    self.settings = settings
    self.rows = rows
  }

  private func sum(_ rows: [Row], _ value: (Row) -> Int) -> Int {
    rows.reduce(0) { $0 + value($1) }
  }

  /// Rows of a method that agree in family, layer, iteration and place, in that order.
  private func groups(_ method: String) -> [[Row]] {
    [String: [Row]](grouping: rows.filter { $0.method == method }) {
      "\($0.family)/\($0.layer)/\($0.iteration)/\($0.place)"
    }.map(\.value).sorted { first, second in
      let (a, b) = (first[0], second[0])
      return (a.family, a.layer, a.iteration, a.place) < (b.family, b.layer, b.iteration, b.place)
    }
  }

  private func values(_ rows: [Row]) -> [Value] {
    let (all, premise) = (sum(rows, \.draws), sum(rows, \.premise))
    let supports = Statistics.share(sum(rows, \.supports), of: all)
    func mean(_ part: (Row) -> (sum: Double, count: Int)) -> [Value] {
      let parts = rows.map(part).filter { $0.count > 0 }
      let count = parts.reduce(0) { $0 + $1.count }
      guard count > 0 else { return [.missing, .missing] }
      return [
        .real(parts.reduce(0) { $0 + $1.sum } / Double(count)),
        .real(Statistics.standardError(parts.map { $0.sum / Double($0.count) })),
      ]
    }
    return [.real(supports.value), .real(supports.lower), .real(supports.upper)]
      + mean { ($0.insideSum, $0.premise) }
      + [premise > 0 ? .real(rows.map(\.insideLargest).max() ?? 0) : .missing]
      + mean { ($0.outsideSum, $0.draws - $0.premise) }
      + [
        premise > 0 ? .real(rows.reduce(0) { $0 + $1.boundSum } / Double(premise)) : .missing,
        premise > 0 ? .real(rows.map(\.tightness).max() ?? 0) : .missing,
        .integer(all), .integer(premise), .integer(sum(rows, \.violations)),
      ]
  }

  func tables() throws -> [Table] {
    func measured(_ error: String) -> [Column] {
      [
        .measured("support_share", absolute: 0.01),
        .measured("support_share_lower", absolute: 0.01),
        .measured("support_share_upper", absolute: 0.01),
        .measured(error, absolute: 1e-7, relative: 1e-3),
        .measured("standard_error", absolute: 1e-7, relative: 1e-2),
        .measured("error_largest", absolute: 1e-7, relative: 1e-3),
        .measured("error_outside_premise", absolute: 1e-7, relative: 1e-3),
        .measured("standard_error_outside", absolute: 1e-7, relative: 1e-2),
        .measured("bound", absolute: 1e-9, relative: 1e-4),
        .measured("error_over_bound_largest", absolute: 1e-4, relative: 1e-3),
        .exact("draws"), .exact("premise"), .exact("violations"),
      ]
    }
    return [
      try Table(
        "thresholding",
        [
          .key("family"), .key("layer"), .key("noise_over_edge"), .measured("edge_noise"),
          .measured("coherence"),
        ] + measured("error_local"),
        rows: groups("thresholding").map { rows in
          [
            .text(rows[0].family), .integer(rows[0].layer), .real(rows[0].place),
            .real(rows[0].edge), .real(rows[0].coherence),
          ] + values(rows)
        }),
      try Table(
        "basis-pursuit",
        [
          .key("family"), .key("layer"), .key("stripe_norm"), .measured("stripe_over_limit"),
          .measured("coherence"),
        ] + measured("error_local"),
        rows: groups("basis pursuit").map { rows in
          let limit = AtomGeometry(coherence: rows[0].coherence).basisPursuitLimit
          return [
            .text(rows[0].family), .integer(rows[0].layer), .real(rows[0].place),
            // An orthonormal layer has no limit; its coherence is zero but for rounding.
            rows[0].coherence > 1e-9 ? .real(rows[0].place / limit) : .missing,
            .real(rows[0].coherence),
          ] + values(rows)
        }),
      try Table(
        "ml-ista",
        [.key("start"), .key("iteration"), .key("step_scale")]
          + measured("gap_relative").dropFirst(3),
        rows: groups("ml-ista").map { rows in
          [.text(rows[0].family), .integer(rows[0].iteration), .real(rows[0].place)]
            + values(rows).dropFirst(3)
        }),
    ]
  }

  private func percent(_ part: Int, _ whole: Int) -> String {
    "\((1000 * Double(part) / Double(max(whole, 1))).rounded() / 10) %"
  }

  /// No support and no error against the theorem on any draw and layer with the premise.
  private func survival(_ method: String, id: String, sentence: String, source: String) -> Claim {
    let found = rows.filter { $0.method == method }
    let (all, premise) = (sum(found, \.draws), sum(found, \.premise))
    let outside = found.filter { $0.premise == 0 }
    let violations = sum(found, \.violations)
    let isPursuit = method != "ml-ista"
    return Claim(
      id: id, sentence: sentence, source: source,
      measured: "\(violations) violations where the premise holds, in \(premise) tests ("
        + (isPursuit ? "draws times layers" : "problems times steps, starts and iterates")
        + "; \(percent(premise, all)) of \(all)); largest error over bound "
        + Wording.number(found.map(\.tightness).max() ?? 0)
        + (isPursuit
          ? "; where it never holds, supports as promised in "
            + percent(sum(outside, \.supports), sum(outside, \.draws)) : ""),
      verdict: violations > 0 ? .doesNotHold : premise >= 1_000 ? .holds : .undecided)
  }

  /// The mean bound of layer 2 over that of layer 1, on draws with the premise.
  private func growth() -> Claim {
    func mean(_ method: String, _ family: String, _ layer: Int) -> Double {
      let found = rows.filter {
        $0.method == method && $0.family == family && $0.layer == layer && $0.premise > 0
      }
      return found.reduce(0) { $0 + $1.boundSum } / Double(max(sum(found, \.premise), 1))
    }
    var parts = [String]()
    var grows = true
    for method in ["thresholding", "basis pursuit"] {
      for family in ["line", "plane", "hadamard"] {
        let (first, second) = (mean(method, family, 1), mean(method, family, 2))
        grows = grows && second > first
        parts.append("\(method), \(family): \(Wording.number(first)), \(Wording.number(second))")
      }
    }
    return Claim(
      id: "bounds-grow",
      sentence: "The bounds of both layered pursuits increase with depth",
      source: "S, layered thresholding, layered basis pursuit",
      measured: "mean bound of layers 1 and 2: " + parts.joined(separator: "; "),
      verdict: grows ? .holds : .doesNotHold)
  }

  /// Thresholding has an error without noise, basis pursuit has not.
  private func noiseless() -> Claim {
    let clean = rows.filter { $0.method == "thresholding" && $0.place == 0 && $0.layer == 1 }
    let errors = clean.filter { $0.premise > 0 }.map { $0.insideSum / Double($0.premise) }
    let pursuit = rows.filter { $0.method == "basis pursuit" && $0.layer == 1 && $0.premise > 0 }
    let ratio = pursuit.map(\.tightness).max() ?? 0
    let least = errors.min() ?? 0
    return Claim(
      id: "no-perfect-recovery",
      sentence:
        "Thresholding recovers nothing perfectly without noise, unlike basis pursuit, whose "
        + "error is at most a multiple of the noise",
      source: "S, layered thresholding (second cross)",
      measured:
        "without noise thresholding's local error in layer 1 is \(Wording.number(least)) or more on "
        + "average in every block (entries of about 0.7); basis pursuit's is at most "
        + "\(Wording.number(ratio)) of 7.5 √‖Γ‖ times the noise, for noise from "
        + "\(settings.pursuitNoise[0]) on",
      verdict: least > 0 && ratio > 0 && ratio <= 1 ? .holds : .undecided)
  }

  func claims() -> [Claim] {
    [
      survival(
        "thresholding", id: "layered-thresholding",
        sentence: "Layered thresholding finds the supports, and its local errors stay below the "
          + "bound", source: "S, stability of the multi-layer thresholding"),
      survival(
        "basis pursuit", id: "layered-basis-pursuit",
        sentence:
          "Layered basis pursuit keeps within the supports, and its local errors stay below "
          + "the bound", source: "S, stability of layered basis pursuit"),
      survival(
        "ml-ista", id: "ml-ista",
        sentence: "The gap of ML-ISTA stays below ηε + (β + κt)μ",
        source: "S convergence theorem, erratum 4, constants derived"),
      growth(),
      noiseless(),
    ]
  }
}
