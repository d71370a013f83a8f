import Algorithms
import ExperimentSuite
import MLCSCKit

/// How draws of one kind compare with a bound; keys are added by the tables.
struct BoundColumns: TableRow {
  @Field("error_over_noise_squared", .measured(absolute: 1e-6, relative: 1e-4)) var error = 0.0
  @Field("standard_error", .measured(absolute: 1e-6, relative: 1e-3)) var standardError = 0.0
  @Field("error_largest", .measured(absolute: 1e-6, relative: 1e-4)) var largest = 0.0
  @Field("bound", .measured(relative: 1e-6)) var bound: Double? = nil
  @Field("error_over_bound_largest", .measured(absolute: 1e-6, relative: 1e-4))
  var tightness: Double? = nil
  @Field("draws", .exact) var draws = 0
  @Field("premise", .exact) var premise = 0
  @Field("admissible", .exact) var admissible = 0
  @Field("pursuit_found", .exact) var found = 0
  @Field("violations", .exact) var violations = 0

  init() {}

  init(_ rows: [ProjectionBounds.Row]) {
    let blocks = rows.map(\.tally)
    let total = GuaranteeTally(blocks)
    (draws, premise, admissible) = (total.all.count, total.inside.count, total.tested)
    (found, violations) = (rows.reduce(0) { $0 + $1.found }, total.violations)
    let mean = blocks.meanError(\.all)
    (error, standardError, largest) = (
      mean?.value ?? 0, mean?.standardError ?? 0, total.all.largest
    )
    (bound, tightness) = (total.bound, premise > 0 ? total.tightness : nil)
  }
}

/// What names a kind of draws.
struct BoundKey: TableRow, Hashable {
  @Field("family", .key) var family = ""
  @Field("depth", .key) var depth = 0
  @Field("layer", .key) var layer = 0
  @Field("theorem", .key) var theorem = ""
  @Field("noise", .key) var noise = ""
}

/// Draws of a family at a layer.
struct BoundRow: TableRow {
  var key = BoundKey()
  var columns = BoundColumns()
}

/// Draws with one stripe norm.
struct StripeRow: TableRow {
  var key = BoundKey()
  @Field("stripe_norm", .key) var stripe = 0
  var columns = BoundColumns()
}

/// The worst noise for a number of atoms.
struct WorstRow: TableRow {
  @Field("family", .key) var family = ""
  @Field("layer", .key) var layer = 0
  @Field("stripe_norm", .key) var stripe = 0
  @Field("error_over_noise_squared", .measured()) var error = 0.0
  @Field("bound", .measured()) var mended: Double? = nil
  @Field("bound_printed", .measured()) var printed: Double? = nil
  @Field("coherence", .measured()) var coherence = 0.0
  @Field("smallest_norm", .measured()) var smallestNorm = 0.0
}

/// A case in which a bound as printed is exceeded.
struct CounterexampleRow: TableRow {
  @Field("example", .key) var example = ""
  @Field("parameter", .key) var parameter = 0.0
  @Field("coherence", .measured()) var coherence = 0.0
  @Field("smallest_norm", .measured()) var smallestNorm = 0.0
  @Field("error_over_noise_squared", .measured()) var error = 0.0
  @Field("error_exact_projection", .measured(relative: 0.1)) var exact: Double? = nil
  @Field("bound_printed", .measured()) var printed: Double? = nil
  @Field("bound", .measured()) var mended: Double? = nil
}

/// The coherences of a family's layer and of its effective dictionary.
struct DictionaryRow: TableRow {
  @Field("family", .key) var family = ""
  @Field("layer", .key) var layer = 0
  @Field("coherence", .measured()) var own = 0.0
  @Field("limit", .measured()) var ownLimit: Double? = nil
  @Field("coherence_effective", .measured()) var effective = 0.0
  @Field("limit_effective", .measured()) var effectiveLimit: Double? = nil
  @Field("smallest_norm_effective", .measured()) var smallestNorm = 0.0
}

extension ProjectionBounds {
  static func tables(_ settings: Settings, _ results: [CellResult<Cell, Row>]) throws -> [Table] {
    let rows = results.flatMap(\.rows)
    let draws = rows.filter { $0.example == nil }
    func named(_ name: String) -> [(row: Row, example: Example)] {
      rows.compactMap { row in row.example.flatMap { $0.name == name ? (row, $0) : nil } }
    }
    func positive(_ value: Double?) -> Double? { value.flatMap { $0 > 0 ? $0 : nil } }
    /// ½(1 + 1/µ); none for orthonormal layers, whose µ is zero but for rounding.
    func limit(_ coherence: Double) -> Double? {
      coherence > 1e-9 ? AtomGeometry(coherence: coherence).stabilityLimit : nil
    }
    let byKey = draws.grouped(by: key)
    let keys = byKey.keys.sorted {
      ($0.family, $0.theorem, $0.noise, $0.layer) < ($1.family, $1.theorem, $1.noise, $1.layer)
    }
    let stripes = keys.filter { !$0.family.hasPrefix("kasami") }.flatMap { key in
      (byKey[key] ?? []).grouped(by: \.stripe).sorted { $0.key < $1.key }.map {
        StripeRow(key: key, stripe: $0.key, columns: BoundColumns($0.value))
      }
    }
    return [
      try Table(
        "bounds", keys.map { BoundRow(key: $0, columns: BoundColumns(byKey[$0] ?? [])) }),
      try Table("stripes", stripes),
      try Table(
        "worst",
        named("worst noise").map { row, found in
          WorstRow(
            family: row.family, layer: row.layer, stripe: row.stripe, error: found.error,
            mended: positive(found.mended), printed: positive(found.printed),
            coherence: found.coherence, smallestNorm: found.smallestNorm)
        }),
      try Table(
        "counterexamples",
        (named("short atoms") + named("stripes of D2")).map { _, found in
          CounterexampleRow(
            example: found.name, parameter: found.parameter, coherence: found.coherence,
            smallestNorm: found.smallestNorm, error: found.error, exact: positive(found.exact),
            printed: positive(found.printed), mended: positive(found.mended))
        }),
      try Table(
        "dictionaries",
        named("dictionary").map { row, found in
          DictionaryRow(
            family: row.family, layer: row.layer, own: found.parameter,
            ownLimit: limit(found.parameter), effective: found.coherence,
            effectiveLimit: limit(found.coherence), smallestNorm: found.smallestNorm)
        }),
    ]
  }

  private static func key(_ row: Row) -> BoundKey {
    BoundKey(
      family: row.family, depth: row.depth, layer: row.layer, theorem: row.theorem,
      noise: row.noise)
  }

  static func scale(_ settings: Settings) -> [String] {
    [
      "\(Wording.count(settings.blocks * settings.drawsPerBlock)) draws a family",
      "noise from \(settings.noise[0]) to \(settings.noise[1]) of the signal",
    ]
  }
}
