import ExperimentSuite
import MLCSCKit
import RealModule

/// Tables and claims of `projection-bounds`.
struct ProjectionReport {
  typealias Row = ProjectionBounds.Row
  let settings: ProjectionBounds.Settings
  let draws: [Row]
  let examples: [Row]

  init(_ settings: ProjectionBounds.Settings, _ rows: [Row]) {
    self.settings = settings
    draws = rows.filter { $0.example == nil }
    examples = rows.filter { $0.example != nil }
  }

  private func named(_ name: String) -> [(row: Row, example: ProjectionBounds.Example)] {
    examples.compactMap { row in
      row.example.flatMap { $0.name == name ? (row, $0) : nil }
    }
  }

  private func bound(_ value: Double) -> Value { value > 0 ? .real(value) : .missing }

  /// Rows of the blocks, grouped by some of their keys, in the order of those keys.
  private func grouped(_ key: (Row) -> String) -> [[Row]] {
    [String: [Row]](grouping: draws, by: key).sorted { $0.key < $1.key }.map(\.value)
  }

  func tables() throws -> [Table] {
    let byLayer = grouped { "\($0.family)/\($0.theorem)/\($0.noise)/\($0.layer)" }
    let byStripe = grouped {
      "\($0.family)/\($0.layer)/\($0.theorem)/\($0.noise)/" + String(1_000 + $0.stripe)
    }
    let measured: [Column] = [
      .measured("error_over_noise_squared", absolute: 1e-6, relative: 1e-4),
      .measured("standard_error", absolute: 1e-6, relative: 1e-3),
      .measured("error_largest", absolute: 1e-6, relative: 1e-4),
      .measured("bound", relative: 1e-6),
      .measured("error_over_bound_largest", absolute: 1e-6, relative: 1e-4),
      .exact("draws"), .exact("premise"), .exact("admissible"), .exact("pursuit_found"),
      .exact("violations"),
    ]
    return [
      try Table(
        "bounds",
        [.key("family"), .key("depth"), .key("layer"), .key("theorem"), .key("noise")] + measured,
        rows: byLayer.map { rows in
          [
            .text(rows[0].family), .integer(rows[0].depth), .integer(rows[0].layer),
            .text(rows[0].theorem), .text(rows[0].noise),
          ] + values(rows)
        }),
      try Table(
        "stripes",
        [
          .key("family"), .key("depth"), .key("layer"), .key("theorem"), .key("noise"),
          .key("stripe_norm"),
        ] + measured,
        rows: byStripe.filter { !$0[0].family.hasPrefix("kasami") }.map { rows in
          [
            .text(rows[0].family), .integer(rows[0].depth), .integer(rows[0].layer),
            .text(rows[0].theorem), .text(rows[0].noise), .integer(rows[0].stripe),
          ] + values(rows)
        }),
      try Table(
        "worst",
        [
          .key("family"), .key("layer"), .key("stripe_norm"), .measured("error_over_noise_squared"),
          .measured("bound"), .measured("bound_printed"), .measured("coherence"),
          .measured("smallest_norm"),
        ],
        rows: named("worst noise").map { row, found in
          [
            .text(row.family), .integer(row.layer), .integer(row.stripe), .real(found.error),
            bound(found.mended), bound(found.printed), .real(found.coherence),
            .real(found.smallestNorm),
          ]
        }),
      try Table(
        "counterexamples",
        [
          .key("example"), .key("parameter"), .measured("coherence"), .measured("smallest_norm"),
          .measured("error_over_noise_squared"),
          .measured("error_exact_projection", relative: 0.1),
          .measured("bound_printed"), .measured("bound"),
        ],
        rows: (named("short atoms") + named("stripes of D2")).map { _, found in
          [
            .text(found.name), .real(found.parameter), .real(found.coherence),
            .real(found.smallestNorm), .real(found.error), bound(found.exact ?? 0),
            bound(found.printed), bound(found.mended),
          ]
        }),
      try Table(
        "dictionaries",
        [
          .key("family"), .key("layer"), .measured("coherence"), .measured("limit"),
          .measured("coherence_effective"), .measured("limit_effective"),
          .measured("smallest_norm_effective"),
        ],
        rows: named("dictionary").map { row, found in
          [
            .text(row.family), .integer(row.layer), .real(found.parameter),
            limit(found.parameter), .real(found.coherence), limit(found.coherence),
            .real(found.smallestNorm),
          ]
        }),
    ]
  }

  /// ½(1 + 1/µ); none for orthonormal layers, whose µ is zero but for rounding.
  private func limit(_ coherence: Double) -> Value {
    coherence > 1e-9 ? .real(AtomGeometry(coherence: coherence).stabilityLimit) : .missing
  }

  private func values(_ rows: [Row]) -> [Value] {
    let (all, premise) = (sum(rows, \.draws), sum(rows, \.premise))
    let blocks = rows.map { $0.errorSum / Double($0.draws) }
    return [
      .real(rows.reduce(0) { $0 + $1.errorSum } / Double(all)),
      .real(Statistics.standardError(blocks)),
      .real(rows.map(\.errorLargest).max() ?? 0),
      premise > 0 ? .real(rows.reduce(0) { $0 + $1.boundSum } / Double(premise)) : .missing,
      premise > 0 ? .real(rows.map(\.tightness).max() ?? 0) : .missing,
      .integer(all), .integer(premise), .integer(sum(rows, \.admissible)),
      .integer(sum(rows, \.found)), .integer(sum(rows, \.violations)),
    ]
  }

  private func sum(_ rows: [Row], _ value: (Row) -> Int) -> Int {
    rows.reduce(0) { $0 + value($1) }
  }

