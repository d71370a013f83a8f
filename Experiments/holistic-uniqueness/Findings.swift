import ExperimentSuite
import RealModule

extension HolisticUniqueness {
  typealias Results = [CellResult<Cell, Row>]

  private static func uniqueness(_ results: Results, _ part: Part) -> [UniquenessRow] {
    results.flatMap(\.rows).compactMap {
      if case .uniqueness(let row) = $0, row.part == part { row } else { nil }
    }
  }

  private static func oracles(_ results: Results) -> [OracleRow] {
    results.flatMap(\.rows).compactMap { if case .oracle(let row) = $0 { row } else { nil } }
  }

  private static func pursuits(_ results: Results) -> [PursuitRow] {
    results.flatMap(\.rows).compactMap { if case .pursuits(let row) = $0 { row } else { nil } }
  }

  /// The mean error E‖γ̂₂ − γ₂‖²/σ² over these Gaussian dictionaries, exactly.
  ///
  ///     d n m₂ / ((n − d − 1)(m₁ − |Λ| − d − 1)),  d = s₂ − rank Φ
  ///
  /// (two means of inverse Wishart matrices, for D₁ and for the rows of D₂ outside Λ). The
  /// projection is the case Λ = ∅.
  static func predicted(_ settings: Settings, freedom d: Int, cosparsity: Int) -> Double {
    let size = settings.dimensions.map(Double.init)
    return Double(d) * growth(settings, freedom: d, cosparsity: cosparsity) * size[0] * size[2]
  }

  /// The part of `predicted` that stands for 1/(1 − δ) and is not linear in d.
  private static func growth(_ settings: Settings, freedom d: Int, cosparsity: Int) -> Double {
    let (n, m1) = (settings.dimensions[0], settings.dimensions[1])
    return 1 / Double(n - d - 1) / Double(m1 - cosparsity - d - 1)
  }

  // MARK: Tables

  static func tables(_ settings: Settings, _ results: Results) throws -> [Table] {
    [
      try uniquenessTable(results), try stabilityTable(settings, oracles(results)),
      try pursuitTable(settings, pursuits(results)),
    ]
  }

  private static func uniquenessTable(_ results: Results) throws -> Table {
    var rows = [[Value]]()
    for part in [Part.general, .fewRows, .ternary] {
      let all = uniqueness(results, part)
      for slack in Set(all.map(\.twiceSlack)).sorted() {
        let found = all.filter { $0.twiceSlack == slack }
        let draws = found.reduce(0) { $0 + $1.count }
        let shared = found.reduce(0) { $0 + ($1.isUnique ? 0 : $1.count) }
        let share = Statistics.share(shared, of: draws)
        rows.append([
          .text(part.rawValue), .real(Double(slack) / 2), .real(share.value),
          .real(max(share.lower, 0)), .real(min(share.upper, 1)), .integer(shared), .integer(draws),
        ])
      }
    }
    return try Table(
      "uniqueness",
      [
        .key("dictionaries"), .key("slack"), .measured("share_not_unique"),
        .measured("share_lower"), .measured("share_upper"), .exact("not_unique"),
        .exact("models"),
      ], rows: rows)
  }

