// Claim: arrays are found by name in the files that NumPy and SciPy write, and files that are damaged or
// hold something else are refused with what they hold.
import Foundation
import MLCSCKit
import TestSupport
import Testing

struct NamedArrayTests {
  /// What `numpy.savez_compressed` and `scipy.io.savemat(do_compression=True)` wrote of
  /// D = [[1.5, −2], [0, 4], [5, 6]] in doubles and y = (0, 1, 2)ᵀ in 32-bit integers; the second
  /// also of a text `note`.
  static let published = [
    "npz": """
    UEsDBC0AAAAIAAAAIQBgL5Q3//////////8FABQARC5ucHkBABAAsAAAAAAAAABZAAAAAAAAAJvsF+obEMnIUMZQrZ6S\
    WpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6CkaaOgq1CmQDLgYw+GEPoRkOMKAAAQcI\
    LQKlJRwAUEsDBC0AAAAIAAAAIQAC7L2p//////////8FABQAeS5ucHkBABAAjAAAAAAAAABMAAAAAAAAAJvsF+obEMnI\
    UMZQrZ6SWpxcpG6loG6TaaKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6mjoKtQoUAC4GIGAEYiYgBgBQ\
    SwECLQMtAAAACAAAACEAYC+UN1kAAACwAAAABQAAAAAAAAAAAAAAgAEAAAAARC5ucHlQSwECLQMtAAAACAAAACEAAuy9\
    qUwAAACMAAAABQAAAAAAAAAAAAAAgAGQAAAAeS5ucHlQSwUGAAAAAAIAAgBmAAAAEwEAAAAA
    """,
    "mat": """
    TUFUTEFCIDUuMCBNQVQtZmlsZSBQbGF0Zm9ybTogcG9zaXgsIENyZWF0ZWQgb246IFRodSBOb3YgMjYgMTA6Mzg6MjYg\
    MjAyNgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABSU0PAAAAOAAAAHic\
    42NgYEgAYjYg5oDSIMAK5TMDMRMQMwKhC5DmBGIDBhj4Yc+AAkQcoIwDEEoAypdwAACfXQQHDwAAACoAAAB4nONjYGBw\
    AGI2IOYAYh4GCGCF8pmBmBGMGRkqoeIwNSBxJigbAC0iAQkPAAAAKgAAAHic42NgYDAAYjYg5gBiFgYIYIXyGaFijEAy\
    L78kVQBIl6RWlAAAKVUD9w==
    """,
  ]

  static func file(_ format: String, in folder: TemporaryFolder) throws -> URL {
    let content = try #require(published[format].flatMap { Data(base64Encoded: $0) })
    try content.write(to: folder["a.\(format)"])
    return folder["a.\(format)"]
  }

  @Test("the files of NumPy and SciPy give their matrices by name", arguments: ["npz", "mat"])
  func published(_ format: String) throws {
    let folder = try TemporaryFolder()
    let path = try Self.file(format, in: folder).path
    let d = try MatrixFile.read(MatrixFile.Place("\(path):D"))
    #expect(d == Matrix(rows: [[1.5, -2], [0, 4], [5, 6]]))
    #expect(try MatrixFile.read(MatrixFile.Place("\(path):y")) == Matrix(rows: [[0], [1], [2]]))
  }

  @Test(
    "a name that is absent, missing or superfluous is answered with the names there are",
    arguments: [("npz", "D, y"), ("mat", "D, note, y")])
  func names(_ format: String, _ list: String) throws {
    let folder = try TemporaryFolder()
    let path = try Self.file(format, in: folder).path
    let absent = #expect(throws: UsageError.self) {
      try MatrixFile.read(MatrixFile.Place("\(path):x"))
    }
    #expect(absent?.description == "\(path) holds no array x; it has \(list)")
    let unnamed = #expect(throws: UsageError.self) { try MatrixFile.read(MatrixFile.Place(path)) }
    #expect(
      unnamed?.description
        == "\(path) holds the arrays \(list); name one, as in a.\(format):NAME")
  }

  @Test("a text is no matrix")
  func text() throws {
    let folder = try TemporaryFolder()
    let path = try Self.file("mat", in: folder).path
    let error = #expect(throws: FileError.self) {
      try MatrixFile.read(MatrixFile.Place("\(path):note"))
    }
    #expect(error?.description == "\(path): variable note: is no array of numbers")
  }

  @Test("a cut archive is refused", arguments: ["npz", "mat"], [0.2, 0.5, 0.9])
  func cut(_ format: String, _ share: Double) throws {
    let folder = try TemporaryFolder()
    let url = try Self.file(format, in: folder)
    let content = try Data(contentsOf: url)
    try content.prefix(Int(Double(content.count) * share)).write(to: url)
    #expect(throws: FileError.self) { try MatrixFile.read(MatrixFile.Place("\(url.path):D")) }
  }

  @Test("a member that is no array, and one that says it is another's, are refused")
  func members() throws {
    let other = try ZipArchive.data([("notes.txt", Data("x".utf8))], path: "a.npz")
    let error = #expect(throws: FileError.self) {
      try NumPyArchive.files(other, path: "a.npz")
    }
    #expect(error?.description == "a.npz: notes.txt: a member that is no .npy file")
    let twice = try ZipArchive.data(
      [("x.npy", Data("1".utf8)), ("x.npy", Data("2".utf8))], path: "a.npz")
    #expect(throws: FileError.self) { try NumPyArchive.files(twice, path: "a.npz") }
  }

  @Test("infinities of a MATLAB file are refused, as those of other formats are")
  func infinite() throws {
    let folder = try TemporaryFolder()
    try MATFile.write(Matrix(rows: [[1, .infinity]]), as: "m", to: folder["m.mat"])
    let error = #expect(throws: FileError.self) { try MatrixFile.read(folder["m.mat"]) }
    #expect(error?.description == "\(folder["m.mat"].path): the numbers: inf is no finite number")
  }

  @Test("a sparse matrix of SciPy is refused with what to do")
  func sparse() throws {
    // scipy.io.savemat with {"D": csc_matrix([[1.5, 0], [0, 4], [0, 0]])}, compressed.
    let content = """
      TUFUTEFCIDUuMCBNQVQtZmlsZSBQbGF0Zm9ybTogcG9zaXgsIENyZWF0ZWQgb246IFRodSBOb3YgMjYgMjA6MTI6MDkg\
      MjAyNgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABSU0PAAAAOAAAAHic\
      42NgYMgAYjYg5gBiViBmgtIgPjOUzwiELkjiDGAxCJ8Hic8EZXMCsQADDPywh9ACDgBoLQKm
      """
    let folder = try TemporaryFolder()
    try #require(Data(base64Encoded: content)).write(to: folder["s.mat"])
    let error = #expect(throws: FileError.self) {
      try MatrixFile.read(MatrixFile.Place("\(folder["s.mat"].path):D"))
    }
    #expect(
      error?.description.hasSuffix(
        "variable D: a sparse matrix; store it in full, as full(A) gives it") == true,
      "\(String(describing: error))")
  }
}
