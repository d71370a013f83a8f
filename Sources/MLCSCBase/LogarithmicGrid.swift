import RealModule

/// Numbers on a logarithmic scale.
public enum LogarithmicGrid {
  /// Powers of ten whose exponents are evenly spaced.
  ///
  /// - Parameters:
  ///   - first: The first exponent.
  ///   - last: The last exponent, above or below the first.
  ///   - perDecade: How many steps a factor of ten has, about; the ends are always there.
  /// - Returns: 10^first … 10^last, one more than there are steps.
  public static func powersOfTen(
    from first: Double, through last: Double, perDecade: Int
  ) -> [Double] {
    let decades = last - first
    let steps = max(1, Int((abs(decades) * Double(perDecade)).rounded()))
    return (0...steps).map { Double.pow(10, first + decades * Double($0) / Double(steps)) }
  }
}
