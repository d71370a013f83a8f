import Foundation

/// One way in which results differ from their baseline.
public struct Difference: Codable, Sendable, Equatable, CustomStringConvertible {
  /// The CSV file's name.
  public let file: String
  /// The row's key, `column=value` joined by spaces; empty for a whole file.
  public let row: String
  /// The column.
  public let column: String
  /// The stored value.
  public let baseline: String
  /// The value found.
  public let found: String
  /// How far they may be apart, in words.
  public let allowed: String

  public var description: String {
    let place = [file, row, column].filter { !$0.isEmpty }.joined(separator: ": ")
    return "\(place): baseline \(baseline), found \(found)"
      + (allowed.isEmpty ? "" : " (\(allowed))")
  }
}

/// The columns of every table of a result folder, kept beside the tables so that results can be
/// compared without running anything.
public struct TableSchema: Codable, Sendable, Equatable {
  /// Columns by file name.
  public let files: [String: [Column]]

  /// The schema's own file.
  public static let fileName = "tables.json"

  /// The schema of some tables.
  public init(_ tables: [Table]) {
    files = [String: [Column]](
      uniqueKeysWithValues: tables.filter(\.isCompared).map { ("\($0.name).csv", $0.columns) })
  }
}

/// Compares result folders with baselines.
public enum Comparison {
  /// All differences between a result folder and its baseline; nil where there is no baseline.
  ///
  /// - Throws: `FileError` when there are no results or a file is damaged.
  public static func differences(results: URL, baseline: URL) throws -> [Difference]? {
    guard FileManager.default.fileExists(atPath: baseline.path) else { return nil }
    let schemaFile = results.appendingPathComponent(TableSchema.fileName)
    guard
      let schema = try? JSONDecoder().decode(TableSchema.self, from: AtomicFile.read(schemaFile))
    else {
      throw FileError.notRead(
        path: schemaFile.path, reason: "there are no whole results here; run the experiment first")
    }
    var all = [Difference]()
    let stored = try csvFiles(baseline)
    for file in Set(stored).union(schema.files.keys).sorted() {
      guard let columns = schema.files[file] else {
        all.append(whole(file, baseline: "present", found: "absent"))
        continue
      }
      guard stored.contains(file) else {
        all.append(whole(file, baseline: "absent", found: "present"))
        continue
      }
      let old = baseline.appendingPathComponent(file)
      let new = results.appendingPathComponent(file)
      all += compare(
        file, columns, old: try CSVFile.lines(AtomicFile.read(old), path: old.path),
        new: try CSVFile.lines(AtomicFile.read(new), path: new.path))
    }
    return all
  }

  static func csvFiles(_ folder: URL) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder.path)
        .filter { $0.hasSuffix(".csv") }.sorted()
    } catch {
      throw FileError.notRead(path: folder.path, reason: "the folder cannot be listed")
    }
  }

  private static func whole(_ file: String, baseline: String, found: String) -> Difference {
    Difference(file: file, row: "", column: "", baseline: baseline, found: found, allowed: "")
  }

  /// The differences between two tables, each a heading and rows.
  public static func compare(
    _ file: String, _ columns: [Column], old: [[String]], new: [[String]]
  ) -> [Difference] {
    guard let oldHeading = old.first, let newHeading = new.first else { return [] }
    guard oldHeading == newHeading else {
      return [
        Difference(
          file: file, row: "", column: "heading", baseline: oldHeading.joined(separator: ","),
          found: newHeading.joined(separator: ","), allowed: "")
      ]
    }
    guard oldHeading == columns.map(\.name) else {
      return [
        Difference(
          file: file, row: "", column: "heading", baseline: oldHeading.joined(separator: ","),
          found: columns.map(\.name).joined(separator: ","),
          allowed: "\(TableSchema.fileName) belongs to other tables; run the experiment again")
      ]
    }
    let keys = columns.indices.filter { columns[$0].role == .key }
    func name(_ row: [String], _ number: Int) -> String {
      keys.isEmpty
        ? "row=\(number + 1)"
        : keys.map { "\(columns[$0].name)=\(row[$0])" }.joined(separator: " ")
    }
    let oldRows = old.dropFirst().enumerated().map { (name($1, $0), $1) }
    let newRows = [String: [String]](
      new.dropFirst().enumerated().map { (name($1, $0), $1) }, uniquingKeysWith: { a, _ in a })
    let oldNames = Set(oldRows.map(\.0))
    var all = [Difference]()
    for (key, row) in oldRows {
      guard let found = newRows[key] else {
        all.append(
          Difference(
            file: file, row: key, column: "", baseline: "present", found: "absent", allowed: ""))
        continue
      }
      for (i, column) in columns.enumerated() {
        if let allowed = violation(column.role, baseline: row[i], found: found[i]) {
          all.append(
            Difference(
              file: file, row: key, column: column.name, baseline: row[i], found: found[i],
              allowed: allowed))
        }
      }
    }
    for key in newRows.keys.sorted() where !oldNames.contains(key) {
      all.append(
        Difference(
          file: file, row: key, column: "", baseline: "absent", found: "present", allowed: ""))
    }
    return all
  }

  /// What was allowed, where two fields differ by more; nil where they agree.
  static func violation(_ role: ColumnRole, baseline: String, found: String) -> String? {
    switch role {
    case .key, .timing, .note: return nil
    case .exact: return baseline == found ? nil : "must be equal"
    case .tolerance(let absolute, let relative):
      if baseline == found { return nil }
      let words = "tolerance \(absolute) + \(relative) of the baseline"
      guard let old = Double(baseline), let new = Double(found) else { return words }
      return abs(new - old) <= absolute + relative * abs(old) ? nil : words
    }
  }
}
