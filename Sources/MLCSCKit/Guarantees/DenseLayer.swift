/// F and b of a layer.
public struct DenseLayer: Sendable {
  /// F, shape [units, n].
  public let filters: Tensor<Double>
  /// b, one number a unit.
  public let biases: [Double]
  /// λ_max(FFᵀ): L of ML-CSC; that of MSD-CSC is larger by 1.
  public let eigenvalue: Double

  /// A layer.
  ///
  /// - Throws: `LinearAlgebraError` where filters are not finite.
  public init(filters: Tensor<Double>, biases: [Double]) throws {
    (self.filters, self.biases) = (filters, biases)
    eigenvalue = try DenseDictionary(atomRows: filters).squaredSpectralNorm().estimate
  }

  /// max(Fx + b, 0) of a batch, shape [B, units].
  ///
  /// - Parameter signals: x, shape [B, n].
  /// - Returns: Shape [B, units].
  public func features(_ signals: Tensor<Double>) -> Tensor<Double> {
    let products = signals.multiplied(by: filters, transposingOther: true)
    let m = biases.count
    return Tensor(
      shape: products.shape,
      elements: products.elements.enumerated().map { max($1 + biases[$0 % m], 0) })
  }
}
