import Foundation

/// Finished trainings that are stored with the checkout, below `Results/trainings`.
///
/// A table of `standard` or `paper` is filled over weeks by machines that come and go. `mlcsc accept`
/// stores the trainings that it was made of, without their weights; a later run finds them where its
/// cache has nothing, and computes what is missing.
public struct StoredCells: Sendable {
  /// The folder's name below `Results`.
  static let folderName = "trainings"

  package let folder: URL
  /// The files by the cell's description, where another implementation gave them their names; nil
  /// where these are the suite's own.
  private let filesByDescription: [Data: URL]?

  /// The stored trainings of a checkout.
  public init(root: URL) {
    folder = root.appendingPathComponent("Results").appendingPathComponent(Self.folderName)
    filesByDescription = nil
  }

  /// The trainings that another implementation stored, in files of the suite's format with any names
  /// that end in `.cell`.
  ///
  /// - Throws: `FileError.notRead` where the folder cannot be listed or has none; `damaged` where one
  ///   of them is not whole, does not say what it is, or is there twice.
  public init(folder: URL) throws {
    self.folder = folder
    var found = [Data: URL]()
    for file in try Self.files(in: folder) {
      guard let description = try FinishedCell(file).description else {
        throw FileError.damaged(
          path: file.path, place: "the lines above the rows", problem: "do not say what it is")
      }
      guard found.updateValue(file, forKey: description) == nil else {
        throw FileError.damaged(
          path: file.path, place: "the description", problem: "is that of another file too")
      }
    }
    guard !found.isEmpty else {
      throw FileError.notRead(path: folder.path, reason: "the folder has no file *.cell")
    }
    filesByDescription = found
  }

  /// The files of a folder of cells, by name.
  private static func files(in folder: URL) throws -> [URL] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder.path)
        .filter { $0.hasSuffix(".cell") }.sorted().map(folder.appendingPathComponent)
    } catch {
      throw FileError.notRead(path: folder.path, reason: "the folder cannot be listed")
    }
  }

  /// The file's name of a cell.
  static func name(_ id: String, _ key: String) -> String { "\(id).\(key).cell" }

  /// The file of a cell, whether it is there or not; nil where another implementation has none.
  private func file(_ id: String, _ key: String, _ description: Data) -> URL? {
    guard let filesByDescription else { return folder.appendingPathComponent(Self.name(id, key)) }
    return filesByDescription[description]
  }

  /// How many files of another implementation are of none of these cells.
  func filesOfOthers(_ descriptions: [Data]) -> Int {
    (filesByDescription?.keys.filter { !descriptions.contains($0) } ?? []).count
  }

  /// Where a stored cell lies: below the checkout's `Results`, or in the other implementation's folder.
  func path(_ id: String, _ key: String, _ description: Data) -> String {
    let name = file(id, key, description)?.lastPathComponent ?? Self.name(id, key)
    return filesByDescription == nil ? "\(Self.folderName)/\(name)" : name
  }

  /// A stored cell; nil where there is none.
  ///
  /// - Parameters:
  ///   - id: The cell.
  ///   - key: Its key.
  ///   - description: The cell as JSON, which the file has to repeat.
  /// - Returns: The cell.
  /// - Throws: `FileError`; `damaged` where the file is not whole, or another cell's.
  func cell(_ id: String, _ key: String, _ description: Data) throws -> FinishedCell? {
    guard let file = file(id, key, description),
      FileManager.default.fileExists(atPath: file.path)
    else { return nil }
    let cell = try FinishedCell(file)
    guard cell.description == description else {
      throw FileError.damaged(
        path: file.path, place: "the description", problem: "is not that of the file's name")
    }
    return cell
  }

  /// One line for each stored training that is not whole.
  ///
  /// - Throws: `FileError.notRead` where the folder cannot be listed.
  public func problems() throws -> [String] {
    guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
    return try Self.files(in: folder).compactMap { file in
      do {
        _ = try FinishedCell(file)
        return nil
      } catch {
        return "\(error)"
      }
    }
  }

  /// Stores the trainings that the tables of a results folder were made of, all or none.
  ///
  /// One that is stored already with other records, made by another machine, is replaced, with a line
  /// that says so: tables of other experiments may have been made of it.
  /// - Parameter results: The folder of an experiment, two levels below the one with the cache.
  /// - Throws: `FileError`; `damaged` where a cell does not say what it is and who made it.
  package func store(cellsOf results: URL) throws {
    let cache = results.deletingLastPathComponent().deletingLastPathComponent()
    let sources = try CellSource.read(results) ?? []
    let cells = try sources.compactMap { source -> (FinishedCell, URL)? in
      // What was taken from here lies here.
      guard let name = source.stored, !source.file.hasSuffix(name) else { return nil }
      let file = cache.appendingPathComponent(source.file)
      guard FileManager.default.fileExists(atPath: file.path) else {
        throw FileError.notRead(
          path: file.path, reason: "the cell of \(source.cell) is gone; run the experiment again")
      }
      var cell = try FinishedCell(file)
      guard cell.description != nil, cell.machines?.isEmpty == false else {
        throw FileError.damaged(
          path: file.path, place: "the lines above the rows",
          problem: "do not say what it is and which machines made it, as cells of earlier versions "
            + "do not; remove it and run the experiment again")
      }
      cell.files = nil
      return (cell, folder.appendingPathComponent(name))
    }
    for (cell, target) in cells {
      if let old = try? FinishedCell(target), old.body != cell.body {
        Terminal.note("\(target.path): another training of the same description is replaced")
      }
      try cell.write(to: target)
    }
  }
}