  private static func stabilityTable(_ settings: Settings, _ draws: [OracleRow]) throws -> Table {
    let rows = points(settings).enumerated().map { i, point -> [Value] in
      func pair(_ values: [Double]) -> [Value] {
        [.real(Statistics.mean(values)), .real(Statistics.standardError(values))]
      }
      let isGaussian = point.rank == point.cosparsity
      return [
        .text(point.series), .integer(point.sparsity), .integer(point.cosparsity),
        .integer(point.rank),
      ] + pair(draws.map { $0.holistic2[i] }) + pair(draws.map { $0.projection2[i] })
        + pair(draws.map { $0.holistic1[i] }) + pair(draws.map { $0.projection1[i] })
        + [
          .real(predicted(settings, freedom: point.freedom, cosparsity: point.cosparsity)),
          isGaussian
            ? .real(predicted(settings, freedom: point.sparsity, cosparsity: 0)) : .missing,
          .real(Statistics.mean(draws.map { $0.bound2[i] })), .integer(draws.count),
        ]
    }
    func error(_ name: String) -> [Column] {
      [
        .measured("\(name)_error_over_variance", relative: 0.02),
        .measured("\(name)_standard_error", relative: 0.05),
      ]
    }
    return try Table(
      "stability",
      [.key("series"), .key("sparsity"), .key("cosparsity"), .key("rank")]
        + error("holistic_gamma2") + error("projection_gamma2") + error("holistic_gamma1")
        + error("projection_gamma1") + [
          .measured("holistic_gamma2_predicted"), .measured("projection_gamma2_predicted"),
          .measured("holistic_gamma2_bound", relative: 0.02), .exact("draws"),
        ], rows: rows)
  }

  static func decibels(_ ratio: Double) -> Double {
    (20 * Double.log10(ratio) * 1000).rounded() / 1000
  }

  private static func pursuitTable(_ settings: Settings, _ draws: [PursuitRow]) throws -> Table {
    typealias Method = (
      name: String, error: KeyPath<PursuitRow, [[Double]]>,
      support: KeyPath<PursuitRow, [[Double]]>?, cosupport: KeyPath<PursuitRow, [[Double]]>?
    )
    let methods: [Method] = [
      ("projection-oracle", \.projectionOracle, nil, nil),
      ("holistic-oracle", \.holisticOracle, nil, nil),
      ("holistic-support-known", \.supportKnown, nil, \.cosupportFound),
      ("projection", \.projection, \.projectionSupport, nil),
      ("holistic", \.holistic, \.holisticSupport, nil),
    ]
    var rows = [[Value]]()
    for (k, ratio) in settings.amplitudeRatios.enumerated() {
      for method in methods {
        for rank in 1...settings.largestCosparsity {
          let errors = draws.map { $0[keyPath: method.error][k][rank - 1] }
          let logs = errors.map { Double.log($0) }
          let (center, spread) = (Statistics.mean(logs), Statistics.standardError(logs))
          func share(_ path: KeyPath<PursuitRow, [[Double]]>?) -> Value {
            path.map { path in
              .real(Statistics.mean(draws.map { $0[keyPath: path][k][rank - 1] }))
            } ?? .missing
          }
          rows.append([
            .real(decibels(ratio)), .text(method.name), .integer(rank),
            .real(Double.exp(center)), .real(Double.exp(center - spread)),
            .real(Double.exp(center + spread)), .real(Statistics.mean(errors)),
            .real(Statistics.standardError(errors)), share(method.support),
            share(method.cosupport), .integer(draws.count),
          ])
        }
      }
    }
    return try Table(
      "pursuits",
      [
        .key("snr_db"), .key("method"), .key("rank"),
        .measured("geometric_mean_error_over_variance", relative: 0.02),
        .measured("geometric_mean_lower", relative: 0.02),
        .measured("geometric_mean_upper", relative: 0.02),
        // A single draw with a wrong, nearly dependent support decides the mean.
        .note("mean_error_over_variance"), .note("mean_standard_error"),
        .measured("support_found", absolute: 0.02),
        .measured("cosupport_found", absolute: 0.02), .exact("draws"),
      ], rows: rows)
  }

  // MARK: Claims

  static func claims(_ settings: Settings, _ results: Results) throws -> [Claim] {
    uniquenessClaims(settings, results) + stabilityClaims(settings, oracles(results))
      + pursuitClaims(settings, pursuits(results))
  }

