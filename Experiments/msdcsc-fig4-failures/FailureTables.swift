import Algorithms
import ExperimentSuite
import MLCSCKit

extension ColumnRole {
  /// Trainings on another machine part after some steps: rounding grows.
  static let failing = ColumnRole.measured(absolute: 1.5, relative: 0.05)
}

/// The failing dimensions, of a hundred, over the seeds.
struct FailingRow: TableRow {
  @Field("seeds", .exact) var seeds = 0
  @IntervalField("failing_dimensions_percent", .failing) var mean: Estimate? = nil
  @Field("failing_dimensions_percent_least", .failing) var least = 0.0
  @Field("failing_dimensions_percent_most", .failing) var most = 0.0
  @Field("beta_mean", .measured(absolute: 0.01, relative: 0.05)) var penalty = 0.0

  init() {}

  init(_ rows: [CountRow]) {
    let failing = rows.map(\.failing)
    (seeds, mean) = (rows.count, Statistics.studentMean(failing))
    (least, most) = (failing.min() ?? 0, failing.max() ?? 0)
    penalty = Statistics.mean(rows.map(\.penalty))
  }
}

/// One point of a curve of the figure.
struct CurveRow: TableRow {
  @Field("centres", .key) var centres = ""
  @Field("coding", .key) var coding = CodingRule.network
  @Field("model", .key) var model = CodingModel.plain
  @Field("iteration", .key) var iteration = 0
  /// For a logarithmic axis.
  @Field("iteration_plus_1", .exact) var place = 0
  var failing = FailingRow()
}

/// One reading of β and of the bound, after training.
struct ReadingRow: TableRow {
  @Field("centres", .key) var centres = ""
  @Field("coding", .key) var coding = CodingRule.network
  @Field("model", .key) var model = CodingModel.plain
  @Field("reading", .key) var reading = PenaltyReading.mean
  /// Its place in the figure.
  @Field("place", .exact) var place = 0
  var failing = FailingRow()
  @Field("failing_dimensions_percent_worst_signal", .measured(absolute: 5, relative: 0.1))
  var worstSignal = 0.0
}

/// The failing dimensions of ML-CSC for one seed at the moments that the claims are about.
struct FallRow: TableRow {
  @Field("centres", .key) var centres = ""
  @Field("coding", .key) var coding = CodingRule.network
  @Field("seed", .key) var seed = 0
  @Field("failing_percent_at_first", .failing) var first = 0.0
  /// After a tenth of the training.
  @Field("failing_percent_after_a_tenth", .failing) var tenth = 0.0
  @Field("failing_percent_after_half", .failing) var half = 0.0
  @Field("failing_percent_at_last", .failing) var last = 0.0
  /// The dictionary of the last iteration with β of the first.
  @Field("failing_percent_beta_of_first", .failing) var betaOfFirst = 0.0
  /// The dictionary of the first iteration with β of the last.
  @Field("failing_percent_dictionary_of_first", .failing) var dictionaryOfFirst = 0.0
}

/// How the networks classify, mean over the seeds.
struct AccuracyRow: TableRow {
  @Field("centres", .key) var centres = ""
  @Field("network", .key) var network = ""
  @Field("iteration", .key) var iteration = 0
  @Field("test_loss_nats", .measured(absolute: 0.02, relative: 0.05)) var loss = 0.0
  @Field("test_accuracy", .measured(absolute: 0.03)) var accuracy = 0.0
}

/// All tables from what the cells counted.
struct FailureTables {
  let settings: Failures.Settings
  let results: [CellResult<Failures.Cell, Failures.Row>]

  /// What a count is of, but for the seed.
  private struct Key: Hashable {
    let centres: String
    let coding: CodingRule
    let model: CodingModel
    let reading: PenaltyReading
    let iteration: Int

    init(_ centres: String, _ row: CountRow) {
      (self.centres, coding, model) = (centres, row.coding, row.model)
      (reading, iteration) = (row.reading, row.iteration)
    }

    static func precedes(_ a: Key, _ b: Key) -> Bool {
      (a.centres, a.coding.rawValue, a.model.rawValue, a.iteration)
        < (b.centres, b.coding.rawValue, b.model.rawValue, b.iteration)
    }
  }

  func tables() throws -> [Table] {
    let last = settings.iterations.last ?? 0
    let counts = results.flatMap { result in
      result.rows.flatMap(\.counts).map { (key: Key(result.cell.centres, $0), row: $0) }
    }.grouped(by: \.key)
    let keys = counts.keys.sorted(by: Key.precedes)
    func rows(_ key: Key) -> [CountRow] { counts[key, default: []].map(\.row) }
    let curves = keys.filter { $0.reading == .mean }.map { key in
      CurveRow(
        centres: key.centres, coding: key.coding, model: key.model, iteration: key.iteration,
        place: key.iteration + 1, failing: FailingRow(rows(key)))
    }
    let readings = product(PenaltyReading.readings.enumerated(), keys)
      .filter { $1.iteration == last && $1.reading == $0.element }.map { reading, key in
        ReadingRow(
          centres: key.centres, coding: key.coding, model: key.model, reading: key.reading,
          place: reading.offset + 1, failing: FailingRow(rows(key)),
          worstSignal: rows(key).map(\.failingMost).max() ?? 0)
      }
    return try [
      Table("failures_by_iteration", curves), Table("readings", readings),
      Table("fall", product(results, CodingRule.allCases).map(fall)), Table("networks", networks()),
    ]
  }

  private func fall(
    _ result: CellResult<Failures.Cell, Failures.Row>, _ coding: CodingRule
  ) -> FallRow {
    let last = settings.iterations.last ?? 0
    let rows = result.rows.flatMap(\.counts).filter { $0.coding == coding && $0.model == .plain }
    /// At the last counted iteration that lies within a share of the training.
    func failing(_ share: Double, _ reading: PenaltyReading = .mean) -> Double {
      rows.last { $0.reading == reading && Double($0.iteration) <= share * Double(last) }?.failing
        ?? .nan
    }
    return FallRow(
      centres: result.cell.centres, coding: coding, seed: result.cell.seed, first: failing(0),
      tenth: failing(0.1), half: failing(0.5), last: failing(1), betaOfFirst: failing(1, .initial),
      dictionaryOfFirst: failing(1, .initialDictionary))
  }

  private func networks() -> [AccuracyRow] {
    let rows = results.flatMap { result in
      result.rows.flatMap(\.networks).map { (result.cell.centres, $0) }
    }
    return product(
      settings.centres, product(["ML-CSC", "MSD-CSC"], settings.iterations)
    ).map { centres, point in
      let found = rows.filter { $0 == centres && ($1.network, $1.iteration) == point }.map(\.1)
      return AccuracyRow(
        centres: centres, network: point.0, iteration: point.1,
        loss: Statistics.mean(found.map(\.loss)),
        accuracy: Statistics.mean(found.map(\.accuracy)))
    }
  }
}
