// Claim: typed rows read back what they wrote, through CSV files too, and are values.
import ExperimentSuite
import Foundation
import TestSupport
import Testing

struct TableRowTests {
  struct Interval: TableRow, Equatable {
    @Field("value", .measured()) var value = 0.0
    @Field("lower", .measured()) var lower: Double? = nil
  }

  struct Row: TableRow, Equatable {
    @Field("name", .key) var name = ""
    @Field("count", .exact) var count = 0
    var interval = Interval()
    @Field("is_certified", .exact) var isCertified = false
    @Field("remark", .note) var remark: String? = nil
    /// Not shown, hence not read back.
    var hidden = 0
  }

  static let rows = [
    Row(name: "plain", count: 3, interval: Interval(value: 0.1, lower: -1e-300)),
    Row(name: "a, \"b\"\nc", count: -7, interval: Interval(value: 1e20), isCertified: true),
    Row(name: "", interval: Interval(value: 2), remark: "with, comma"),
    Row(name: " blank ", interval: Interval(value: -0.0, lower: .leastNonzeroMagnitude)),
  ]

  @Test("a nested row stands for its columns, in the order of declaration")
  func columns() throws {
    let table = try Table("t", Self.rows)
    #expect(
      table.columns.map(\.name) == ["name", "count", "value", "lower", "is_certified", "remark"])
    #expect(table.columns[0].role == .key && table.columns[5].role == .note)
    #expect(table.rows[1] == ["a, \"b\"\nc", "-7", "1e+20", "", "yes", ""])
  }

  @Test("rows read back from the table they were made of, nested and empty fields too")
  func roundTrip() throws {
    #expect(try Table("t", Self.rows).typed() == Self.rows)
    #expect(try Table("t", [Row]()).typed() == [Row]())
  }

  @Test("rows read back from a folder of CSV files and a schema")
  func files() throws {
    let (table, folder) = (try Table("t", Self.rows), try TemporaryFolder())
    try Data(table.csv.utf8).write(to: folder["t.csv"])
    try JSONEncoder().encode(TableSchema([table])).write(to: folder[TableSchema.fileName])
    let read = try TableSet.read(folder.url)
    #expect(read.tables == [table])
    #expect(try read.rows("t") == Self.rows)
    #expect(try read.rows("other", as: Row.self).isEmpty)
  }

  @Test("columns are found by name: others are passed over, absent ones and other content refused")
  func reading() throws {
    struct Narrow: TableRow {
      @Field("count", .exact) var count = 0
    }
    struct Wrong: TableRow {
      @Field("name", .key) var name = 0
    }
    struct Absent: TableRow {
      @Field("seed", .key) var seed = 0
    }
    let table = try Table("t", Self.rows)
    #expect(try table.typed(as: Narrow.self).map(\.count) == [3, -7, 0, 0])
    #expect(throws: TableError.noColumn(table: "t", column: "seed")) {
      try table.typed(as: Absent.self)
    }
    #expect(
      throws: TableError.unreadable(table: "t", row: 1, column: "name", content: "plain")
    ) { try table.typed(as: Wrong.self) }
  }

  @Test("a copy of a row is its own: changing one leaves the other")
  func values() {
    let original = Self.rows[0]
    var copy = original
    copy.count += 1
    copy.interval.value = 5
    #expect(original.count == 3 && original.interval.value == 0.1)
    #expect(copy.count == 4 && copy.interval.value == 5)
    // Rows that are read share no default either.
    let (first, second) = (Row(), Row())
    var changed = first
    changed.name = "changed"
    #expect(first.name.isEmpty && second.name.isEmpty)
  }
}
