import Foundation

/// Matrices as `.csv` (numbers only, no heading) or `.npy`, chosen by the file's name.
public enum MatrixFile {
  /// The formats.
  public enum Format: String, Sendable, CaseIterable {
    case csv, npy

    /// The format that a file's extension names.
    ///
    /// - Throws: `UsageError` for any other extension.
    public init(of url: URL) throws {
      guard let format = Format(rawValue: url.pathExtension.lowercased()) else {
        throw UsageError("\(url.path): a matrix is a .csv or .npy file")
      }
      self = format
    }
  }

  /// Reads a matrix; an array with one axis is one column.
  ///
  /// - Returns: Shape [rows, columns], both at least one, all elements finite.
  /// - Throws: `FileError` naming the place of what is wrong; `UsageError` for another extension.
  public static func read(_ url: URL) throws -> Matrix<Double> {
    let format = try Format(of: url)
    let content = try AtomicFile.read(url)
    if format == .csv { return try CSVFile.matrix(content, path: url.path) }
    let tensor = try NumPyFile.tensor(content, path: url.path)
    guard (1...2).contains(tensor.shape.count), tensor.count > 0 else {
      throw FileError.damaged(
        path: url.path, place: "the header",
        problem: "an array of shape \(tensor.shape); a matrix or a vector is needed, not empty")
    }
    return tensor.shape.count == 2 ? tensor : tensor.reshaped(tensor.count, 1)
  }

  /// Writes a matrix, whole or not at all; every number reads back to the same bits.
  ///
  /// - Throws: `FileError.notWritten`; `UsageError` for another extension.
  public static func write(_ matrix: Matrix<Double>, to url: URL) throws {
    switch try Format(of: url) {
    case .csv: try AtomicFile.write(Data(CSVFile.text(matrix).utf8), to: url)
    case .npy: try AtomicFile.write(NumPyFile.data(matrix), to: url)
    }
  }
}
