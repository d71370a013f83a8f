import Foundation

/// The columns of every table of a result folder, kept beside the tables so that results can be
/// compared without running anything.
public struct TableSchema: Codable, Sendable, Equatable {
  /// Columns by file name.
  public let files: [String: [Column]]
  /// How many cells the tables lack; nil where they have all of them.
  public let missingCells: Int?
  /// The profile and what the experiment says of its scale, a few words each.
  public let scale: [String]

  /// The scale as a figure states it: with what is missing of it.
  var caption: [String] { scale + (missingCells.map { ["\($0) trainings missing"] } ?? []) }

  /// The schema's own file.
  public static let fileName = "tables.json"

  /// The schema of some tables.
  public init(_ tables: [Table], missingCells: Int? = nil, scale: [String] = []) {
    files = [String: [Column]](
      uniqueKeysWithValues: tables.filter(\.isCompared).map { ("\($0.name).csv", $0.columns) })
    self.missingCells = missingCells == 0 ? nil : missingCells
    self.scale = scale
  }

  /// The schema with the columns of one table replaced.
  func replacing(_ table: Table) -> TableSchema {
    TableSchema(
      files: files.merging(["\(table.name).csv": table.columns]) { $1 }, missingCells: missingCells,
      scale: scale)
  }

  private init(files: [String: [Column]], missingCells: Int?, scale: [String]) {
    (self.files, self.missingCells, self.scale) = (files, missingCells, scale)
  }

  /// Whether a folder has a schema.
  static func isIn(_ folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent(fileName).path)
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
