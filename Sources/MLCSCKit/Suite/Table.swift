import Foundation

/// One value of a table.
public enum Value: Sendable, Equatable {
  /// Words.
  case text(String)
  /// A whole number.
  case integer(Int)
  /// A finite number.
  case real(Double)
  /// Nothing was measured here.
  case missing

  /// A number, or nothing where it is not finite: the bounds of an interval from a single draw.
  public init(finite number: Double?) {
    self = number.map { $0.isFinite ? .real($0) : .missing } ?? .missing
  }

  /// The value as it stands in a CSV file; reals in the shortest form that reads back the same.
  var field: String {
    switch self {
    case .text(let text):
      text.contains(where: { ",\"\n\r".contains($0) })
        ? "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\"" : text
    case .integer(let number): String(number)
    case .real(let number):
      number == number.rounded() && abs(number) < 1e15
        ? String(Int(number)) : "\(number)"
    case .missing: ""
    }
  }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral
{
  public init(stringLiteral value: String) { self = .text(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .real(value) }
}

/// What a column is compared for.
public enum ColumnRole: Codable, Sendable, Equatable {
  /// Names the row, together with the other keys.
  case key
  /// Must be the same text.
  case exact
  /// A number that may differ by absolute + relative · |baseline|.
  case tolerance(absolute: Double, relative: Double)
  /// Depends on the machine: never compared.
  case timing
  /// Words for the reader: never compared.
  case note
}

/// A column's name, with its unit, and role.
public struct Column: Codable, Sendable, Equatable {
  /// The heading.
  public let name: String
  /// What the column is compared for.
  public let role: ColumnRole

  /// A column.
  public init(_ name: String, _ role: ColumnRole) {
    self.name = name
    self.role = role
  }

  /// A column that names rows.
  public static func key(_ name: String) -> Column { Column(name, .key) }
  /// A column that must not change.
  public static func exact(_ name: String) -> Column { Column(name, .exact) }
  /// A measured number.
  public static func measured(
    _ name: String, absolute: Double = 1e-9, relative: Double = 1e-6
  ) -> Column {
    Column(name, .tolerance(absolute: absolute, relative: relative))
  }
  /// A column of seconds or ratios of seconds.
  public static func timing(_ name: String) -> Column { Column(name, .timing) }
  /// A column of words.
  public static func note(_ name: String) -> Column { Column(name, .note) }
}

/// What is wrong with a table.
public enum TableError: Error, Equatable, CustomStringConvertible {
  /// A row has another number of values than there are columns.
  case ragged(table: String, row: Int, expected: Int, found: Int)
  /// A value is infinite or not a number.
  case notFinite(table: String, row: Int, column: String)
  /// Two rows have the same key.
  case duplicateKey(table: String, key: String)

  public var description: String {
    switch self {
    case .ragged(let table, let row, let expected, let found):
      "table \(table), row \(row): \(found) values for \(expected) columns"
    case .notFinite(let table, let row, let column):
      "table \(table), row \(row), column \(column): the value is not finite"
    case .duplicateKey(let table, let key):
      "table \(table): two rows have the key \(key); keys must name a row"
    }
  }
}

/// A tidy table: one observation a row.
public struct Table: Sendable, Equatable {
  /// The file's name without `.csv`.
  public let name: String
  /// The columns, keys first.
  public let columns: [Column]
  /// The rows, each with one value a column.
  public let rows: [[Value]]
  /// Whether the table is compared with a baseline; pictures' pixels need not be.
  public let isCompared: Bool

  /// A table, checked: rectangular, finite, keys unique.
  ///
  /// - Throws: `TableError`.
  public init(
    _ name: String, _ columns: [Column], rows: [[Value]], isCompared: Bool = true
  ) throws {
    let keys = columns.indices.filter { columns[$0].role == .key }
    var seen = Set<String>()
    for (number, row) in rows.enumerated() {
      guard row.count == columns.count else {
        throw TableError.ragged(
          table: name, row: number + 1, expected: columns.count, found: row.count)
      }
      for (value, column) in zip(row, columns) {
        if case .real(let x) = value, !x.isFinite {
          throw TableError.notFinite(table: name, row: number + 1, column: column.name)
        }
      }
      let key = keys.map { "\(columns[$0].name)=\(row[$0].field)" }.joined(separator: " ")
      guard keys.isEmpty || seen.insert(key).inserted else {
        throw TableError.duplicateKey(table: name, key: key)
      }
    }
    self.name = name
    self.columns = columns
    self.rows = rows
    self.isCompared = isCompared
  }

  /// The table as CSV with a heading.
  public var csv: String {
    let heading = columns.map { Value.text($0.name).field }.joined(separator: ",")
    let lines = rows.map { $0.map(\.field).joined(separator: ",") }
    return ([heading] + lines).joined(separator: "\n") + "\n"
  }
}
