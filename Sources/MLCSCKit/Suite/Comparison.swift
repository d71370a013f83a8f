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
  /// How many cells the tables lack; nil where they have all of them.
  public let missingCells: Int?

  /// The schema's own file.
  public static let fileName = "tables.json"

  /// The schema of some tables.
  public init(_ tables: [Table], missingCells: Int? = nil) {
    files = [String: [Column]](
      uniqueKeysWithValues: tables.filter(\.isCompared).map { ("\($0.name).csv", $0.columns) })
    self.missingCells = missingCells == 0 ? nil : missingCells
  }

  /// The schema of a result folder.
  ///
  /// - Throws: `FileError` when there are no whole results or the file is damaged.
  public static func read(_ results: URL) throws -> TableSchema {
    let file = results.appendingPathComponent(fileName)
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw FileError.notRead(
        path: file.path, reason: "there are no whole results here; run the experiment first")
    }
    do {
      return try JSONDecoder().decode(TableSchema.self, from: AtomicFile.read(file))
    } catch is DecodingError {
      throw FileError.damaged(
        path: file.path, place: "the file",
        problem: "is no list of tables; run the experiment again")
    }
  }
}

/// Results that lack cells were to become a baseline.
public struct PartialResults: Error, CustomStringConvertible {
  /// The experiment.
  public let experiment: String
  /// How many cells are missing.
  public let missing: Int

  /// Names the experiment and how much it lacks.
  public init(experiment: String, missing: Int) {
    self.experiment = experiment
    self.missing = missing
  }

  public var description: String {
    "the results of \(experiment) lack \(missing) cells: run it without --gather first; with "
      + "--partial they are stored all the same"
  }
}

/// Compares result folders with baselines.
public enum Comparison {
  /// All differences between a result folder and its baseline; nil where there is no baseline.
  ///
  /// Of results, and of baselines, that lack cells only the values that are there are compared.
  /// - Throws: `FileError` when there are no results or a file is damaged.
  public static func differences(results: URL, baseline: URL) throws -> [Difference]? {
    guard FileManager.default.fileExists(atPath: baseline.path) else { return nil }
    let schema = try TableSchema.read(results)
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
    func isAbsent(_ value: String, in difference: Difference) -> Bool {
      value.isEmpty || (difference.column.isEmpty && value == "absent")
    }
    let isPartial = (schema.missingCells ?? 0) > 0
    let hasPartialBaseline = Baselines.isPartial(baseline)
    return all.filter {
      !(isPartial && isAbsent($0.found, in: $0))
        && !(hasPartialBaseline && isAbsent($0.baseline, in: $0))
    }
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
    let newRows = new.dropFirst().enumerated().map { (name($1, $0), $1) }
    let stored = Swift.Dictionary(grouping: oldRows) { $0.0 }
    let found = Swift.Dictionary(grouping: newRows) { $0.0 }
    func presence(_ count: Int) -> String {
      count == 0 ? "absent" : count == 1 ? "present" : "present \(count) times"
    }
    func wholeRow(_ key: String) -> Difference {
      Difference(
        file: file, row: key, column: "", baseline: presence(stored[key]?.count ?? 0),
        found: presence(found[key]?.count ?? 0), allowed: "")
    }
    var all = [Difference]()
    var seen = Set<String>()
    for (key, row) in oldRows where seen.insert(key).inserted {
      // A key that names several rows says nothing of which belongs to which.
      guard stored[key]?.count == 1, let same = found[key], same.count == 1 else {
        all.append(wholeRow(key))
        continue
      }
      let new = same[0].1
      for (i, column) in columns.enumerated() {
        if let allowed = violation(column.role, baseline: row[i], found: new[i]) {
          all.append(
            Difference(
              file: file, row: key, column: column.name, baseline: row[i], found: new[i],
              allowed: allowed))
        }
      }
    }
    return all + found.keys.sorted().filter { stored[$0] == nil }.map(wholeRow)
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
