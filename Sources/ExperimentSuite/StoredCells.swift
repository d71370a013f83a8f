import Foundation

/// Finished trainings that are stored with the checkout, below `Results/trainings`.
///
/// A table of `standard` or `paper` is filled over weeks by machines that come and go. `mlcsc accept`
/// stores the trainings that it was made of, without their weights; a later run finds them where its
/// cache has nothing, and computes what is missing.
package struct StoredCells: Sendable {
  /// The folder's name below `Results`.
  static let folderName = "trainings"

  package let folder: URL

  /// The stored trainings of a checkout.
  package init(root: URL) {
    folder = root.appendingPathComponent("Results").appendingPathComponent(Self.folderName)
  }

  /// The file's name of a cell.
  static func name(_ id: String, _ key: String) -> String { "\(id).\(key).cell" }

  /// A stored cell; nil where there is none, or its file is damaged.
  func cell(_ id: String, _ key: String) -> FinishedCell? {
    let file = folder.appendingPathComponent(Self.name(id, key))
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    do {
      return try FinishedCell(file)
    } catch {
      Terminal.note("\(error); the stored training is not taken")
      return nil
    }
  }

  /// Stores the trainings that the tables of a results folder were made of.
  ///
  /// - Parameter results: The folder of an experiment, two levels below the one with the cache.
  /// - Throws: `FileError`.
  package func store(cellsOf results: URL) throws {
    let cache = results.deletingLastPathComponent().deletingLastPathComponent()
    for source in try CellSource.read(results) ?? [] {
      guard let name = source.stored else { continue }
      let target = folder.appendingPathComponent(name)
      let file = cache.appendingPathComponent(source.file)
      // What was taken from here lies here.
      guard file.lastPathComponent != name else { continue }
      var cell = try FinishedCell(file)
      cell.files = nil
      try cell.write(to: target)
    }
  }
}
