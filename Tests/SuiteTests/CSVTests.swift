// Claim: tables survive the way to disk and back; damaged files are refused with their place.
import ExperimentSuite
import Foundation
import MLCSCKit
import Testing

struct CSVTests {
  @Test("numbers read back to the same bits")
  func roundTrip() throws {
    var stream = RandomStream("csv")
    let matrix = Matrix<Double>.normal(7, 5, from: &stream)
    let read = try CSVFile.matrix(Data(CSVFile.text(matrix).utf8), path: "m.csv")
    #expect(read == matrix)
  }

  @Test(
    "damage is named with line and column",
    arguments: [
      ("1,2\n3\n", "m.csv: line 2: 1 fields, but line 1 has 2"),
      ("1,2\n3,nan\n", "m.csv: line 2, column 2: \"nan\" is no finite number"),
      ("1,two\n", "m.csv: line 1, column 2: \"two\" is no finite number"),
      ("1,inf\n", "m.csv: line 1, column 2: \"inf\" is no finite number"),
      ("", "m.csv: the file: is empty"),
    ])
  func damage(_ text: String, _ message: String) {
    let error = #expect(throws: FileError.self) {
      try CSVFile.matrix(Data(text.utf8), path: "m.csv")
    }
    #expect(error?.description == message)
  }

  private struct NamedRow: TableRow {
    @Field("name", .key) var name = ""
    @Field("x", .measured()) var x: Double? = nil
  }

  @Test("a table quotes what needs it and reads back")
  func quotation() throws {
    let rows = [NamedRow(name: "a, \"b\"\nc", x: 0.1), NamedRow(name: "d", x: nil)]
    let table = try Table("t", rows)
    let lines = try CSVFile.lines(Data(table.csv.utf8), path: "t.csv")
    #expect(lines == [["name", "x"], ["a, \"b\"\nc", "0.1"], ["d", ""]])
    let read: [NamedRow] = try table.typed()
    #expect(read.map(\.name) == rows.map(\.name) && read.map(\.x) == [0.1, nil])
  }

  @Test("a table refuses values that are not finite and repeated keys")
  func refusal() {
    #expect(throws: TableError.notFinite(table: "t", row: 1, column: "x")) {
      try Table("t", [NamedRow(name: "a", x: .nan)])
    }
    #expect(throws: TableError.duplicateKey(table: "t", key: "name=a")) {
      try Table("t", [NamedRow(name: "a", x: 1), NamedRow(name: "a", x: 2)])
    }
  }
}
