/// Sums and multiples of tensors of one shape, for formulas written as they stand in the papers.
///
/// Each makes a new tensor; the pursuits' inner loops use the kernels of `NumericScalar`.
extension Tensor<Double> {
  /// The inner product of all elements.
  ///
  /// - Parameter other: A tensor of the same shape.
  /// - Returns: Σ xᵢ yᵢ.
  public func dot(_ other: Tensor) -> Double {
    precondition(shape == other.shape, "an inner product of \(shape) and \(other.shape)")
    return withElements { x in other.withElements { y in Double.dot(count, x, y) } }
  }

  /// The sum, element by element, of two tensors of the same shape.
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    precondition(a.shape == b.shape, "a sum of \(a.shape) and \(b.shape)")
    return Tensor(shape: a.shape, elements: zip(a.elements, b.elements).map { $0 + $1 })
  }

  /// The difference, element by element, of two tensors of the same shape.
  public static func - (a: Tensor, b: Tensor) -> Tensor {
    precondition(a.shape == b.shape, "a difference of \(a.shape) and \(b.shape)")
    return Tensor(shape: a.shape, elements: zip(a.elements, b.elements).map { $0 - $1 })
  }

  /// A multiple.
  public static func * (s: Double, a: Tensor) -> Tensor {
    Tensor(shape: a.shape, elements: a.elements.map { s * $0 })
  }
}
