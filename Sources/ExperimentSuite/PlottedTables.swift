import Foundation
import MLCSCBase

/// Tables as figures need them where an interval is missing.
///
/// A mean of one draw has no interval: its fields are empty, and gnuplot leaves out a point with a bar
/// that it cannot draw. So the bounds are then set to the mean, and a standard error to zero, in copies
/// that only the figure sees: the point stands without a bar.
enum PlottedTables {
  /// Copies all tables of a folder, with bounds filled in, unless no bound is missing.
  ///
  /// - Parameters:
  ///   - folder: The results of an experiment.
  ///   - target: An empty folder.
  /// - Returns: Whether the copies were needed and made.
  /// - Throws: `FileError`.
  static func fill(_ folder: URL, into target: URL) throws -> Bool {
    let names = try Comparison.csvFiles(folder)
    let contents = try names.map { name in
      let content = try AtomicFile.read(folder.appendingPathComponent(name))
      return (name: name, content: content, filled: try filled(content, path: name))
    }
    guard contents.contains(where: { $0.filled != nil }) else { return false }
    for (name, content, filled) in contents {
      try AtomicFile.write(filled ?? content, to: target.appendingPathComponent(name))
    }
    return true
  }

  /// A table with its bounds filled in; nil where none is missing.
  ///
  /// - Throws: `FileError.damaged` where it is no table.
  static func filled(_ content: Data, path: String) throws -> Data? {
    // Tables without bounds, pictures among them, need not be read.
    let first = String(decoding: content.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    guard ["_lower", "_upper", "standard_error"].contains(where: first.contains) else { return nil }
    let rows = try CSVFile.lines(content, path: path)
    let heading = rows[0]
    let sources = heading.map { name -> Source? in
      for end in ["_lower_95", "_upper_95", "_lower", "_upper"] where name.hasSuffix(end) {
        return heading.firstIndex(of: String(name.dropLast(end.count))).map(Source.column)
      }
      return name.contains("standard_error") ? .zero : nil
    }
    var isChanged = false
    let complete = rows.dropFirst().map { row in
      row.indices.map { i -> String in
        guard row[i].isEmpty, let source = sources[i] else { return row[i] }
        let value =
          switch source {
          case .column(let j): row[j]
          case .zero: "0"
          }
        if !value.isEmpty { isChanged = true }
        return value
      }
    }
    guard isChanged else { return nil }
    let lines = ([heading] + complete).map {
      $0.map { Value.text($0).field }.joined(separator: ",")
    }
    return Data((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// What an empty field is filled with.
  private enum Source {
    case column(Int)
    case zero
  }
}
