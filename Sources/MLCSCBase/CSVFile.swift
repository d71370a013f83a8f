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
}
