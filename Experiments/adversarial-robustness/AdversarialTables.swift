import ExperimentSuite

/// The tables that the figure shows.
enum AdversarialTables {
  /// A summary by family and cardinality, and draws for the scatter.
  static func synthetic(_ all: [AdversarialMeasurement]) throws -> [Table] {
    var (radii, scatter) = ([[Value]](), [[Value]]())
    for group in groups(all) {
      let first = group[0]
      let attacked = group.filter { $0.attackedRadius != nil }
      let ratios = attacked.map(ratio).sorted()
      let key: [Value] = [
        .text(first.family), .integer(first.dimension), .integer(first.cardinality),
      ]
      let tied = group.compactMap { row in
        row.tiedUpper.map { (lower: row.tiedLower ?? 0, upper: $0, row: row) }
      }
      func real(_ values: [Double], _ level: Double) -> Value {
        values.isEmpty ? .missing : .real(Statistics.quantile(level, ofSorted: values.sorted()))
      }
      // O/(‖w‖ε) at the first error, to be compared with 7.5√k and 7.5k.
      let falls = tied.map { $0.row.normalizedMargin / $0.upper }
      radii.append(
        key + [
          .text(first.premise ? "yes" : "no"), .real(first.limit), .integer(group.count),
          .integer(ratios.count), real(ratios, 0), real(ratios, 0.5), real(ratios, 1),
          real(attacked.map(printed), 0),
          real(group.map { $0.supportRadius / $0.radius }, 0.5),
          .integer(group.count { ($0.attackedRadius ?? .infinity) <= $0.radius }),
          .integer(tied.count), real(tied.map { $0.lower / $0.row.radius }, 0),
          real(tied.map { $0.upper / $0.row.radius }, 0),
          real(tied.map { $0.upper / $0.row.radius }, 0.5), real(falls, 0), real(falls, 0.5),
          real(falls, 1),
        ])
      for (number, row) in group.prefix(60).enumerated() {
        guard let attacked = row.attackedRadius else { continue }
        scatter.append(
          key + [
            .integer(number), .text(row.premise ? "yes" : "no"), .real(row.radius),
            .real(attacked), .real(row.supportRadius),
          ])
      }
    }
    let keys: [Column] = [.key("family"), .key("dimension"), .key("k")]
    return [
      try Table("radii", keys + radiusColumns, rows: radii),
      try Table(
        "draws",
        keys + [
          .key("draw"), .exact("premise"), .measured("certified_radius"),
          .measured("attacked_radius"), .measured("support_radius"),
        ], rows: scatter, isCompared: false),
    ]
  }

  // The attack is a search: across machines rounding may lead it to another local minimum.
  private static let radiusColumns: [Column] = [
    .exact("premise"), .measured("premise_limit"), .exact("draws"), .exact("attacked_draws"),
    .measured("attacked_over_certified_min", relative: 0.05),
    .measured("attacked_over_certified_median", relative: 0.02),
    .measured("attacked_over_certified_max", relative: 0.1),
    .measured("attacked_over_printed_min", relative: 0.05),
    .measured("support_over_certified_median", relative: 1e-3), .exact("errors_within_radius"),
    .exact("tied_draws"), .measured("tied_lower_over_certified_min", relative: 0.05),
    .measured("tied_upper_over_certified_min", relative: 0.05),
    .measured("tied_upper_over_certified_median", relative: 0.05),
    .measured("margin_over_weight_norm_and_tied_radius_min", relative: 0.05),
    .measured("margin_over_weight_norm_and_tied_radius_median", relative: 0.05),
    .measured("margin_over_weight_norm_and_tied_radius_max", relative: 0.05),
  ]

  /// Draws with the same family, dimension and cardinality, in order.
  static func groups(_ all: [AdversarialMeasurement]) -> [[AdversarialMeasurement]] {
    var order = [String]()
    var members = [String: [AdversarialMeasurement]]()
    for row in all {
      let name = "\(row.family)/\(row.dimension)/\(row.cardinality)"
      if members[name] == nil { order.append(name) }
      members[name, default: []].append(row)
    }
    return order.compactMap { members[$0] }
  }

  /// The attacked radius in certified ones.
  static func ratio(_ row: AdversarialMeasurement) -> Double {
    (row.attackedRadius ?? .infinity) / row.radius
  }

  /// The attacked radius in printed ones.
  static func printed(_ row: AdversarialMeasurement) -> Double {
    (row.attackedRadius ?? .infinity) / row.printedRadius
  }

  /// One row a digit, one row a pair, and pictures.
  static func digits(
    _ settings: AdversarialRobustness.Settings,
    _ results: [CellResult<AdversarialRobustness.Cell, AdversarialRobustness.Row>]
  ) throws -> [Table] {
    var (digits, pairs, tiles) = ([[Value]](), [[Value]](), [Mosaic.Tile]())
    for result in results {
      guard let first = result.rows.first else { continue }
      let key: [Value] = [.text(result.cell.family), .integer(result.cell.cardinality)]
      let found = result.rows.map(\.result)
      for (number, row) in found.enumerated() {
        digits.append(
          key + [
            .integer(number), .text(row.premise ? "yes" : "no"), .real(row.radius),
            row.attackedRadius.map { .real($0) } ?? .missing, .real(row.recoveryCoefficient),
            .real(row.signalNorm),
          ])
      }
      let ratios = found.filter { $0.attackedRadius != nil }.map(ratio)
      pairs.append(
        key + [
          .real(first.coherence ?? 0), .integer(first.atoms ?? 0), .real(first.accuracy ?? 0),
          .real(first.result.limit), .integer(found.count), .integer(found.count(where: \.premise)),
          .integer(found.count { $0.recoveryCoefficient < 1 }),
          .real(Statistics.median(found.map(\.radius))),
          .real(Statistics.median(found.compactMap(\.attackedRadius))),
          .real(ratios.min() ?? 0), .real(Statistics.median(ratios)),
          .integer(found.count { ($0.attackedRadius ?? .infinity) <= $0.radius }),
          .real(Statistics.median(found.map(\.signalNorm))),
        ])
      if result.cell.block == 0, let pictures = first.pictures {
        tiles += pictures.map { Mosaic.Tile(group: 1, size: 28, pixels: $0) }
      }
    }
    let keys: [Column] = [.key("pair"), .key("k")]
    let pictures = try Mosaic.tables("pictures", tiles, perRow: 3)
    return [
      try Table(
        "digits",
        keys + [
          .key("digit"), .exact("premise"), .measured("certified_radius", relative: 1e-3),
          .measured("attacked_radius", relative: 0.1),
          .measured("recovery_coefficient", relative: 1e-3),
          .measured("signal_norm", relative: 1e-3),
        ], rows: digits, isCompared: false),
      try Table(
        "pairs",
        keys + [
          .measured("coherence"), .exact("atoms"), .measured("accuracy_on_codes", absolute: 0.01),
          .measured("premise_limit"), .exact("digits"), .exact("digits_with_premise"),
          .exact("digits_with_recovery_coefficient_below_1"),
          .measured("formula_radius_median", relative: 0.01),
          .measured("attacked_radius_median", relative: 0.05),
          .measured("attacked_over_formula_min", relative: 0.05),
          .measured("attacked_over_formula_median", relative: 0.05),
          .exact("errors_within_formula_radius"), .measured("signal_norm_median", relative: 0.01),
        ], rows: pairs),
    ] + pictures
  }
}
