import Algorithms
import ExperimentSuite
import MLCSCKit

/// A family and cardinality of synthetic draws.
///
/// The attack is a search: across machines rounding may lead it to another local minimum.
struct RadiusRow: TableRow {
  @Field("family", .key) var family = ""
  @Field("dimension", .key) var dimension = 0
  @Field("k", .key) var cardinality = 0
  @Field("premise", .exact) var premise = ""
  @Field("premise_limit", .measured()) var limit = 0.0
  @Field("draws", .exact) var draws = 0
  @Field("attacked_draws", .exact) var attacked = 0
  @Field("attacked_over_certified_min", .measured(relative: 0.05)) var smallest: Double? = nil
  @Field("attacked_over_certified_median", .measured(relative: 0.02)) var median: Double? = nil
  @Field("attacked_over_certified_max", .measured(relative: 0.1)) var largest: Double? = nil
  @Field("attacked_over_printed_min", .measured(relative: 0.05)) var printed: Double? = nil
  @Field("support_over_certified_median", .measured(relative: 1e-3)) var support = 0.0
  /// Draws that the support certifies for less than the coherence does.
  @Field("support_below_certified", .exact) var uncertified = 0
  @Field("errors_within_radius", .exact) var errors = 0

  init() {}

  init(_ draws: [AdversarialMeasurement]) {
    guard let first = draws.first else { return }
    let found = draws.compactMap(\.attackedOverRadius).sorted()
    (family, dimension, cardinality) = (first.family, first.dimension, first.cardinality)
    (premise, limit) = (first.premise ? "yes" : "no", first.limit)
    (self.draws, attacked) = (draws.count, found.count)
    (smallest, largest) = (found.first, found.last)
    median = found.isEmpty ? nil : Statistics.median(found)
    printed = draws.compactMap { row in row.attackedRadius.map { $0 / row.printedRadius } }.min()
    support = Statistics.median(draws.map { $0.supportRadius / $0.radius })
    uncertified = draws.count { $0.supportRadius < $0.radius * (1 - 1e-9) }
    errors = draws.count(where: \.errsWithinRadius)
  }
}

/// One synthetic draw, for the scatter.
struct DrawRow: TableRow {
  @Field("family", .key) var family = ""
  @Field("dimension", .key) var dimension = 0
  @Field("k", .key) var cardinality = 0
  @Field("draw", .key) var draw = 0
  @Field("premise", .exact) var premise = ""
  @Field("certified_radius", .measured()) var radius = 0.0
  @Field("attacked_radius", .measured()) var attacked = 0.0
  @Field("support_radius", .measured()) var support = 0.0
}

/// One synthetic draw with λ = 4ε for every ε.
struct TiedRow: TableRow {
  @Field("family", .key) var family = ""
  @Field("dimension", .key) var dimension = 0
  @Field("k", .key) var cardinality = 0
  @Field("draw", .key) var draw = 0
  @Field("premise", .exact) var premise = ""
  @Field("certified_radius", .measured()) var radius = 0.0
  /// The largest ε that the support certifies, and the smallest that errs, over the radius.
  @Field("tied_lower_over_certified", .measured(relative: 0.05)) var lower = 0.0
  @Field("tied_upper_over_certified", .measured(relative: 0.05)) var upper = 0.0
  /// O/(‖w‖ε) at the first error, to be compared with 7.5√k and 7.5k.
  @Field("margin_over_weight_norm_and_tied_radius", .measured(relative: 0.05)) var fall = 0.0

  var isWithinPremise: Bool { premise == "yes" }
}

/// One attacked digit.
struct DigitRow: TableRow {
  @Field("pair", .key) var pair = ""
  @Field("k", .key) var cardinality = 0
  @Field("digit", .key) var digit = 0
  @Field("premise", .exact) var premise = ""
  @Field("certified_radius", .measured(relative: 1e-3)) var radius = 0.0
  @Field("attacked_radius", .measured(relative: 0.1)) var attacked: Double? = nil
  @Field("recovery_coefficient", .measured(relative: 1e-3)) var recovery = 0.0
  @Field("signal_norm", .measured(relative: 1e-3)) var norm = 0.0
}