  private static func uniquenessClaims(_ settings: Settings, _ results: Results) -> [Claim] {
    func total(_ rows: [UniquenessRow]) -> Int { rows.reduce(0) { $0 + $1.count } }
    func shared(_ rows: [UniquenessRow]) -> Int { total(rows.filter { !$0.isUnique }) }
    let general = uniqueness(results, .general)
    let fewRows = uniqueness(results, .fewRows)
    let ternary = uniqueness(results, .ternary)
    let position = general + fewRows
    let within = position.filter { $0.twiceSlack >= 0 && $0.twiceInnerSlack >= 0 }
    // What the bound without rank Φ leaves open: s₂ > (η − 1)/2.
    let gained = within.filter { $0.twiceSlack < 2 * ($0.sparsity - $0.freedom) }
    let beyond = general.filter { $0.twiceSlack < 0 }
    let few = fewRows.filter { $0.twiceSlack >= 0 }
    let structured = ternary.filter { $0.twiceSlack >= 0 }
    let both = structured.filter { $0.twiceInnerSlack >= 0 }
    let violations = shared(few) + shared(structured)
    let share = Statistics.share(total(within), of: total(position))
    return [
      Claim(
        id: "uniqueness",
        sentence: "Representations are unique if ‖γ2‖0 ≤ (η − 1)/2 + rank Φ (dictionaries in "
          + "general position and ‖γ1‖0 ≥ 2(s2 − rank Φ), which S does not say)",
        source: "S Uniqueness",
        measured: "not unique: \(shared(within)) of \(total(within)) models for which the premise "
          + "holds (\(Wording.percent(share.value)) of all); beyond it "
          + "\(shared(beyond)) of \(total(beyond))",
        verdict: shared(within) > 0 ? .doesNotHold : total(within) >= 1000 ? .holds : .undecided),
      Claim(
        id: "improved-guarantee",
        sentence: "rank Φ improves the guarantee: models beyond (η − 1)/2 are unique too",
        source: "S Uniqueness",
        measured: "of the models within the premise \(total(gained)) have s2 > (η − 1)/2; "
          + "\(shared(gained)) of them are not unique",
        verdict: shared(gained) > 0
          ? .doesNotHold : total(gained) >= 1000 ? .holds : .undecided),
      Claim(
        id: "uniqueness-as-printed",
        sentence: "The same for all dictionaries, as S states it",
        source: "S Uniqueness",
        measured:
          "within S's premise, not unique: \(shared(few)) of \(total(few)) models in general "
          + "position with m1 = \(settings.fewInnerAtoms), of which "
          + "\(shared(few.filter { $0.twiceInnerSlack >= 0 })) satisfy the condition on γ1 above; "
          + "\(shared(structured)) of \(total(structured)) models with entries −1, 0, 1, of which "
          + "\(shared(both)) satisfy it",
        verdict: violations > 0
          ? .doesNotHold : total(few) + total(structured) >= 1000 ? .holds : .undecided),
    ]
  }

