import Foundation

/// A finished cell as it is stored.
///
/// A file holds the SHA-256 of the rest in the first line, then a line each for what is known beside
/// the rows (the digests of kept files, the cell's description, the machines), then the rows.
public struct FinishedCell: Sendable, Equatable {
  /// The rows as JSON.
  public var body: Data
  /// The SHA-256 of the files that the cell kept, by name; nil where it kept none, or was stored
  /// without them, or is of the time before digests were written, when all files count.
  public var files: [String: String]?
  /// The cell's description as JSON, where it is one that experiments share.
  public var description: Data?
  /// The machines that worked on it, where it is one that experiments share.
  public var machines: [CellMachine]?

  /// A cell of its rows as JSON, and what is known beside them.
  public init(
    body: Data, files: [String: String]? = nil, description: Data? = nil,
    machines: [CellMachine]? = nil
  ) {
    (self.body, self.files) = (body, files)
    (self.description, self.machines) = (description, machines)
  }

  /// What lines above the rows begin with; no rows begin like this.
  private enum Mark: String, CaseIterable {
    case files = "files "
    case description = "cell "
    case machines = "machines "
  }

  /// Reads a cell.
  ///
  /// - Parameter file: The file.
  /// - Throws: `FileError`; `damaged` where the file is not whole.
  public init(_ file: URL) throws {
    self.init(body: try VerifiedFile.read(file))
    do {
      while let mark = Mark.allCases.first(where: { body.starts(with: Data($0.rawValue.utf8)) }),
        let end = body.firstIndex(of: UInt8(ascii: "\n"))
      {
        let line = Data(body[..<end].dropFirst(mark.rawValue.utf8.count))
        body = Data(body[(end + 1)...])
        switch mark {
        case .files: files = try JSONDecoder().decode([String: String].self, from: line)
        case .description: description = line
        // Its rows are worth as much without them.
        case .machines: machines = try? JSONDecoder().decode([CellMachine].self, from: line)
        }
      }
    } catch is DecodingError {
      throw FileError.damaged(
        path: file.path, place: "the lines above the rows",
        problem: "are not those of this version; compute the cell again")
    }
  }

  /// Writes the cell, whole or not at all.
  ///
  /// - Throws: `FileError.notWritten`.
  func write(to file: URL) throws {
    func line(_ mark: Mark, _ json: Data?) -> Data {
      json.map { Data(mark.rawValue.utf8) + $0 + Data("\n".utf8) } ?? Data()
    }
    let lines =
      try line(.files, files.map { try JSONText.compact($0) })
      + line(.description, description)
      + line(.machines, machines.map { try JSONText.compact($0) })
    try VerifiedFile.write(lines + body, to: file)
  }
}
