import Algorithms
import ExperimentSuite
import MLCSCKit

/// Models (S, Λ) that agree in all that the premise depends on.
struct ModelRow: MeasuredRow {
  /// What the premise depends on.
  struct Kind: TableRow, Hashable {
    @Field("dictionaries", .key) var dictionaries = ""
    @Field("sparsity", .key) var sparsity = 0
    @Field("cosparsity", .key) var cosparsity = 0
    @Field("rank", .key) var rank = 0
    /// (η − 1)/2 + rank Φ − s₂: S's premise holds from 0 on.
    @Field("slack", .key) var slack = 0.0
    /// (m₁ − |Λ|)/2 − (s₂ − rank Φ): the condition that S lacks holds from 0 on.
    @Field("inner_slack", .key) var innerSlack = 0.0
  }

  var kind = Kind()
  @Field("models", .exact) var models = 0
  /// Models of which some γ₂ has a competitor of the same sparsities.
  @Field("not_unique", .exact) var notUnique = 0

  /// One pair of dictionaries, with one random (S, Λ) of all sizes.
  static func draw(
    _ part: HolisticUniqueness.Part, _ settings: HolisticUniqueness.Settings,
    from stream: inout RandomStream
  ) throws -> [ModelRow] {
    let largest = part == .ternary ? 1 : settings.largestEntry
    let inner = part == .fewRows ? settings.fewInnerAtoms : settings.innerAtoms
    let (n, m) = (settings.smallDimension, settings.smallAtoms)
    let statement = try SynthesisAnalysisUniqueness(
      .uniform(n, inner, upTo: largest, from: &stream),
      .uniform(inner, m, upTo: largest, from: &stream))
    var rows = [ModelRow]()
    for s in 1...m {
      for cosparsity in 0..<min(s, inner) {
        let support = stream.indices(s, below: m).sorted()
        let cosupport = stream.indices(cosparsity, below: inner).sorted()
        let kind = Kind(
          dictionaries: part.rawValue, sparsity: s, cosparsity: cosparsity,
          rank: try statement.rank(support: support, cosupport: cosupport),
          // Where nothing limits the sparsity the slack is infinite; as much as it can be will do.
          slack: min(try statement.slack(support: support, cosupport: cosupport), 500),
          innerSlack: try statement.innerSlack(support: support, cosupport: cosupport))
        let competitor = try statement.competitor(support: support, cosupport: cosupport)
        rows.append(ModelRow(kind: kind, models: 1, notUnique: competitor == nil ? 0 : 1))
      }
    }
    return rows
  }

  /// Rows of the same kind as one.
  static func merged(_ rows: [ModelRow]) -> [ModelRow] {
    rows.grouped { $0.kind }.map { kind, alike in
      ModelRow(
        kind: kind, models: alike.reduce(0) { $0 + $1.models },
        notUnique: alike.reduce(0) { $0 + $1.notUnique })
    }.sorted { a, b in
      let (a, b) = (a.kind, b.kind)
      return (a.dictionaries, a.sparsity, a.cosparsity, a.rank, a.slack, a.innerSlack)
        < (b.dictionaries, b.sparsity, b.cosparsity, b.rank, b.slack, b.innerSlack)
    }
  }

  /// Fewer models within the premise than this decide nothing.
  private static let leastModels = 1_000

  static func claims(_ rows: [ModelRow]) -> [ClaimTest] {
    let premise = rows.filter { $0.kind.slack >= 0 }
    let general = premise.filter {
      $0.kind.dictionaries != "ternary" && $0.kind.innerSlack >= 0
    }
    // What the bound without rank Φ leaves open: s₂ > (η − 1)/2.
    let gained = general.filter { $0.kind.slack < Double($0.kind.rank) }
    let fewRows = premise.filter { $0.kind.dictionaries == "few-rows" }
    let ternary = premise.filter { $0.kind.dictionaries == "ternary" }
    let beyond = rows.filter { $0.kind.dictionaries == "general" && $0.kind.slack < 0 }
    func claim(
      _ id: String, _ statements: [String], _ sentence: String, _ rows: [ModelRow],
      details: [Detail] = []
    ) -> ClaimTest {
      ClaimTest(
        id, decides: statements, sentence, source: "S, Uniqueness",
        .number("models that are not unique", unit: ""),
        .violations(
          rows.reduce(0) { $0 + $1.notUnique }, of: rows.reduce(0) { $0 + $1.models },
          "models with the premise"), details: details, holdsWhen: .never(atLeast: leastModels))
    }
    return [
      claim(
        "uniqueness", ["S25"],
        "Representations are unique if ‖γ2‖0 ≤ (η − 1)/2 + rank Φ, for dictionaries in general "
          + "position and ‖γ1‖0 ≥ 2(s2 − rank Φ), which S does not say", general,
        details: [percent("not unique beyond the premise", beyond)]),
      claim(
        "improved-guarantee", ["S26", "B44"],
        "The co-support improves the guarantee: with rank Φ, models beyond (η − 1)/2 are unique too",
        gained),
      claim(
        "uniqueness-as-printed", ["S25"],
        "Representations are unique if ‖γ2‖0 ≤ (η − 1)/2 + rank Φ, for all dictionaries, as printed",
        fewRows + ternary,
        details: [
          percent("not unique with few rows", fewRows),
          percent(
            "the same with the condition on γ1", fewRows.filter { $0.kind.innerSlack >= 0 }),
          percent("with entries −1, 0, 1", ternary),
          percent(
            "the same with the condition on γ1", ternary.filter { $0.kind.innerSlack >= 0 }),
        ]),
    ]
  }

  private static func percent(_ label: String, _ rows: [ModelRow]) -> Detail {
    let models = rows.reduce(0) { $0 + $1.models }
    let share = Double(rows.reduce(0) { $0 + $1.notUnique }) / Double(max(models, 1))
    return Detail(label, 100 * share, unit: "% of \(Wording.count(models))")
  }
}

/// The share of models that are not unique, by slack.
struct UniquenessRow: TableRow {
  @Field("dictionaries", .key) var dictionaries = ""
  @Field("slack", .key) var slack = 0.0
  @IntervalField("share_not_unique", .measured()) var share: Estimate? = nil
  @Field("models", .exact) var models = 0

  static func rows(_ models: [ModelRow]) -> [UniquenessRow] {
    models.map(\.kind.dictionaries).uniqued().flatMap { dictionaries in
      models.filter { $0.kind.dictionaries == dictionaries }.grouped { $0.kind.slack }
        .sorted { $0.key < $1.key }.map { slack, rows in
          let count = rows.reduce(0) { $0 + $1.models }
          return UniquenessRow(
            dictionaries: dictionaries, slack: slack,
            share: Statistics.share(rows.reduce(0) { $0 + $1.notUnique }, of: count),
            models: count)
        }
    }
  }
}
