import Algorithms

/// An effective atom as a picture.
public struct AtomPicture: Codable, Sendable {
  /// Its layer, from 1.
  public let layer: Int
  /// The number of its filter.
  public let index: Int
  /// Its side in pixels.
  public let size: Int
  /// Row by row, the largest of size one, to a thousandth.
  public let pixels: [Double]
}

extension MultiLayerModel<Double> {
  /// The effective atoms of every layer whose filters are used most, most used first.
  ///
  /// - Parameters:
  ///   - uses: How often every filter is used, by layer.
  ///   - counts: How many atoms to show, by layer.
  /// - Returns: Atoms of D₁, D⁽²⁾ …
  /// - Throws: `ModelError` where a layer has no effective convolution.
  public func mostUsedAtoms(_ uses: [[Int]], counts: [Int]) throws -> [AtomPicture] {
    try zip(uses, counts).enumerated().flatMap { i, layer -> [AtomPicture] in
      let (uses, count) = layer
      let effective = try effectiveConvolution(i + 1)
      return uses.indices.max(count: count) { uses[$0] < uses[$1] }.reversed().map { index in
        let pixels = effective.filters.row(index)
        let largest = Swift.max(pixels.map(abs).max() ?? 0, 1e-300)
        return AtomPicture(
          layer: i + 1, index: index, size: effective.geometry.kernelSize.width,
          pixels: pixels.map { ($0 / largest * 1000).rounded() / 1000 })
      }
    }
  }
}
