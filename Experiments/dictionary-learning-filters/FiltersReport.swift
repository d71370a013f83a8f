import ExperimentSuite
import MLCSCKit

// Learning amplifies the rounding of another processor's kernels; errors, shares of zeros and numbers of
// non-zeros are stable, single filters are not.
private let loose = ColumnRole.measured(absolute: 0.01, relative: 0.05)

/// One epoch of learning.
struct EpochRow: TableRow {
  @Field("filters", .key) var filters = ""
  @Field("epoch", .key) var epoch = 0
  @Field("relative_squared_error", loose) var error = 0.0
  @Field("mean_nonzeros_d2", loose) var second = 0.0
  @Field("mean_nonzeros_d3", loose) var third = 0.0
  @Field("replaced_atoms", .note) var replaced = 0
}

/// The model after learning, on test digits.
struct TestRow: TableRow {
  @Field("filters", .key) var filters = ""
  @Field("relative_squared_error", loose) var error = 0.0
  @Field("error_over_dense", loose) var ratio: Double? = nil
  @Field("error_over_dense_standard_error", .measured(absolute: 0.01, relative: 0.5))
  var ratioError: Double? = nil
  @Field("nonzeros_gamma1", .measured(absolute: 10, relative: 0.1)) var first = 0.0
  @Field("nonzeros_gamma2", .measured(absolute: 5, relative: 0.1)) var second = 0.0
  @Field("nonzeros_gamma3", loose) var third = 0.0
  @Field("pixels", .exact) var pixels = 0
  @Field("test_digits", .exact) var digits = 0
}

/// The filters of a layer, and its effective atoms.
struct LayerRow: TableRow {
  @Field("filters", .key) var filters = ""
  @Field("layer", .key) var layer = 0
  @Field("filter_count", .exact) var count = 0
  @Field("zero_share", loose) var zeros = 0.0
  @Field("least_nonzeros", .measured(absolute: 1)) var least = 0
  @Field("most_nonzeros", .measured(absolute: 1)) var most = 0
  @Field("coherence", .measured(absolute: 0.1)) var coherence = 0.0
  @Field("filters_with_twin_above_095", .measured(absolute: 3)) var twins = 0
  @Field("filters_without_use", .measured(absolute: 3)) var unused = 0
}

/// One filter; those that test digits use most come first.
struct FilterRow: TableRow {
  @Field("filters", .key) var filters = ""
  @Field("layer", .key) var layer = 0
  @Field("rank", .key) var rank = 0
  @Field("nonzeros", .note) var nonzeros = 0
  @Field("effective_nonzeros", .note) var participation = 0.0
  @Field("use_percent", .note) var use = 0.0
  @Field("energy_percent", .note) var energy = 0.0
  @Field("twin_coherence", .note) var twin = 0.0
}

/// An atom of D⁽³⁾ of the sparse model, or of the model before learning.
struct ShapeRow: TableRow {
  @Field("atoms", .key) var atoms = ""
  @Field("rank", .key) var rank = 0
  @Field("cosine_dot", .note) var dot = 0.0
  @Field("cosine_stroke", .note) var stroke = 0.0
  @Field("cosine_part", .note) var part = 0.0
  @Field("pixels_with_90_percent_of_energy", .note) var energyPixels = 0
}

/// Tables from the rows of both cells.
struct FiltersReport {
  typealias Settings = DictionaryLearningFilters.Settings
  typealias Result = CellResult<DictionaryLearningFilters.Cell, DictionaryLearningFilters.Row>

  private let settings: Settings
  private let results: [Result]
  private let tests: [(filters: String, test: DictionaryLearningFilters.TestResult)]

  init(_ settings: Settings, _ results: [Result]) {
    (self.settings, self.results) = (settings, results)
    tests = results.flatMap { result in
      result.rows.compactMap(\.test).map { (filters: result.cell.filters, test: $0) }
    }
  }

  func tables() throws -> [Table] {
    let pictures = results.filter { $0.cell.filters == "sparse" }
      .flatMap { $0.rows.compactMap(\.atom) }
      .map { Mosaic.Tile(group: $0.layer, size: $0.size, pixels: $0.pixels) }
    return try [
      Table("learning", learning), Table("test", final), Table("layers", layers),
      Table("filters", filters), Table("shapes", shapes),
    ] + Mosaic.tables("atoms", pictures)
  }

  private var learning: [EpochRow] {
    results.flatMap { result in
      result.rows.compactMap(\.record).map { record in
        func nonzeros(_ layer: Int) -> Double {
          let side = Double(settings.kernelSizes[layer])
          let entries = Double(settings.filterCounts[layer - 1]) * side * side
          return entries * (1 - record.filterSparsity[layer])
        }
        return EpochRow(
          filters: result.cell.filters, epoch: record.epoch, error: record.relativeSquaredError,
          second: nonzeros(1), third: nonzeros(2), replaced: record.replacedAtoms)
      }
    }
  }

  private var final: [TestRow] {
    let dense = tests.first { $0.filters == "dense" }?.test
    return tests.map { filters, test in
      var row = TestRow(
        filters: filters, error: test.evaluation.relativeSquaredError,
        first: test.evaluation.codeNonzeros[0],
        second: test.evaluation.codeNonzeros[1], third: test.evaluation.codeNonzeros[2],
        pixels: 28 * 28,
        digits: test.evaluation.errors.count)
      if let dense, filters != "dense" {
        let ratio = Statistics.ratio(of: test.evaluation.errors, to: dense.evaluation.errors)
        (row.ratio, row.ratioError) = (ratio.value, ratio.standardError)
      }
      return row
    }
  }

  private var layers: [LayerRow] {
    tests.flatMap { filters, test in
      test.evaluation.filters.enumerated().map { layer, uses in
        LayerRow(
          filters: filters, layer: layer + 1, count: uses.count,
          zeros: test.evaluation.filterSparsity[layer], least: uses.map(\.nonzeros).min() ?? 0,
          most: uses.map(\.nonzeros).max() ?? 0, coherence: uses.map(\.twinCoherence).max() ?? 0,
          twins: uses.count { $0.twinCoherence > 0.95 }, unused: uses.count { $0.useShare == 0 })
      }
    }
  }

  private var filters: [FilterRow] {
    tests.flatMap { name, test in
      test.evaluation.filters.enumerated().flatMap { layer, uses in
        uses.enumerated().map { rank, filter in
          FilterRow(
            filters: name, layer: layer + 1, rank: rank + 1, nonzeros: filter.nonzeros,
            participation: filter.effectiveNonzeros, use: 100 * filter.useShare,
            energy: 100 * filter.energyShare, twin: filter.twinCoherence)
        }
      }
    }
  }

  private var shapes: [ShapeRow] {
    guard let test = tests.first(where: { $0.filters == "sparse" })?.test else { return [] }
    return [("learned", test.shapes), ("before", test.shapesBefore)].flatMap { name, shapes in
      shapes.enumerated().map { rank, shape in
        ShapeRow(
          atoms: name, rank: rank + 1, dot: shape.dot, stroke: shape.stroke, part: shape.part,
          energyPixels: shape.energyPixels)
      }
    }
  }
}
