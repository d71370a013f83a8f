import Foundation

/// What is wrong with a table.
public enum TableError: Error, Equatable, CustomStringConvertible {
  /// A row has another number of values than there are columns.
  case ragged(table: String, row: Int, expected: Int, found: Int)
  /// A value is infinite or not a number.
  case notFinite(table: String, row: Int, column: String)
  /// Two rows have the same key.
  case duplicateKey(table: String, key: String)
  /// There is no such table.
  case noTable(String, known: [String])
  /// A table lacks a column.
  case noColumn(table: String, column: String)
  /// A field does not hold what its column should.
  case unreadable(table: String, row: Int, column: String, content: String)

  public var description: String {
    switch self {
    case .ragged(let table, let row, let expected, let found):
      "table \(table), row \(row): \(found) values for \(expected) columns"
    case .notFinite(let table, let row, let column):
      "table \(table), row \(row), column \(column): the value is not finite"
    case .duplicateKey(let table, let key):
      "table \(table): two rows have the key \(key); keys must name a row"
    case .noTable(let table, let known):
      "there is no table \(table); there are: \(known.joined(separator: ", "))"
    case .noColumn(let table, let column): "table \(table) has no column \(column)"
    case .unreadable(let table, let row, let column, let content):
      "table \(table), row \(row), column \(column): \"\(content)\" cannot be read"
    }
  }
}

/// A tidy table: one observation a row.
public struct Table: Sendable, Equatable {
  /// The file's name without `.csv`.
  public let name: String
  /// The columns, keys first.
  public let columns: [Column]
  /// The rows, each with the content of one field a column.
  public let rows: [[String]]
  /// Whether the table is compared with a baseline; pictures' pixels need not be.
  public let isCompared: Bool

  /// A table of typed rows, checked: finite, keys unique.
  ///
  /// - Throws: `TableError`.
  public init<Row: TableRow>(_ name: String, _ rows: [Row], isCompared: Bool = true) throws {
    try self.init(
      name, Row().fields.map(\.column),
      contents: rows.enumerated().map { number, row in
        try row.fields.map { field in
          let value = field.value
          if case .real(let x) = value, !x.isFinite {
            throw TableError.notFinite(table: name, row: number + 1, column: field.column.name)
          }
          return value.content
        }
      }, isCompared: isCompared)
  }

  /// A table of the contents of its fields, as they are read from a file.
  ///
  /// - Throws: `TableError` where it is ragged or two rows have one key.
  init(_ name: String, _ columns: [Column], contents: [[String]], isCompared: Bool) throws {
    let keys = columns.indices.filter { columns[$0].role == .key }
    var seen = Set<String>()
    for (number, row) in contents.enumerated() {
      guard row.count == columns.count else {
        throw TableError.ragged(
          table: name, row: number + 1, expected: columns.count, found: row.count)
      }
      let key = keys.map { "\(columns[$0].name)=\(row[$0])" }.joined(separator: " ")
      guard keys.isEmpty || seen.insert(key).inserted else {
        throw TableError.duplicateKey(table: name, key: key)
      }
    }
    (self.name, self.columns, rows, self.isCompared) = (name, columns, contents, isCompared)
  }

  /// The table as typed rows; columns are found by their headings, others are passed over.
  ///
  /// - Throws: `TableError` where a column is absent or a field cannot be read.
  public func typed<Row: TableRow>(as type: Row.Type = Row.self) throws -> [Row] {
    let places = try Row().fields.map { field in
      guard let place = columns.firstIndex(where: { $0.name == field.column.name }) else {
        throw TableError.noColumn(table: name, column: field.column.name)
      }
      return place
    }
    return try rows.enumerated().map { number, contents in
      let row = Row()
      for (place, field) in zip(places, row.fields) where !field.read(contents[place]) {
        throw TableError.unreadable(
          table: name, row: number + 1, column: field.column.name, content: contents[place])
      }
      return row
    }
  }

  /// The table without one of its rows.
  ///
  /// - Throws: `TableError`, never for a table that is well formed.
  package func removing(row: Int) throws -> Table {
    try Table(
      name, columns, contents: rows.enumerated().filter { $0.offset != row }.map(\.element),
      isCompared: isCompared)
  }

  /// The table as CSV with a heading.
  public var csv: String {
    let lines = [columns.map(\.name)] + rows
    return lines.map { $0.map { Value.text($0).field }.joined(separator: ",") }
      .joined(separator: "\n") + "\n"
  }
}

/// The tables of an experiment by name: what claims are computed from.
public struct TableSet: Sendable {
  /// The tables, in the order in which they were given.
  public let tables: [Table]

  /// A set of tables.
  public init(_ tables: [Table]) { self.tables = tables }

  /// The typed rows of a table; none where the experiment wrote no such table.
  ///
  /// - Throws: `TableError` where a column is absent or a field cannot be read.
  public func rows<Row: TableRow>(_ name: String, as type: Row.Type = Row.self) throws -> [Row] {
    try tables.first { $0.name == name }?.typed() ?? []
  }

  /// Reads the tables of a results or baseline folder that have a schema there.
  ///
  /// - Throws: `FileError` where a file is absent or damaged, `TableError`.
  public static func read(_ folder: URL) throws -> TableSet {
    let schema = try TableSchema.read(folder)
    return TableSet(
      try schema.files.keys.sorted().map { file in
        let url = folder.appendingPathComponent(file)
        let lines = try CSVFile.lines(AtomicFile.read(url), path: url.path)
        let columns = schema.files[file] ?? []
        guard lines.first == columns.map(\.name) else {
          throw FileError.damaged(
            path: url.path, place: "line 1", problem: "is not the heading that the schema has")
        }
        return try Table(
          String(file.dropLast(".csv".count)), columns, contents: Array(lines.dropFirst()),
          isCompared: true)
      })
  }
}
