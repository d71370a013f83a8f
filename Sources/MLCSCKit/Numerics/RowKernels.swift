/// Sums over a row in double precision, compiled for `Float` and `Double` themselves.
enum RowKernels {
  /// Σ (xᵢ − yᵢ)².
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func squaredDistance<Scalar: NumericScalar>(
    _ n: Int, _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>
  ) -> Double {
    var sum = 0.0
    for i in 0..<n {
      let difference = Double(x[i]) - Double(y[i])
      sum += difference * difference
    }
    return sum
  }

  /// Σ |xᵢ|.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func norm1<Scalar: NumericScalar>(_ n: Int, _ x: UnsafePointer<Scalar>) -> Double {
    var sum = 0.0
    for i in 0..<n { sum += abs(Double(x[i])) }
    return sum
  }

  /// Σ xᵢ yᵢ and Σ xᵢ².
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func products<Scalar: NumericScalar>(
    _ n: Int, _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>
  ) -> (inner: Double, square: Double) {
    var (inner, square) = (0.0, 0.0)
    for i in 0..<n {
      let value = Double(x[i])
      inner += value * Double(y[i])
      square += value * value
    }
    return (inner, square)
  }

  /// The largest xᵢ, or |xᵢ|; zero where all are below.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  static func largest<Scalar: NumericScalar>(
    _ n: Int, _ x: UnsafePointer<Scalar>, signed: Bool
  ) -> Double {
    var largest = 0.0
    for i in 0..<n {
      let value = Double(x[i])
      largest = max(largest, signed ? value : abs(value))
    }
    return largest
  }
}
