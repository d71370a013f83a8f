import Foundation

/// One value of a table.
public enum Value: Sendable, Equatable {
  /// Words.
  case text(String)
  /// A whole number.
  case integer(Int)
  /// A finite number.
  case real(Double)
  /// Nothing was measured here.
  case missing

  /// A number, or nothing where it is not finite: the bounds of an interval from a single draw.
  public init(finite number: Double?) {
    self = number.map { $0.isFinite ? .real($0) : .missing } ?? .missing
  }

  /// The value as it stands in a CSV file, without quotation marks; reals in the shortest form that
  /// reads back the same.
  var content: String {
    switch self {
    case .text(let text): text
    case .integer(let number): String(number)
    case .real(let number):
      number == number.rounded() && abs(number) < 1e15
        ? String(Int(number)) : "\(number)"
    case .missing: ""
    }
  }

  /// The content, in quotation marks where CSV needs them; blanks at its ends would else get lost.
  var field: String {
    let content = content
    return content.contains(where: { ",\"\n\r".contains($0) }) || content.first == " "
      || content.last == " "
      ? "\"" + content.replacingOccurrences(of: "\"", with: "\"\"") + "\"" : content
  }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral
{
  public init(stringLiteral value: String) { self = .text(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .real(value) }
}

/// What a typed row can hold: words, numbers, truth values, and any of them or nothing.
public protocol ValueConvertible {
  /// The value as it stands in a table.
  var value: Value { get }
  /// Reads a field of a CSV file; nil where it holds something else.
  init?(content: String)
}

extension String: ValueConvertible {
  public var value: Value { .text(self) }
  public init?(content: String) { self = content }
}

extension Int: ValueConvertible {
  public var value: Value { .integer(self) }
  public init?(content: String) { self.init(content) }
}

extension Double: ValueConvertible {
  public var value: Value { .real(self) }
  public init?(content: String) {
    guard let number = Double(content), number.isFinite else { return nil }
    self = number
  }
}

extension Double {
  /// The number, or nothing where it is not finite: the bounds of an interval from a single draw.
  public var finite: Double? { isFinite ? self : nil }
}

extension Bool: ValueConvertible {
  public var value: Value { .text(self ? "yes" : "no") }
  public init?(content: String) {
    guard content == "yes" || content == "no" else { return nil }
    self = content == "yes"
  }
}

/// A case with a name of its own declares itself `ValueConvertible` and is kept as that name.
extension ValueConvertible where Self: RawRepresentable<String> {
  public var value: Value { .text(rawValue) }
  public init?(content: String) { self.init(rawValue: content) }
}

extension Optional: ValueConvertible where Wrapped: ValueConvertible {
  public var value: Value { map(\.value) ?? .missing }
  public init?(content: String) {
    if content.isEmpty {
      self = .none
    } else {
      guard let wrapped = Wrapped(content: content) else { return nil }
      self = .some(wrapped)
    }
  }
}