  private static func stabilityClaims(_ settings: Settings, _ draws: [OracleRow]) -> [Claim] {
    let points = points(settings)
    func indices(_ series: String) -> [Int] {
      points.indices.filter { points[$0].series == series }
    }
    func mean(_ path: KeyPath<OracleRow, [Double]>, _ i: Int) -> Double {
      Statistics.mean(draws.map { $0[keyPath: path][i] })
    }
    let decided = draws.count >= 200
    let ranks = indices("rank")
    func slope(_ path: KeyPath<OracleRow, [Double]>, _ chosen: [Int]) -> Estimate {
      Statistics.bootstrapMean(
        draws.map { draw in
          Statistics.line(
            chosen.map { Double(points[$0].rank) }, chosen.map { draw[keyPath: path][$0] }
          ).slope
        })
    }
    let falls = slope(\.holistic2, ranks)
    let stays = slope(\.projection2, ranks)
    let inner = (slope(\.holistic1, ranks), slope(\.projection1, ranks))
    /// Slope of log mean error against log (s₂ − rank Φ), the error divided by a factor a point.
    func power(_ factor: (Point) -> Double) -> Estimate {
      let x = ranks.map { Double.log(Double(points[$0].freedom)) }
      let factors = ranks.map { factor(points[$0]) }
      return Statistics.bootstrap(draws.count) { sample in
        let y = ranks.indices.map { k in
          Double.log(sample.reduce(0) { $0 + draws[$1].holistic2[ranks[k]] } / factors[k])
        }
        return Statistics.line(x, y).slope
      }
    }
    let plain = power { _ in 1 }
    let corrected = power { growth(settings, freedom: $0.freedom, cosparsity: $0.cosparsity) }
    let ratio = Statistics.bootstrapMean(
      draws.map { draw in
        Statistics.mean(
          points.indices.map {
            draw.holistic2[$0]
              / predicted(
                settings, freedom: points[$0].freedom, cosparsity: points[$0].cosparsity)
          })
      })
    let violations = draws.reduce(0) { sum, draw in
      sum
        + points.indices.count { draw.expected2[$0] > draw.bound2[$0] * (1 + 1e-9) }
    }
    let loose = Statistics.mean(
      draws.flatMap { draw in points.indices.map { draw.bound2[$0] / draw.expected2[$0] } })
    let copies = indices("copies")
    let copied = slope(\.holistic2, copies)
    let (low, high) = (copies.first ?? 0, copies.last ?? 0)
    let like = ranks.first { points[$0].rank == points[low].rank } ?? 0
    let line = indices("line")
    let (first, last) = (line.first ?? 0, line.last ?? 0)
    return [
      Claim(
        id: "error-falls-with-rank",
        sentence: "The error of the holistic pursuit falls with rank Φ (S and Λ known)",
        source: "S Stability",
        measured: "s2 = \(settings.sparsity): slope of ‖γ̂2 − γ2‖²/σ² against rank Φ "
          + "\(Wording.interval(falls)), from \(Wording.number(mean(\.holistic2, ranks[0]))) to "
          + "\(Wording.number(mean(\.holistic2, ranks[ranks.count - 1]))); of γ1 \(Wording.interval(inner.0)); "
          + "\(draws.count) draws at \(points.count) sizes",
        verdict: !decided
          ? .undecided : falls.upper < 0 && inner.0.upper < 0 ? .holds : .doesNotHold),
      Claim(
        id: "projection-does-not",
        sentence: "The error of the projection pursuit does not (S known)",
        source: "S Stability",
        measured: "slope \(Wording.interval(stays)) at a mean of "
          + "\(Wording.number(Statistics.mean(ranks.map { mean(\.projection2, $0) }))), predicted "
          + "\(Wording.number(predicted(settings, freedom: settings.sparsity, cosparsity: 0))); of γ1 "
          + "\(Wording.interval(inner.1)); with s2 − rank Φ = 1 kept, from s2 = "
          + "\(points[first].sparsity) to \(points[last].sparsity) it grows from "
          + "\(Wording.number(mean(\.projection2, first))) to \(Wording.number(mean(\.projection2, last))), the "
          + "holistic one from \(Wording.number(mean(\.holistic2, first))) to "
          + "\(Wording.number(mean(\.holistic2, last)))",
        verdict: !decided
          ? .undecided : stays.contains(0) && inner.1.contains(0) ? .holds : .doesNotHold),
      Claim(
        id: "error-proportional",
        sentence: "The mean error is proportional to s2 − rank Φ, but for the factor 1/(1 − δ)",
        source: "S Stability", paper: "slope 1",
        measured:
          "slope of log error against log (s2 − rank Φ) \(Wording.interval(plain)); with the "
          + "Gaussian mean of the factor divided out \(Wording.interval(corrected)); error over its exact "
          + "mean, all sizes \(Wording.interval(ratio))",
        verdict: !decided
          ? .undecided : corrected.contains(1) && ratio.contains(1) ? .holds : .doesNotHold),
      Claim(
        id: "rank-not-cardinality",
        sentence: "It is rank Φ that counts, not |Λ|",
        source: "S Stability",
        measured: "|Λ| = \(points[low].cosparsity) throughout, rows of Λ repeated: slope "
          + "\(Wording.interval(copied)); error at rank \(points[low].rank) "
          + "\(Wording.number(mean(\.holistic2, low))), with |Λ| = \(points[like].cosparsity) and the same "
          + "rank \(Wording.number(mean(\.holistic2, like))), at rank \(points[high].rank) "
          + "\(Wording.number(mean(\.holistic2, high)))",
        verdict: !decided ? .undecided : copied.upper < 0 ? .holds : .doesNotHold),
      Claim(
        id: "stability-bound",
        sentence: "The mean error over the noise is at most σ²(s2 − rank Φ)/(1 − δ)",
        source: "S Stability",
        measured: "violated on \(violations) of \(draws.count * points.count) draws, all with "
          + "1 − δ > 0, taken from the atoms of S; the bound is \(Wording.number(loose)) times the error "
          + "on average",
        verdict: violations > 0 ? .doesNotHold : decided ? .holds : .undecided),
    ]
  }

