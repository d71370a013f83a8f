import ExperimentSuite
import MLCSCKit

/// How often supports are as the theorem promises.
struct SupportColumns: TableRow {
  @Field("support_share", .measured(absolute: 0.01)) var share = 0.0
  @Field("support_share_lower", .measured(absolute: 0.01)) var lower = 0.0
  @Field("support_share_upper", .measured(absolute: 0.01)) var upper = 0.0

  init() {}

  init(_ blocks: [ThresholdingGuarantees.Row]) {
    let estimate = Statistics.share(
      blocks.reduce(0) { $0 + $1.supports }, of: blocks.reduce(0) { $0 + $1.tally.all.count })
    (share, lower, upper) = (estimate.value, estimate.lower, estimate.upper)
  }
}

/// How errors compare with a theorem's bound: their mean stands in the column before these.
struct BoundColumns: TableRow {
  @Field("standard_error", .measured(absolute: 1e-7, relative: 1e-2))
  var standardError: Double? = nil
  @Field("error_largest", .measured(absolute: 1e-7, relative: 1e-3)) var largest: Double? = nil
  @Field("error_outside_premise", .measured(absolute: 1e-7, relative: 1e-3))
  var outside: Double? = nil
  @Field("standard_error_outside", .measured(absolute: 1e-7, relative: 1e-2))
  var outsideStandardError: Double? = nil
  @Field("bound", .measured(absolute: 1e-9, relative: 1e-4)) var bound: Double? = nil
  @Field("error_over_bound_largest", .measured(absolute: 1e-4, relative: 1e-3))
  var tightness: Double? = nil
  @Field("draws", .exact) var draws = 0
  @Field("premise", .exact) var premise = 0
  @Field("violations", .exact) var violations = 0

  init() {}

  init(_ blocks: [GuaranteeTally]) {
    let total = GuaranteeTally(blocks)
    (draws, premise, violations) = (total.all.count, total.inside.count, total.violations)
    let outside = blocks.meanError(\.outside)
    (self.outside, outsideStandardError) = (outside?.value, outside?.standardError)
    guard premise > 0 else { return }
    standardError = blocks.meanError(\.inside)?.standardError
    (largest, bound, tightness) = (total.inside.largest, total.bound, total.tightness)
  }
}

/// Layered thresholding: a family and layer at a noise level.
struct ThresholdingRow: TableRow {
  @Field("family", .key) var family = ""
  @Field("layer", .key) var layer = 0
  @Field("noise_over_edge", .key) var ratio = 0.0
  @Field("edge_noise", .measured()) var edge = 0.0
  @Field("coherence", .measured()) var coherence = 0.0
  var supports = SupportColumns()
  @Field("error_local", .measured(absolute: 1e-7, relative: 1e-3)) var error: Double? = nil
  var bounds = BoundColumns()
}

/// Layered basis pursuit: a family and layer at a stripe norm.
struct PursuitRow: TableRow {
  @Field("family", .key) var family = ""
  @Field("layer", .key) var layer = 0
  @Field("stripe_norm", .key) var stripe = 0
  @Field("stripe_over_limit", .measured()) var overLimit: Double? = nil
  @Field("coherence", .measured()) var coherence = 0.0
  var supports = SupportColumns()
  @Field("error_local", .measured(absolute: 1e-7, relative: 1e-3)) var error: Double? = nil
  var bounds = BoundColumns()
}

/// ML-ISTA: an inner step after some iterations.
struct BiasRow: TableRow {
  @Field("start", .key) var start = ""
  @Field("iteration", .key) var iteration = 0
  @Field("step_scale", .key) var scale = 0.0
  @Field("gap_relative", .measured(absolute: 1e-7, relative: 1e-3)) var gap: Double? = nil
  var bounds = BoundColumns()
}

/// Layered thresholding in one block of a family: means over the noise levels at which both layers'
/// premises hold for some draws, and the error without noise.
struct BlockRow: TableRow {
  @Field("family", .key) var family = ""
  @Field("block", .key) var block = 0
  @Field("bound_layer_1", .measured(relative: 1e-4)) var firstBound: Double? = nil
  @Field("bound_layer_2", .measured(relative: 1e-4)) var secondBound: Double? = nil
  @Field("error_layer_1", .measured(absolute: 1e-7, relative: 1e-3)) var firstError: Double? = nil
  @Field("error_layer_2", .measured(absolute: 1e-7, relative: 1e-3)) var secondError: Double? = nil
  @Field("error_noiseless_layer_1", .measured(absolute: 1e-7, relative: 1e-3))
  var noiseless: Double? = nil
}

