/// Choices number by number among sixteen, as rectifiers and thresholds make them.
///
/// Comparisons of vectors are single instructions for a concrete type and a loop over numbers in
/// generic code, so they stand here once for each type.
extension Float {
  @inline(__always)
  public static func raised(_ x: SIMD16<Float>, to floor: SIMD16<Float>) -> SIMD16<Float> {
    x.replacing(with: floor, where: x .< floor)
  }

  @inline(__always)
  public static func chosen(_ x: SIMD16<Float>, whereNonzero y: SIMD16<Float>) -> SIMD16<Float> {
    x.replacing(with: SIMD16(repeating: 0), where: y .== SIMD16(repeating: 0))
  }

  @inline(__always)
  public static func chosen(_ x: SIMD16<Float>, wherePositive y: SIMD16<Float>) -> SIMD16<Float> {
    x.replacing(with: SIMD16(repeating: 0), where: y .<= SIMD16(repeating: 0))
  }
}

extension Double {
  @inline(__always)
  public static func raised(_ x: SIMD16<Double>, to floor: SIMD16<Double>) -> SIMD16<Double> {
    x.replacing(with: floor, where: x .< floor)
  }

  @inline(__always)
  public static func chosen(
    _ x: SIMD16<Double>, whereNonzero y: SIMD16<Double>
  ) -> SIMD16<Double> {
    x.replacing(with: SIMD16(repeating: 0), where: y .== SIMD16(repeating: 0))
  }

  @inline(__always)
  public static func chosen(
    _ x: SIMD16<Double>, wherePositive y: SIMD16<Double>
  ) -> SIMD16<Double> {
    x.replacing(with: SIMD16(repeating: 0), where: y .<= SIMD16(repeating: 0))
  }
}
