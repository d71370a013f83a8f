/// An effective atom as a picture.
public struct AtomPicture: Codable, Sendable {
  /// Its layer, from 1.
  public let layer: Int
  /// Its side in pixels.
  public let size: Int
  /// Row by row, to a thousandth; the sign, which is arbitrary, makes the largest entry one.
  public let pixels: [Double]
}

extension MultiLayerModel<Double> {
  /// The first effective atoms of every layer.
  ///
  /// - Parameter counts: How many atoms to show, by layer.
  /// - Returns: Atoms of D₁, D⁽²⁾ …
  /// - Throws: `ModelError` where a layer has no effective convolution.
  public func firstAtoms(counts: [Int]) throws -> [AtomPicture] {
    try counts.enumerated().flatMap { i, count -> [AtomPicture] in
      let effective = try effectiveConvolution(i + 1)
      return (0..<Swift.min(count, effective.filterCount)).map { index in
        let pixels = effective.filters.row(index)
        let largest = pixels[Double.indexOfLargestMagnitude(pixels.count, pixels)]
        return AtomPicture(
          layer: i + 1, size: effective.geometry.kernelSize.width,
          pixels: pixels.map { largest == 0 ? 0 : ($0 / largest * 1000).rounded() / 1000 })
      }
    }
  }
}