extension ThresholdingGuarantees {
  static func tables(_ settings: Settings, _ results: [CellResult<Cell, Row>]) throws -> [Table] {
    let rows = results.flatMap(\.rows)
    let thresholding = groups("thresholding", rows).map { first, blocks in
      ThresholdingRow(
        family: first.family, layer: first.layer, ratio: first.place, edge: first.edge,
        coherence: first.coherence, supports: SupportColumns(blocks), error: mean(blocks),
        bounds: BoundColumns(blocks.map(\.tally)))
    }
    let pursuit = groups("basis pursuit", rows).map { first, blocks in
      PursuitRow(
        family: first.family, layer: first.layer, stripe: Int(first.place),
        // An orthonormal layer has no limit; its coherence is zero but for rounding.
        overLimit: first.coherence > 1e-9
          ? first.place / AtomGeometry(coherence: first.coherence).basisPursuitLimit : nil,
        coherence: first.coherence, supports: SupportColumns(blocks), error: mean(blocks),
        bounds: BoundColumns(blocks.map(\.tally)))
    }
    let bias = groups("ml-ista", rows).map { first, blocks in
      BiasRow(
        start: first.family, iteration: first.iteration, scale: first.place, gap: mean(blocks),
        bounds: BoundColumns(blocks.map(\.tally)))
    }
    return [
      try Table("thresholding", thresholding), try Table("basis-pursuit", pursuit),
      try Table("ml-ista", bias), try Table("blocks", blocks(results)),
    ]
  }

  /// The blocks' rows of a method that agree in family, layer, iteration and place, in that order.
  private static func groups(_ method: String, _ rows: [Row]) -> [(first: Row, blocks: [Row])] {
    struct Key: Hashable {
      let family: String
      let layer: Int
      let iteration: Int
      let place: Double

      init(_ row: Row) {
        (family, layer, iteration, place) = (row.family, row.layer, row.iteration, row.place)
      }
    }
    return [Key: [Row]](grouping: rows.filter { $0.method == method }, by: Key.init)
      .sorted { a, b in
        (a.key.family, a.key.layer, a.key.iteration, a.key.place)
          < (b.key.family, b.key.layer, b.key.iteration, b.key.place)
      }.compactMap { _, blocks in blocks.first.map { ($0, blocks) } }
  }

  private static func blocks(_ results: [CellResult<Cell, Row>]) -> [BlockRow] {
    struct Key: Hashable {
      let family: String
      let block: Int
    }
    let cells = results.filter { $0.cell.method == "thresholding" }
    return [Key: [CellResult<Cell, Row>]](grouping: cells) {
      Key(family: $0.cell.family, block: $0.cell.block)
    }.sorted { ($0.key.family, $0.key.block) < ($1.key.family, $1.key.block) }.map { key, levels in
      let rows = levels.flatMap(\.rows)
      let tested = levels.filter { level in level.rows.allSatisfy { $0.tally.inside.count > 0 } }
      let layers = [1, 2].map { layer in
        GuaranteeTally(tested.flatMap(\.rows).filter { $0.layer == layer }.map(\.tally))
      }
      return BlockRow(
        family: key.family, block: key.block, firstBound: layers[0].bound,
        secondBound: layers[1].bound, firstError: layers[0].inside.mean,
        secondError: layers[1].inside.mean,
        noiseless: mean(rows.filter { $0.layer == 1 && $0.place == 0 }))
    }
  }

  /// The mean error where the premise holds; nil where it never does.
  private static func mean(_ rows: [Row]) -> Double? {
    GuaranteeTally(rows.map(\.tally)).inside.mean
  }

  static func scale(_ settings: Settings) -> [String] {
    let (blocks, pursuit) = (settings.blocks, settings.blocks * settings.pursuitDraws)
    return [
      "\(Wording.count(blocks * settings.drawsPerBlock)) draws a noise level",
      "up to \(Wording.count(pursuit)) draws for each number of entries",
      "\(Wording.count(settings.biasCells * settings.biasProblems)) problems for ML-ISTA",
    ]
  }
}