  /// Whether a theorem survived: every draw with its premise, and the worst noise for Theorem 1.
  private func survival(_ theorem: String, id: String, sentence: String, source: String) -> Claim {
    let rows = draws.filter { $0.theorem == theorem }
    let worst = theorem == "projection" ? named("worst noise").filter { $0.example.mended > 0 } : []
    let (all, premise) = (sum(rows, \.draws), sum(rows, \.premise))
    let (tested, found) = (sum(rows, \.admissible), sum(rows, \.found))
    let violations =
      sum(rows, \.violations)
      + worst.count { $0.example.error > $0.example.mended * (1 + 1e-9) }
    let tightest = rows.map(\.tightness).max() ?? 0
    func share(_ part: Int, _ whole: Int) -> String {
      "\((1000 * Double(part) / Double(max(whole, 1))).rounded() / 10) %"
    }
    let hardest = worst.map { $0.example.error / $0.example.mended }.max()
    return Claim(
      id: id, sentence: sentence, source: source,
      measured: "\(violations) violations in \(tested) tests (draws times layers; the premise "
        + "holds in \(share(premise, all)) of \(all), and in \(share(tested, premise)) of these the "
        + "estimate meets the constraints; the pursuit's own answer in \(share(found, all))); "
        + "largest error over bound \(Wording.number(tightest))"
        + (hardest.map { ", \(Wording.number($0)) for the worst noise searched" } ?? ""),
      verdict: violations > 0 ? .doesNotHold : tested >= 1_000 ? .holds : .undecided)
  }

  private func depthClaim() -> Claim {
    let family = "kasami-\(settings.depth)"
    func bounds(_ theorem: String) -> [Double] {
      (1...settings.depth).map { layer in
        let rows = draws.filter {
          $0.family == family && $0.layer == layer && $0.theorem == theorem
        }
        return rows.reduce(0) { $0 + $1.boundSum } / Double(max(sum(rows, \.premise), 1))
      }
    }
    let (layered, projected) = (bounds("layered"), bounds("projection"))
    func list(_ values: [Double]) -> String {
      values.map { Wording.number($0) }.joined(separator: ", ")
    }
    let grows = zip(layered, layered.dropFirst()).allSatisfy { $1 > $0 }
    let stays = zip(projected, projected.dropFirst()).allSatisfy { $1 <= $0 }
    return Claim(
      id: "bounds-with-depth",
      sentence: "The bound of the projection does not grow over the layers, that of the layer-wise "
        + "problem does",
      source: "P Sec. 3.1",
      measured: "layers 1 to \(settings.depth) of the Kasami dictionaries, in units of E0²: "
        + "(7) \(list(projected)); (5) \(list(layered))",
      verdict: grows && stays ? .holds : .doesNotHold)
  }

  private func exampleClaim(_ name: String, id: String, sentence: String, source: String) -> Claim {
    let found = named(name).map(\.example)
    func above(_ bound: (ProjectionBounds.Example) -> Double) -> Int {
      found.count { ($0.exact ?? 0) > bound($0) * (1 + 1e-9) }
    }
    let (printed, mended) = (above(\.printed), above(\.mended))
    let members = found.count { $0.error > $0.mended * (1 + 1e-9) }
    let worst = found.max { ($0.exact ?? 0) / $0.printed < ($1.exact ?? 0) / $1.printed }
    return Claim(
      id: id, sentence: sentence, source: source,
      measured: "exceeded by the exact projection in \(printed) of \(found.count) cases, at worst "
        + (worst.map {
          "\(Wording.number($0.exact ?? 0)) E0² against \(Wording.number($0.printed)) E0² as printed and "
            + "\(Wording.number($0.mended)) E0² mended; a member no further from y than x reaches "
            + "\(Wording.number($0.error)) E0²"
        } ?? "none") + "; the mended form is exceeded in \(mended + members)",
      verdict: mended + members > 0 ? .undecided : printed == 0 ? .holds : .doesNotHold)
  }

  private func premiseClaim() -> Claim {
    let line = draws.filter {
      $0.family == "line" && $0.layer == 1 && $0.theorem == "projection" && $0.premise > 0
    }
    let largest = line.map(\.stripe).max() ?? 0
    let atoms = named("dictionary").filter { $0.row.family == "line" }.map(\.example)
    let limits = atoms.map { AtomGeometry(coherence: $0.coherence) }
    let text = limits.enumerated().map { i, atom in
      "layer \(i + 1) µ \(Wording.number(atom.coherence)), limit \(Wording.number(atom.stabilityLimit))"
    }.joined(separator: "; ")
    return Claim(
      id: "premise-can-hold",
      sentence: "Nested convolutional dictionaries exist for which the premise holds with a stripe "
        + "norm of two or more",
      source: "P Sec. 3.1",
      measured:
        "line of \(settings.lineSignal), filters of \(settings.lineFilter): \(text); premise "
        + "met with a stripe norm of \(largest) at layer 1",
      verdict: largest >= 2 ? .holds : .doesNotHold)
  }

  func claims() -> [Claim] {
    [
      survival(
        "projection", id: "theorem-1",
        sentence: "The error of the projection stays below (7), mended for short atoms",
        source: "P Theorem 1"),
      survival(
        "layered", id: "equation-5",
        sentence: "The error of layer-wise solutions stays below (5), with 4^i outside the product",
        source: "P eq. (5), erratum 11"),
      depthClaim(),
      premiseClaim(),
      exampleClaim(
        "short atoms", id: "short-atoms",
        sentence: "(7) as printed holds whatever the norms of the effective atoms are",
        source: "P eq. (7), erratum 20"),
      exampleClaim(
        "stripes of D2", id: "narrow-stripes",
        sentence: "(7) as printed holds with the stripe norms of the model's own layers",
        source: "P Theorem 1"),
    ]
  }
}
