import Foundation

/// A setting as it is written after `--set`: JSON of any shape.
public enum SettingValue: Codable, Sendable, Hashable {
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case list([SettingValue])
  case fields([String: SettingValue])
  case none

  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .none
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let integer = try? value.decode(Int.self) {
      self = .integer(integer)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let list = try? value.decode([SettingValue].self) {
      self = .list(list)
    } else {
      self = .fields(try value.decode([String: SettingValue].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .bool(let bool): try value.encode(bool)
    case .integer(let integer): try value.encode(integer)
    case .number(let number): try value.encode(number)
    case .text(let text): try value.encode(text)
    case .list(let list): try value.encode(list)
    case .fields(let fields): try value.encode(fields)
    case .none: try value.encodeNil()
    }
  }
}

extension SettingValue {
  /// Values of ordinary type that somebody might give in place of this one: the edges of what the
  /// type can be, half and double, lists of other lengths, and the same of each entry.
  public var variations: [SettingValue] {
    switch self {
    case .bool(let bool): [.bool(!bool), .none]
    case .integer(let integer): Self.variations(of: integer)
    case .number(let number): Self.variations(of: number)
    case .text: [.text("another"), .text(""), .none]
    case .list(let list): Self.variations(of: list)
    // Its fields have names of their own.
    case .fields, .none: []
    }
  }

  private static func variations(of integer: Int) -> [SettingValue] {
    // A number without a fraction may be one that could have one.
    let values: [SettingValue] =
      [0, 1, -1, integer / 2, integer.multipliedReportingOverflow(by: 2).partialValue, 10_000_000]
      .map(SettingValue.integer) + [.integer(.max), .number(0.5 * Double(integer)), .number(1e-12)]
      + [.number(1e300), .none]
    return distinct(values, without: .integer(integer))
  }

  private static func variations(of number: Double) -> [SettingValue] {
    let values: [SettingValue] =
      [.integer(0), .integer(1), .integer(-1)]
      + [number / 2, number * 2, 1e-12, 1e12, 1e300].map(SettingValue.number) + [.none]
    return distinct(values, without: .number(number))
  }

  private static func variations(of list: [SettingValue]) -> [SettingValue] {
    guard let first = list.first, let last = list.last else {
      return [.list([.integer(1)]), .list([.text("another")]), .none]
    }
    var lists = [
      [], [first], [last], Array(list.reversed()), list + [last.next], list + [first],
      list.map { _ in first }, Array(list.dropLast()),
    ]
    for place in Set([0, list.count - 1]).sorted() {
      for entry in list[place].entryVariations {
        var changed = list
        changed[place] = entry
        lists.append(changed)
      }
    }
    return distinct(lists.map(SettingValue.list) + [.none], without: .list(list))
  }

  /// What an entry of a list may become; one of fields, each of its fields.
  private var entryVariations: [SettingValue] {
    guard case .fields(let fields) = self else { return variations }
    return fields.keys.sorted().flatMap { name in
      (fields[name]?.entryVariations ?? []).map { value in
        var changed = fields
        changed[name] = value
        return .fields(changed)
      }
    }
  }

  /// A further entry of a list that ends with this one.
  private var next: SettingValue {
    switch self {
    case .integer(let integer): .integer(integer &* 2)
    case .number(let number): .number(number * 2)
    case .list(let list): .list(list.map(\.next))
    case .bool, .text, .fields, .none: self
    }
  }

  private static func distinct(
    _ values: [SettingValue], without own: SettingValue
  ) -> [SettingValue] {
    var seen: Set<SettingValue> = [own]
    return values.filter { seen.insert($0).inserted }
  }

  /// The settings by their names after `--set`: those within settings too.
  public var leaves: [(name: String, value: SettingValue)] {
    guard case .fields(let fields) = self else { return [] }
    return fields.sorted { $0.key < $1.key }.flatMap { name, value in
      if case .fields = value {
        value.leaves.map { ("\(name).\($0.name)", $0.value) }
      } else {
        [(name, value)]
      }
    }
  }

  /// The value as it is written after `--set name=`.
  ///
  /// - Throws: `EncodingError` where a number is not finite.
  public func text() throws -> String {
    if case .text(let text) = self { return text }
    return String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
  }
}
