import Algorithms
import ExperimentSuite

/// Mean error and support of a method at a layer, over the signals.
struct RecoveryRow: TableRow {
  @Field("family", .key) var family = ""
  @Field("method", .key) var method = ""
  @Field("k", .key) var sparsity = 0
  @Field("layer", .key) var layer = 0
  @Field("error_relative_l2", .measured(absolute: 0.03, relative: 0.05)) var error = 0.0
  @Field("error_lower", .note) var errorLower: Double? = nil
  @Field("error_upper", .note) var errorUpper: Double? = nil
  @Field("support_intersection", .measured(absolute: 0.03)) var support = 0.0
  @Field("support_lower", .note) var supportLower: Double? = nil
  @Field("support_upper", .note) var supportUpper: Double? = nil
  @Field("cardinality_mean", .measured(absolute: 1, relative: 0.02)) var cardinality = 0.0
  @Field("guaranteed_percent", .measured(absolute: 1)) var guaranteed = 0.0
  @Field("signals", .exact) var signals = 0
}

/// One signal at one layer, as means over the k of a region, so that signals are the independent draws.
struct SignalRow: TableRow {
  /// "digits", or "guaranteed" and "beyond" for the low-coherence draws.
  @Field("region", .key) var region = ""
  @Field("signal", .key) var signal = 0
  @Field("layer", .key) var layer = 0
  @Field("projection_error", .note) var projectionError = 0.0
  @Field("layered_sp_error", .note) var subspaceError = 0.0
  @Field("layered_bp_error", .note) var basisError = 0.0
  @Field("given_gamma1_error", .note) var givenError: Double? = nil
  @Field("projection_support", .note) var projectionSupport = 0.0
  @Field("layered_sp_support", .note) var subspaceSupport = 0.0
  @Field("layered_bp_support", .note) var basisSupport = 0.0
  @Field("given_gamma1_support", .note) var givenSupport: Double? = nil
  @Field("cardinality_mean", .note) var cardinality = 0.0
}

/// Tables from the rows of all cells.
struct RecoveryReport {
  typealias Experiment = ProjectionRecovery
  typealias Result = CellResult<Experiment.Cell, Experiment.Row>

  private let settings: Experiment.Settings
  private let rows: [(family: SignalFamily, row: Experiment.Row)]
  private let layers: Range<Int>

  init(_ settings: Experiment.Settings, _ results: [Result]) {
    self.settings = settings
    rows = results.flatMap { result in
      result.rows.map { (family: result.cell.family, row: $0) }
    }
    layers = 1..<(rows.first?.row.cardinalities.count ?? 0) + 1
  }

  func tables() throws -> [Table] {
    try [Table("recovery", recovery), Table("signals", signals)]
  }

  private var recovery: [RecoveryRow] {
    product(
      product(SignalFamily.allCases, RecoveryMethod.allCases),
      product(settings.sparsities, layers)
    ).compactMap { pair, place -> RecoveryRow? in
      let found = rows.filter { $0.family == pair.0 && $0.row.sparsity == place.0 }.map(\.row)
      let values = found.compactMap { row in
        row.found.first { $0.method == pair.1 && $0.layer == place.1 }
      }
      guard !values.isEmpty else { return nil }
      let error = Statistics.studentMean(values.map(\.error))
      let support = Statistics.studentMean(values.map(\.support))
      return RecoveryRow(
        family: pair.0.rawValue, method: pair.1.rawValue, sparsity: place.0, layer: place.1,
        error: error.value, errorLower: error.lower.finite, errorUpper: error.upper.finite,
        support: support.value, supportLower: support.lower.finite,
        supportUpper: support.upper.finite,
        cardinality: Statistics.mean(found.map { Double($0.cardinalities[place.1 - 1]) }),
        guaranteed: 100 * Double(found.count { $0.isGuaranteed }) / Double(found.count),
        signals: found.count)
    }
  }

  private var signals: [SignalRow] {
    let regions = rows.grouped { family, row in
      family == .digits ? "digits" : row.isGuaranteed ? "guaranteed" : "beyond"
    }
    return ["digits", "guaranteed", "beyond"].flatMap { region in
      (regions[region] ?? []).map(\.row).grouped(by: \.signal).sorted { $0.key < $1.key }
        .flatMap { signal, found in layers.map { row(region, signal, $0, found) } }
    }
  }

  private func row(
    _ region: String, _ signal: Int, _ layer: Int, _ found: [Experiment.Row]
  ) -> SignalRow {
    func mean(
      _ method: RecoveryMethod, _ value: (Experiment.Recovery) -> Double
    ) -> Double? {
      let all = found.flatMap(\.found).filter { $0.method == method && $0.layer == layer }
      return all.isEmpty ? nil : Statistics.mean(all.map(value))
    }
    return SignalRow(
      region: region, signal: signal, layer: layer,
      projectionError: mean(.projection, \.error) ?? 0,
      subspaceError: mean(.layeredSubspacePursuit, \.error) ?? 0,
      basisError: mean(.layeredBasisPursuit, \.error) ?? 0,
      givenError: mean(.givenFirstCode, \.error),
      projectionSupport: mean(.projection, \.support) ?? 0,
      subspaceSupport: mean(.layeredSubspacePursuit, \.support) ?? 0,
      basisSupport: mean(.layeredBasisPursuit, \.support) ?? 0,
      givenSupport: mean(.givenFirstCode, \.support),
      cardinality: Statistics.mean(found.map { Double($0.cardinalities[layer - 1]) }))
  }
}
