// Claim: results and baselines are compared row by row with each column's own tolerance.
import ExperimentSuite
import Foundation
import Testing

struct ComparisonTests {
  let columns: [Column] = [
    Column("k", .key), Column("e", .exact), Column("m", .measured(absolute: 0.1, relative: 0.01)),
    Column("t", .timing), Column("n", .note),
  ]
  let heading = ["k", "e", "m", "t", "n"]

  func differences(_ old: [String], _ new: [String]) -> [Difference] {
    Comparison.compare("f.csv", columns, old: [heading, old], new: [heading, new])
  }

  @Test("equal rows, other times and other notes do not differ")
  func equal() {
    #expect(differences(["a", "x", "1", "2", "p"], ["a", "x", "1", "9", "q"]).isEmpty)
  }

  @Test("a number may differ by absolute + relative · |baseline|")
  func tolerance() {
    #expect(differences(["a", "x", "10", "", ""], ["a", "x", "10.19", "", ""]).isEmpty)
    let found = differences(["a", "x", "10", "", ""], ["a", "x", "10.21", "", ""])
    #expect(found.count == 1)
    #expect(found.first?.row == "k=a")
    #expect(found.first?.column == "m")
    #expect(found.first?.baseline == "10")
    #expect(found.first?.found == "10.21")
  }

  @Test("exact columns, absent values and text in a number's place differ")
  func exact() {
    #expect(differences(["a", "x", "1", "", ""], ["a", "y", "1", "", ""]).map(\.column) == ["e"])
    #expect(differences(["a", "x", "1", "", ""], ["a", "x", "", "", ""]).map(\.column) == ["m"])
    #expect(differences(["a", "x", "", "", ""], ["a", "x", "", "", ""]).isEmpty)
  }

  @Test("missing rows, new rows and another heading differ")
  func rows() {
    let found = differences(["a", "x", "1", "", ""], ["b", "x", "1", "", ""])
    #expect(found.map(\.row) == ["k=a", "k=b"])
    let other = Comparison.compare(
      "f.csv", columns, old: [heading], new: [["k", "e", "m", "t", "other"]])
    #expect(other.map(\.column) == ["heading"])
    let short = Comparison.compare(
      "f.csv", columns, old: [["k", "e"], ["a", "x"]], new: [["k", "e"], ["a", "x"]])
    #expect(short.map(\.column) == ["heading"])
  }

  @Test("a row that is there several times differs, in the results and in the baseline")
  func repetition() {
    let (row, other) = (["a", "x", "1", "", ""], ["b", "x", "1", "", ""])
    let found = Comparison.compare(
      "f.csv", columns, old: [heading, row, other], new: [heading, row, other, row])
    #expect(found.map(\.row) == ["k=a"])
    #expect(found.first?.baseline == "present" && found.first?.found == "present 2 times")
    let stored = Comparison.compare(
      "f.csv", columns, old: [heading, row, row], new: [heading, row])
    #expect(stored.map(\.baseline) == ["present 2 times"])
    let new = Comparison.compare("f.csv", columns, old: [heading], new: [heading, row, row])
    #expect(new.map(\.found) == ["present 2 times"] && new.first?.baseline == "absent")
  }

  @Test("whole results have no number of missing cells, nor do those of earlier versions")
  func schema() throws {
    struct KeyRow: TableRow {
      @Field("k", .key) var key = "a"
    }
    let table = try Table("t", [KeyRow()])
    let whole = TableSchema([table], missingCells: 0)
    #expect(whole == TableSchema([table]) && whole.missingCells == nil)
    let text = String(decoding: try JSONEncoder().encode(whole), as: UTF8.self)
    #expect(!text.contains("missingCells"))
    #expect(try JSONDecoder().decode(TableSchema.self, from: Data(text.utf8)) == whole)
    let partial = try JSONEncoder().encode(TableSchema([table], missingCells: 2))
    #expect(try JSONDecoder().decode(TableSchema.self, from: partial).missingCells == 2)
  }

  @Test("names are found by unambiguous prefix; others are answered with the nearest")
  func names() throws {
    let names = ["mlbp-fig1-recovery", "mlbp-fig2-solvers", "mlista-fixed-point"]
    #expect(try NameMatch.resolve("mlista", among: names) == "mlista-fixed-point")
    #expect(throws: UsageError.self) { try NameMatch.resolve("mlbp", among: names) }
    #expect(NameMatch.nearest("mlbp-fig1-recoverx", among: names).first == names[0])
    #expect(NameMatch.nearest("fixed-point", among: names).first == names[2])
    #expect(NameMatch.distance("kitten", "sitting") == 3)
  }
}
