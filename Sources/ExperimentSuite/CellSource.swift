import Foundation

/// A cell that an experiment's tables were made of, with its file.
public struct CellSource: Codable, Sendable, Equatable {
  /// The cell's identifier within the experiment.
  public let cell: String
  /// Its file, relative to the folder of results; a stored one's to the checkout's `Results`, another
  /// implementation's as the run was given its folder.
  public let file: String
  /// The name under which `StoredCells` stores it; nil where it is not one that experiments share.
  public let stored: String?

  /// The list's name beside the tables.
  static let listName = "cells.json"

  /// The cells of the tables in a folder; nil where none were listed, as in earlier results and in
  /// baselines.
  ///
  /// - Throws: `FileError` where the list is damaged.
  static func read(_ folder: URL) throws -> [CellSource]? {
    let file = folder.appendingPathComponent(listName)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    do {
      return try JSONDecoder().decode([CellSource].self, from: AtomicFile.read(file))
    } catch is DecodingError {
      throw FileError.damaged(
        path: file.path, place: "the file",
        problem: "is no list of cells; run the experiment again")
    }
  }
}
