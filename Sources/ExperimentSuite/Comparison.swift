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

/// Compares result folders with baselines.
public enum Comparison {
  /// All differences between a result folder and its baseline; nil where there is no baseline.
  ///
  /// Of results, and of baselines, that lack cells only the values that are there are compared.
  /// - Throws: `FileError` when there are no results or a file is damaged: of the baseline, not the
  ///   one that was stored.
  public static func differences(results: URL, baseline: URL) throws -> [Difference]? {
    guard FileManager.default.fileExists(atPath: baseline.path) else { return nil }
    try BaselineDigests.verify(baseline)
    let found = try TableSchema.read(results)
    guard TableSchema.isIn(baseline) else {
      return [whole(TableSchema.fileName, baseline: "absent", found: "present")]
    }
    let stored = try TableSchema.read(baseline)
    var all = [Difference]()
    for file in Set(stored.files.keys).union(found.files.keys).sorted() {
      guard let columns = stored.files[file] else {
        all.append(whole(file, baseline: "absent", found: "present"))
        continue
      }
      guard let newColumns = found.files[file] else {
        all.append(whole(file, baseline: "present", found: "absent"))
        continue
      }
      all += schemaDifferences(file, columns, newColumns)
      let old = baseline.appendingPathComponent(file)
      let new = results.appendingPathComponent(file)
      all += compare(
        file, columns, old: try CSVFile.lines(AtomicFile.read(old), path: old.path),
        new: try CSVFile.lines(AtomicFile.read(new), path: new.path))
    }
    func isAbsent(_ value: String, in difference: Difference) -> Bool {
      value.isEmpty || (difference.column.isEmpty && value == "absent")
    }
    let isPartial = (found.missingCells ?? 0) > 0
    let hasPartialBaseline = (stored.missingCells ?? 0) > 0
    return all.filter {
      !(isPartial && isAbsent($0.found, in: $0))
        && !(hasPartialBaseline && isAbsent($0.baseline, in: $0))
    }
  }

  /// Columns whose tolerance or role is another than the baseline's: what differs is reported, and the
  /// baseline's is used.
  private static func schemaDifferences(
    _ file: String, _ stored: [Column], _ found: [Column]
  ) -> [Difference] {
    stored.compactMap { column in
      guard let other = found.first(where: { $0.name == column.name }), other.role != column.role
      else { return nil }
      return Difference(
        file: file, row: "", column: column.name, baseline: column.role.words,
        found: other.role.words,
        allowed: "what the column is compared for has changed; accept new baselines to keep it")
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
    let stored = Dictionary(grouping: oldRows) { $0.0 }
    let found = Dictionary(grouping: newRows) { $0.0 }
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
        let spread = column.role.spreadColumn.flatMap { name in
          columns.firstIndex { $0.name == name }.map { (row[$0], new[$0]) }
        }
        if let allowed = violation(
          column.role, baseline: row[i], found: new[i], spread: spread)
        {
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
  ///
  /// - Parameters:
  ///   - role: What the column is compared for.
  ///   - baseline: The stored field.
  ///   - found: The new field.
  ///   - spread: The standard errors of both, for an estimate from repetitions.
  /// - Returns: Words for the reader.
  static func violation(
    _ role: ColumnRole, baseline: String, found: String, spread: (String, String)? = nil
  ) -> String? {
    switch role {
    case .key, .timing, .note: return nil
    case .exact: return baseline == found ? nil : "must be equal"
    case .tolerance(let absolute, let relative):
      if baseline == found { return nil }
      let words = "tolerance \(absolute) + \(relative) of the baseline"
      guard let old = Double(baseline), let new = Double(found) else { return words }
      return abs(new - old) <= absolute + relative * abs(old) ? nil : words
    case .spread(let column, let factor):
      if baseline == found { return nil }
      guard let old = Double(baseline), let new = Double(found) else { return role.words }
      // A single repetition has no standard error: nothing says how far it may move.
      guard let s = spread.flatMap({ Double($0.0) }), let t = spread.flatMap({ Double($0.1) })
      else { return nil }
      let allowed = factor * (s * s + t * t).squareRoot()
      return abs(new - old) <= allowed
        ? nil : "at most \(Wording.number(allowed)), \(factor) standard errors (\(column))"
    }
  }
}

extension ColumnRole {
  /// The column that holds the standard error.
  var spreadColumn: String? {
    if case .spread(let column, _) = self { column } else { nil }
  }

  /// The role in words.
  var words: String {
    switch self {
    case .key: "a key"
    case .exact: "compared exactly"
    case .tolerance(let absolute, let relative):
      "compared within \(absolute) + \(relative) of the baseline"
    case .spread(let column, let factor): "compared within \(factor) times \(column)"
    case .timing: "a time, not compared"
    case .note: "not compared"
    }
  }
}
