// Claim: `mlcsc diff` says what there is of every experiment, also where one of them is damaged,
// partial or absent; `mlcsc accept` stores whole results only, unless it is told otherwise.
import ExperimentSuite
import Foundation
import TestSupport
import Testing

struct BaselineCommandTests {
  static let first = "mlbp-fig1-recovery"
  static let second = "msdcsc-fig1-coherence"

  private let checkout: TestCheckout

  init() throws { checkout = try TestCheckout() }

  private struct NumberRow: TableRow {
    @Field("k", .key) var key = ""
    @Field("x", .measured()) var number: Double? = nil
  }

  /// Writes a table of numbers as the results of an experiment.
  private func write(
    _ name: String, _ rows: KeyValuePairs<String, Double?>, missing: Int? = nil,
    record: String? = nil
  ) throws {
    let table = try Table("numbers", rows.map { NumberRow(key: $0.key, number: $0.value) })
    let folder = checkout.folder["Results/smoke/\(name)"]
    try AtomicFile.write(Data(table.csv.utf8), to: folder.appendingPathComponent("numbers.csv"))
    let schema = TableSchema([table], missingCells: missing)
    try AtomicFile.write(
      JSONEncoder().encode(schema), to: folder.appendingPathComponent(TableSchema.fileName))
    try AtomicFile.write(
      Data((record ?? RunRecord.text(name)).utf8),
      to: folder.appendingPathComponent("provenance.json"))
  }

  private func run(_ command: String, _ arguments: String...) throws -> ToolRun {
    try checkout.run("mlcsc", [command, "--profile", "smoke"] + arguments)
  }

  @Test("a damaged folder does not hide the others and exits 3")
  func damaged() throws {
    for name in [Self.first, Self.second] { try write(name, ["a": 1]) }
    #expect(try run("accept", Self.first, Self.second).status == 0)
    #expect(try run("diff").status == 0)
    try write(Self.second, ["a": 2])
    #expect(try run("diff").status == 1)
    try Data("{".utf8).write(
      to: checkout.folder["Results/smoke/\(Self.first)/\(TableSchema.fileName)"])
    let diff = try run("diff")
    #expect(diff.status == 3)
    #expect(diff.output.contains("\(Self.first): damaged: "), "\(diff.output)")
    #expect(diff.output.contains("numbers.csv: k=a: x: baseline 1, found 2"), "\(diff.output)")
    let json = try run("diff", "--json")
    #expect(json.status == 3)
    let entries = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
    #expect(entries.allSatisfy { Set($0.keys) == ["experiment", "state", "differences"] })
  }

  @Test("results that are absent: exit 3 where they were asked for, or where there are none at all")
  func absent() throws {
    let none = try run("diff")
    #expect(none.status == 3)
    #expect(none.errors.contains("run them first"), "\(none.errors)")
    try write(Self.first, ["a": 1])
    let some = try run("diff")
    #expect(some.status == 0, "\(some.errors)")
    #expect(some.output.contains("\(Self.first): no baseline\n"), "\(some.output)")
    #expect(some.output.contains("\(Self.second): no results\n"), "\(some.output)")
    let named = try run("diff", Self.first, Self.second)
    #expect(named.status == 3)
    #expect(named.output.contains("\(Self.first): no baseline\n"), "\(named.output)")
  }

  @Test("results that lack cells are stored only with --partial, none of several without it")
  func partial() throws {
    try write(Self.first, ["a": 1])
    try write(Self.second, ["a": 1, "b": nil], missing: 3)
    let refused = try run("accept", Self.first, Self.second)
    #expect(refused.status == 3)
    #expect(refused.errors.contains("lack 3 cells"), "\(refused.errors)")
    #expect(refused.errors.contains("--partial"), "\(refused.errors)")
    #expect(!FileManager.default.fileExists(atPath: checkout.folder["Results/baselines"].path))
    #expect(try run("accept", "--partial", Self.first, Self.second).status == 0)
    let stored = checkout.folder["Results/baselines/smoke/\(Self.second)/numbers.csv"]
    #expect(try String(contentsOf: stored, encoding: .utf8) == "k,x\na,1\nb,\n")
    // What such a baseline lacks is no difference, what it has is.
    try write(Self.second, ["a": 1, "b": 2, "c": 3])
    #expect(try run("diff", Self.second).status == 0)
    try write(Self.second, ["a": 4, "b": 2])
    #expect(try run("diff", Self.second).status == 1)
    // A whole one takes its place.
    #expect(try run("accept", Self.second).status == 0)
    try write(Self.second, ["a": 4, "b": 2, "c": 3])
    #expect(try run("diff", Self.second).status == 1)
  }

  @Test("of results that lack cells only what is there is compared")
  func partialDifferences() throws {
    try write(Self.first, ["a": 1, "b": 2, "c": 3])
    #expect(try run("accept", Self.first).status == 0)
    try write(Self.first, ["a": 1, "b": nil], missing: 2)
    let same = try run("diff", Self.first)
    #expect(same.status == 0)
    #expect(same.output == "\(Self.first): partial: 2 cells missing\n")
    try write(Self.first, ["a": 5, "b": nil], missing: 2)
    let other = try run("diff", Self.first)
    #expect(other.status == 1)
    #expect(
      other.output.hasPrefix(
        "\(Self.first): partial: 2 cells missing\n  numbers.csv: k=a: x: baseline 1, found 5"),
      "\(other.output)")
    #expect(other.output.split(separator: "\n").count == 2, "\(other.output)")
  }

  @Test(
    "what was run otherwise than the baseline says is not stored",
    arguments: [
      RunRecord.text(first, seed: 2), RunRecord.text(first, changes: ["count=3"]),
      RunRecord.text(first, trainings: "theirs"), "{",
    ])
  func otherRuns(record: String) throws {
    try write(Self.first, ["a": 1], record: record)
    let refused = try run("accept", Self.first)
    #expect(refused.status == 3)
    #expect(refused.errors.contains("run"), "\(refused.errors)")
    #expect(!FileManager.default.fileExists(atPath: checkout.folder["Results/baselines"].path))
    // The same results as another implementation's: of its trainings alone.
    try FileManager.default.moveItem(
      at: checkout.folder["Results/smoke"], to: checkout.folder["Results/custom"])
    let others = try run("accept", "--another-implementation", Self.first)
    #expect((others.status == 0) == record.contains("theirs"), "\(others.errors)")
  }

  @Test("a repeated row differs")
  func repetition() throws {
    try write(Self.first, ["a": 1, "b": 2])
    #expect(try run("accept", Self.first).status == 0)
    try Data("k,x\na,1\nb,2\na,1\n".utf8).write(
      to: checkout.folder["Results/smoke/\(Self.first)/numbers.csv"])
    let diff = try run("diff", Self.first)
    #expect(diff.status == 1)
    #expect(
      diff.output.contains("numbers.csv: k=a: baseline present, found present 2 times"),
      "\(diff.output)")
  }
}
