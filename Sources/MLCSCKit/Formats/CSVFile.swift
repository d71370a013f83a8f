import Foundation
import SwiftCSV

/// Comma-separated files, checked on reading.
public enum CSVFile {
  /// The fields of every line of a CSV text, with no ragged row.
  ///
  /// - Throws: `FileError.damaged` with the line's number.
  public static func lines(_ data: Data, path: String) throws -> [[String]] {
    guard let text = String(data: data, encoding: .utf8) else {
      throw FileError.damaged(path: path, place: "the file", problem: "is no UTF-8 text")
    }
    var lines = [[String]]()
    do {
      try EnumeratedCSV(string: text, delimiter: .comma, loadColumns: false)
        .enumerateAsArray(startAt: 0, rowLimit: nil) { lines.append($0) }
    } catch {
      throw FileError.damaged(
        path: path, place: "line \(lines.count + 1)", problem: "a quotation is not closed")
    }
    guard let width = lines.first?.count else {
      throw FileError.damaged(path: path, place: "the file", problem: "is empty")
    }
    for (number, line) in lines.enumerated() where line.count != width {
      throw FileError.damaged(
        path: path, place: "line \(number + 1)",
        problem: "\(line.count) fields, but line 1 has \(width)")
    }
    return lines
  }

  /// Reads a matrix: numbers without a heading, one row a line.
  ///
  /// - Throws: `FileError` naming line and column of what is no finite number.
  public static func matrix(_ data: Data, path: String) throws -> Matrix<Double> {
    let lines = try lines(data, path: path)
    var elements = [Double]()
    elements.reserveCapacity(lines.count * lines[0].count)
    for (row, line) in lines.enumerated() {
      for (column, field) in line.enumerated() {
        let text = field.trimmingCharacters(in: .whitespaces)
        guard let value = Double(text), value.isFinite else {
          throw FileError.damaged(
            path: path, place: "line \(row + 1), column \(column + 1)",
            problem: "\"\(text.prefix(40))\" is no finite number")
        }
        elements.append(value)
      }
    }
    return Matrix(shape: [lines.count, lines[0].count], elements: elements)
  }

  /// A matrix as CSV; every number reads back to the same bits.
  public static func text(_ matrix: Matrix<Double>) -> String {
    (0..<matrix.rows).map { matrix.row($0).map(\.description).joined(separator: ",") }
      .joined(separator: "\n") + "\n"
  }
}
