// Claim: a typed row reads back what it wrote, as a table and in the cache of finished cells.
import ExperimentSuite
import Foundation
import MLCSCBase
import Testing

struct MeasuredRowTests {
  enum Kind: String, ValueConvertible { case first, second = "the second" }

  struct Row: MeasuredRow {
    @Field("name", .key) var name = ""
    @Field("kind", .exact) var kind = Kind.first
    @Field("count", .exact) var count: Int? = nil
    @IntervalField("error", .measured()) var error: Estimate? = nil
  }

  let rows = [
    Row(name: "a, b", kind: .second, count: 3, error: Statistics.studentMean([1, 2, 4])),
    Row(name: "one draw", count: nil, error: Statistics.studentMean([0.1])),
    Row(name: "none", count: -1, error: nil),
  ]

  @Test("an interval is three columns, empty where it says nothing")
  func intervalColumns() throws {
    let table = try Table("t", rows)
    #expect(
      table.columns.map(\.name)
        == ["name", "kind", "count", "error", "error_lower_95", "error_upper_95"])
    #expect(table.rows[0].prefix(3) == ["a, b", "the second", "3"])
    #expect(table.rows[1] == ["one draw", "first", "", "0.1", "", ""])
    #expect(table.rows[2] == ["none", "first", "-1", "", "", ""])
  }

  @Test("a table reads back as the rows it was made of")
  func table() throws {
    let read: [Row] = try Table("t", rows).typed()
    #expect(read.map(\.name) == rows.map(\.name))
    #expect(read.map(\.kind) == rows.map(\.kind))
    #expect(read.map(\.count) == rows.map(\.count))
    #expect(read.map(\.error) == rows.map(\.error))
    #expect(read[1].error?.upper == .infinity)
  }

  @Test("a measured row survives the cache bit for bit")
  func cache() throws {
    let read = try JSONDecoder().decode([Row].self, from: JSONEncoder().encode(rows))
    #expect(read.map(\.name) == rows.map(\.name))
    #expect(read.map(\.kind) == rows.map(\.kind))
    #expect(read.map(\.count) == rows.map(\.count))
    #expect(read.map(\.error) == rows.map(\.error))
  }

  @Test("a cached row of other headings is refused")
  func otherHeadings() {
    let cached = Data(#"[{"name": "a", "number": "3"}]"#.utf8)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([Row].self, from: cached) }
  }

  @Test("a measured number that is not finite is not stored")
  func notFinite() {
    let row = Row(name: "a", count: 1, error: Estimate(value: .nan, lower: 0, upper: 0))
    #expect(throws: EncodingError.self) { try JSONEncoder().encode(row) }
  }
}
