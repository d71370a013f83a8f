import Foundation

/// Matrices as `.csv` (numbers only, no heading), `.npy`, `.npz` or `.mat`, chosen by the file's name.
///
/// The last two hold several arrays by name: `FILE.npz:NAME` is one of them, and `FILE.npz` alone the
/// only one.
public enum MatrixFile {
  /// The formats.
  public enum Format: String, Sendable, CaseIterable {
    case csv, npy, npz, mat

    /// The format that a file's extension names.
    ///
    /// - Throws: `UsageError` for any other extension.
    public init(of url: URL) throws {
      guard let format = Format(rawValue: url.pathExtension.lowercased()) else {
        throw UsageError("\(url.path): a matrix is a .csv, .npy, .npz or .mat file")
      }
      self = format
    }
  }

  /// A file, and the array in it.
  public struct Place: Sendable, Equatable {
    /// The file.
    public let url: URL
    /// The array's name; nil for the only one.
    public let name: String?

    /// A place from `FILE` or, for the formats with names, `FILE:NAME`.
    public init(_ text: String) {
      if let colon = text.lastIndex(of: ":"), !FileManager.default.fileExists(atPath: text),
        let format = try? Format(of: URL(fileURLWithPath: String(text[..<colon]))),
        [.npz, .mat].contains(format)
      {
        url = URL(fileURLWithPath: String(text[..<colon]))
        name = String(text[text.index(after: colon)...])
      } else {
        (url, name) = (URL(fileURLWithPath: text), nil)
      }
    }

    /// The array's name among those that the file has.
    ///
    /// - Throws: `UsageError` where none is named and there are several, or none of this name.
    func chosen(among names: [String]) throws -> String {
      let list = names.sorted().joined(separator: ", ")
      guard let name else {
        guard let only = names.first, names.count == 1 else {
          throw UsageError(
            "\(url.path) holds \(names.isEmpty ? "no array" : "the arrays \(list)"); "
              + "name one, as in \(url.lastPathComponent):NAME")
        }
        return only
      }
      guard names.contains(name) else {
        throw UsageError("\(url.path) holds no array \(name); it has \(list)")
      }
      return name
    }
  }

  /// Reads a matrix; an array with one axis is one column.
  ///
  /// - Returns: Shape [rows, columns], both at least one, all elements finite.
  /// - Throws: `FileError` naming the place of what is wrong; `UsageError` for another extension, or
  ///   an array that is not there.
  public static func read(_ place: Place) throws -> Matrix<Double> {
    let url = place.url
    switch try Format(of: url) {
    case .csv: return try CSVFile.matrix(AtomicFile.read(url), path: url.path)
    case .mat:
      let name = try place.chosen(among: MATFile.names(of: url))
      return try checked(MATFile.matrix(name, of: url), at: place, finite: true)
    case .npy, .npz:
      let (content, path) = try numPyFile(place)
      return try checked(NumPyFile.tensor(content, path: path), at: place)
    }
  }

  /// Reads a matrix from a file of one.
  ///
  /// - Throws: As `read` of a place.
  public static func read(_ url: URL) throws -> Matrix<Double> { try read(Place(url.path)) }

  /// The `.npy` content at a place in a `.npy` or `.npz` file, and its name for messages.
  ///
  /// - Throws: `FileError`, `UsageError` where the array is not there.
  static func numPyFile(_ place: Place) throws -> (content: Data, path: String) {
    let content = try AtomicFile.read(place.url)
    guard try Format(of: place.url) == .npz else { return (content, place.url.path) }
    let files = try NumPyArchive.files(content, path: place.url.path)
    let name = try place.chosen(among: Array(files.keys))
    return (files[name] ?? Data(), "\(place.url.path):\(name)")
  }

  private static func checked(
    _ tensor: Tensor<Double>, at place: Place, finite: Bool = false
  ) throws -> Matrix<Double> {
    func damaged(_ problem: String) -> FileError {
      .damaged(path: place.url.path, place: "the header", problem: problem)
    }
    guard (1...2).contains(tensor.shape.count), tensor.count > 0 else {
      throw damaged(
        tensor.shape.isEmpty
          ? "a single number; a matrix or a vector is needed"
          : tensor.count == 0
            ? "an array of shape \(tensor.shape), which is empty"
            : "an array of shape \(tensor.shape); a matrix or a vector is needed")
    }
    if finite, let wrong = tensor.elements.first(where: { !$0.isFinite }) {
      throw FileError.damaged(
        path: place.url.path, place: "the numbers", problem: "\(wrong) is no finite number")
    }
    return tensor.shape.count == 2 ? tensor : tensor.reshaped(tensor.count, 1)
  }

  /// Writes a matrix, whole or not at all; every number reads back to the same bits.
  ///
  /// In the formats with names the array has the file's name without its extension.
  /// - Throws: `FileError.notWritten`; `UsageError` for another extension.
  public static func write(_ matrix: Matrix<Double>, to url: URL) throws {
    let name = url.deletingPathExtension().lastPathComponent
    switch try Format(of: url) {
    case .csv: try AtomicFile.write(Data(CSVFile.text(matrix).utf8), to: url)
    case .npy: try AtomicFile.write(NumPyFile.data(matrix), to: url)
    case .npz: try AtomicFile.write(NumPyArchive.data([name: matrix], path: url.path), to: url)
    case .mat: try MATFile.write(matrix, as: name, to: url)
    }
  }
}
