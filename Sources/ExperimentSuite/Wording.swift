import Foundation

/// Numbers as the sentences of claims show them.
public enum Wording {
  /// A number with so many significant digits, a whole one from a thousand on, in powers of ten where
  /// it is very small or large.
  public static func number(_ value: Double, digits: Int = 3) -> String {
    if value.magnitude >= 1000, value.magnitude < 1e7 { return String(format: "%.0f", value) }
    return String(format: "%.\(digits)g", value)
  }

  /// A count with its thousands set apart from ten thousand on.
  public static func count(_ count: Int) -> String {
    let digits = Array(String(count.magnitude))
    guard digits.count > 4 else { return String(count) }
    let groups = digits.indices.map { i in
      (i > 0 && (digits.count - i) % 3 == 0 ? "," : "") + String(digits[i])
    }
    return (count < 0 ? "-" : "") + groups.joined()
  }

  /// A number to six significant digits, so that its last bits do not enter what is stored.
  static func rounded(_ value: Double) -> Double {
    Double(String(format: "%.6g", value)) ?? value
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
