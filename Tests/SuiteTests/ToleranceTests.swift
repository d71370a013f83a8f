// Claim: a baseline knows its tolerances: results are compared by them, whatever the results say.
import ExperimentSuite
import Foundation
import TestSupport
import Testing

struct ToleranceTests {
  private struct Narrow: TableRow {
    @Field("seed", .key) var seed = 1
    @Field("error", .measured(absolute: 0.1, relative: 0)) var error = 0.0
  }

  private struct Wide: TableRow {
    @Field("seed", .key) var seed = 1
    @Field("error", .measured(absolute: 100, relative: 0)) var error = 0.0
  }

  private func store(_ table: Table, in folder: TemporaryFolder) throws {
    try Data(table.csv.utf8).write(to: folder["\(table.name).csv"])
    try JSONEncoder().encode(TableSchema([table])).write(to: folder[TableSchema.fileName])
  }

  private func differences(results: Table, baseline: Table) throws -> [Difference] {
    let (new, old) = (try TemporaryFolder(), try TemporaryFolder())
    try store(results, in: new)
    try store(baseline, in: old)
    return try #require(try Comparison.differences(results: new.url, baseline: old.url))
  }

  @Test("a tolerance that was widened in the results is reported and not used")
  func widened() throws {
    let baseline = try Table("t", [Narrow(error: 1)])
    let far = try differences(results: Table("t", [Wide(error: 2)]), baseline: baseline)
    #expect(far.map(\.column) == ["error", "error"])
    #expect(far.map(\.row) == ["", "seed=1"])
    #expect(far.first?.found == "compared within 100.0 + 0.0 of the baseline")
    let near = try differences(results: Table("t", [Wide(error: 1.05)]), baseline: baseline)
    #expect(near.map(\.row) == [""])
    #expect(
      try differences(results: Table("t", [Narrow(error: 1.05)]), baseline: baseline).isEmpty)
  }

  @Test("a wide tolerance of the baseline is used, and its narrowing reported")
  func narrowed() throws {
    let found = try differences(
      results: Table("t", [Narrow(error: 2)]), baseline: Table("t", [Wide(error: 1)]))
    #expect(found.map(\.row) == [""])
  }

  private func differences(
    of old: (value: String, spread: String), and new: (value: String, spread: String)
  ) -> [Difference] {
    let columns = [
      Column("k", .key), Column("x", .estimate(spread: "se")), Column("se", .note),
    ]
    let heading = columns.map(\.name)
    return Comparison.compare(
      "t.csv", columns, old: [heading, ["a", old.value, old.spread]],
      new: [heading, ["a", new.value, new.spread]])
  }

  @Test("an estimate may move by four standard errors of the difference")
  func spread() {
    // √(0.3² + 0.4²) = 0.5.
    #expect(differences(of: ("10", "0.3"), and: ("11.99", "0.4")).isEmpty)
    #expect(differences(of: ("10", "0.3"), and: ("8.01", "0.4")).isEmpty)
    let far = differences(of: ("10", "0.3"), and: ("12.01", "0.4"))
    #expect(far.map(\.column) == ["x"])
    #expect(far.first?.allowed == "at most 2, 4.0 standard errors (se)")
  }

  @Test("an estimate from one repetition may move; one that vanished may not")
  func oneRepetition() {
    #expect(differences(of: ("10", ""), and: ("20", "")).isEmpty)
    #expect(differences(of: ("10", "0.3"), and: ("", "0.3")).map(\.column) == ["x"])
    #expect(differences(of: ("10", "0"), and: ("10", "0")).isEmpty)
    #expect(differences(of: ("10", "0"), and: ("10.1", "0")).map(\.column) == ["x"])
  }
}
