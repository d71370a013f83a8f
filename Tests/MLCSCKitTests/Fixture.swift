import Foundation
import MLCSCKit
import TestSupport
import Testing

/// A solved case of the independent implementation, read from the shared folder where it is there.
struct Fixture: Sendable, CustomTestStringConvertible {
  let name: String
  let folder: URL

  /// The folder of all cases.
  static let root: URL? = SharedFolder.url?.appendingPathComponent("fixtures")

  /// Why tests on fixtures are skipped where they are.
  static let absent = Comment(rawValue: SharedFolder.absence)

  static func all(_ prefix: String) -> [Fixture] {
    guard let root, let names = try? FileManager.default.contentsOfDirectory(atPath: root.path)
    else { return [] }
    return names.filter { $0.hasPrefix(prefix) }.sorted().map {
      Fixture(name: $0, folder: root.appendingPathComponent($0))
    }
  }

  var testDescription: String { name }

  func matrix(_ name: String) throws -> Matrix<Double> {
    let url = folder.appendingPathComponent("\(name).csv")
    return try CSVFile.matrix(AtomicFile.read(url), path: url.path)
  }

  /// A file with one signal a column as a batch with one a row.
  func batch(_ name: String) throws -> Matrix<Double> { try matrix(name).transposed }

  func parameters<Parameters: Decodable>(_ type: Parameters.Type) throws -> Parameters {
    try JSONDecoder().decode(
      type, from: AtomicFile.read(folder.appendingPathComponent("case.json")))
  }

  func dictionaries(_ count: Int) throws -> [any SparseDictionary<Double>] {
    try (1...count).map { DenseDictionary(matrix: try matrix("D\($0)")) }
  }
}

/// The largest |x − y| over all elements.
func largestDifference(_ x: Tensor<Double>, _ y: Tensor<Double>) -> Double {
  guard x.shape == y.shape else { return .infinity }
  return zip(x.elements, y.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
