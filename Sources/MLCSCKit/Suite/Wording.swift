import Foundation

/// Numbers as the sentences of claims show them.
public enum Wording {
  /// A number with so many significant digits, a whole one from a thousand on, in powers of ten where
  /// it is very small or large.
  public static func number(_ value: Double, digits: Int = 3) -> String {
    if value.magnitude >= 1000, value.magnitude < 1e7 { return String(format: "%.0f", value) }
    return String(format: "%.\(digits)g", value)
  }

  /// An estimate with its interval: value [lower, upper].
  public static func interval(_ estimate: Estimate, digits: Int = 3) -> String {
    "\(number(estimate.value, digits: digits)) "
      + "[\(number(estimate.lower, digits: digits)), \(number(estimate.upper, digits: digits))]"
  }

  /// A share in percent, with one decimal.
  public static func percent(_ share: Double) -> String {
    String(format: "%.1f %%", 100 * share)
  }
}
