import Foundation

/// Arrays in NumPy's `.npz` format: a zip archive of `.npy` files.
///
/// Source: https://numpy.org/doc/stable/reference/generated/numpy.savez.html.
public enum NumPyArchive {
  /// The arrays of a file by name, as `.npy` files.
  ///
  /// - Parameters:
  ///   - content: What `numpy.savez` or `numpy.savez_compressed` wrote.
  ///   - path: The file, for messages.
  /// - Returns: Contents for `NumPyFile`, by name without `.npy`.
  /// - Throws: `FileError.damaged` where it is no zip archive or holds anything but `.npy` files.
  public static func files(_ content: Data, path: String) throws -> [String: Data] {
    let members = try ZipArchive.members(content, path: path)
    for name in members.keys.sorted() where !name.hasSuffix(".npy") {
      throw FileError.damaged(path: path, place: name, problem: "a member that is no .npy file")
    }
    return [String: Data](
      uniqueKeysWithValues: members.map { (String($0.key.dropLast(4)), $0.value) })
  }

  /// A file of named arrays, in the order of their names, that `numpy.load` reads.
  ///
  /// - Parameters:
  ///   - arrays: Tensors by name.
  ///   - path: The file, for messages.
  /// - Returns: The same bytes for the same arrays.
  /// - Throws: `FileError.notWritten` where libarchive fails.
  public static func data<Scalar: NumericScalar>(
    _ arrays: [String: Tensor<Scalar>], path: String
  ) throws -> Data {
    try ZipArchive.data(
      arrays.sorted { $0.key < $1.key }.map { ("\($0.key).npy", NumPyFile.data($0.value)) },
      path: path)
  }
}