  private static func pursuitClaims(_ settings: Settings, _ draws: [PursuitRow]) -> [Claim] {
    settings.amplitudeRatios.indices.map { k in
      /// One number a draw: its mean log error over the ranks.
      func logs(_ path: KeyPath<PursuitRow, [[Double]]>) -> [Double] {
        draws.map { Statistics.mean($0[keyPath: path][k].map { Double.log($0) }) }
      }
      /// The ratio of two geometric means, over all ranks, with its interval.
      func ratio(
        _ better: KeyPath<PursuitRow, [[Double]]>, _ plain: KeyPath<PursuitRow, [[Double]]>
      ) -> Estimate {
        let e = Statistics.bootstrapMean(zip(logs(better), logs(plain)).map { $0 - $1 })
        return Estimate(
          value: Double.exp(e.value), lower: Double.exp(e.lower), upper: Double.exp(e.upper))
      }
      func mean(_ path: KeyPath<PursuitRow, [[Double]]>) -> Double {
        Statistics.mean(draws.flatMap { $0[keyPath: path][k] })
      }
      let gain = Statistics.bootstrapMean(
        draws.map { Statistics.mean($0.projection[k]) - Statistics.mean($0.holistic[k]) })
      let known = Statistics.bootstrapMean(
        draws.map { draw in
          let errors = draw.supportKnown[k]
          return Statistics.line(errors.indices.map { Double($0 + 1) }, errors).slope
        })
      let pairs = draws.flatMap { zip($0.projection[k], $0.holistic[k]).map { $0 > $1 } }
      let all = ratio(\.holistic, \.projection)
      let snr = Int(decibels(settings.amplitudeRatios[k]).rounded())
      return Claim(
        id: "greedy-at-\(snr)-db",
        sentence: "Without the oracle, too, the holistic pursuit beats the projection "
          + "(noise at \(snr) dB)",
        source: "S Stability (erratum 16)",
        measured:
          "error over that of the projection (geometric mean) \(Wording.interval(all)), better in "
          + "\(pairs.count { $0 }) of \(pairs.count) draws; mean gain \(Wording.interval(gain)) σ², which "
          + "rare failures decide; only Λ unknown: ratio "
          + "\(Wording.interval(ratio(\.supportKnown, \.projectionOracle))), mean "
          + "\(Wording.number(mean(\.supportKnown))) σ² between the oracles' "
          + "\(Wording.number(mean(\.projectionOracle))) and \(Wording.number(mean(\.holisticOracle))), slope "
          + "against rank Φ \(Wording.interval(known)); found of Λ on the known S "
          + "\(Wording.number(mean(\.cosupportFound))), of S \(Wording.number(mean(\.projectionSupport))) by the "
          + "projection, \(Wording.number(mean(\.holisticSupport))) by the holistic pursuit",
        verdict: draws.count < 100
          ? .undecided : all.upper < 1 ? .holds : all.lower > 1 ? .doesNotHold : .undecided)
    }
  }
}