/// A pair of digits with a number of atoms.
struct PairRow: TableRow {
  @Field("pair", .key) var pair = ""
  @Field("k", .key) var cardinality = 0
  @Field("coherence", .measured()) var coherence = 0.0
  @Field("atoms", .exact) var atoms = 0
  @Field("accuracy_on_codes", .measured(absolute: 0.01)) var accuracy = 0.0
  @Field("premise_limit", .measured()) var limit = 0.0
  @Field("digits", .exact) var digits = 0
  @Field("digits_with_premise", .exact) var premise = 0
  @Field("digits_with_recovery_coefficient_below_1", .exact) var recovered = 0
  @Field("formula_radius_median", .measured(relative: 0.01)) var radius = 0.0
  @Field("attacked_radius_median", .measured(relative: 0.05)) var attacked = 0.0
  @Field("attacked_over_formula_min", .measured(relative: 0.05)) var smallest: Double? = nil
  @Field("attacked_over_formula_median", .measured(relative: 0.05)) var median = 0.0
  @Field("errors_within_formula_radius", .exact) var errors = 0
  @Field("errors_with_premise", .exact) var premiseErrors = 0
  @Field("signal_norm_median", .measured(relative: 0.01)) var norm = 0.0
}

extension AdversarialRobustness {
  /// Points of the scatter a family and cardinality.
  private static let scatterPoints = 60

  static func tables(_ settings: Settings, _ results: [CellResult<Cell, Row>]) throws -> [Table] {
    let groups = results.filter { $0.cell.dimension > 0 }.flatMap(\.rows).map(\.result)
      .grouped { [$0.family, "\($0.dimension)", "\($0.cardinality)"] }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    let digits = results.filter { $0.cell.dimension == 0 }
    let tiles = digits.filter { $0.cell.block == 0 }.compactMap(\.rows.first?.pictures)
      .joined().map { Mosaic.Tile(group: 1, size: 28, pixels: $0) }
    return try [
      Table("radii", groups.map(RadiusRow.init)),
      Table("draws", groups.flatMap(draws), isCompared: false),
      Table("tied", groups.flatMap(tied)),
      Table("digits", digits.flatMap(self.digits), isCompared: false),
      Table("pairs", digits.compactMap(pair)),
    ] + Mosaic.tables("pictures", Array(tiles), perRow: 3)
  }

  private static func draws(_ group: [AdversarialMeasurement]) -> [DrawRow] {
    group.prefix(scatterPoints).enumerated().compactMap { number, row in
      row.attackedRadius.map {
        DrawRow(
          family: row.family, dimension: row.dimension, cardinality: row.cardinality,
          draw: number, premise: row.premise ? "yes" : "no", radius: row.radius, attacked: $0,
          support: row.supportRadius)
      }
    }
  }

  private static func tied(_ group: [AdversarialMeasurement]) -> [TiedRow] {
    group.enumerated().compactMap { number, row in
      guard let lower = row.tiedLower, let upper = row.tiedUpper else { return nil }
      return TiedRow(
        family: row.family, dimension: row.dimension, cardinality: row.cardinality, draw: number,
        premise: row.premise ? "yes" : "no", radius: row.radius, lower: lower / row.radius,
        upper: upper / row.radius, fall: row.normalizedMargin / upper)
    }
  }

  private static func digits(_ result: CellResult<Cell, Row>) -> [DigitRow] {
    result.rows.map(\.result).enumerated().map { number, row in
      DigitRow(
        pair: result.cell.family, cardinality: result.cell.cardinality, digit: number,
        premise: row.premise ? "yes" : "no", radius: row.radius, attacked: row.attackedRadius,
        recovery: row.recoveryCoefficient, norm: row.signalNorm)
    }
  }

  private static func pair(_ result: CellResult<Cell, Row>) -> PairRow? {
    let found = result.rows.map(\.result)
    guard let first = result.rows.first else { return nil }
    let ratios = found.compactMap(\.attackedOverRadius)
    return PairRow(
      pair: result.cell.family, cardinality: result.cell.cardinality,
      coherence: first.coherence ?? 0, atoms: first.atoms ?? 0, accuracy: first.accuracy ?? 0,
      limit: first.result.limit, digits: found.count, premise: found.count(where: \.premise),
      recovered: found.count { $0.recoveryCoefficient < 1 },
      radius: Statistics.median(found.map(\.radius)),
      attacked: Statistics.median(found.compactMap(\.attackedRadius)), smallest: ratios.min(),
      median: Statistics.median(ratios), errors: found.count(where: \.errsWithinRadius),
      premiseErrors: found.count { $0.premise && $0.errsWithinRadius },
      norm: Statistics.median(found.map(\.signalNorm)))
  }
}
