import Foundation

/// What is wrong with the settings given on the command line.
public enum SettingsError: Error, Equatable, CustomStringConvertible {
  /// There is no such setting.
  case unknown(name: String, known: [String])
  /// The value has the wrong type or range.
  case unreadable(name: String, value: String, example: String)
  /// The value is none of those that the setting can have.
  case notAmong(name: String, value: String, known: [String])
  /// A value that breaks one of the experiment's rules.
  case broken(name: String, requirement: String)
  /// Values with which another setting, left as it was, breaks one of the experiment's rules.
  case brokenBy(changes: [String], name: String, requirement: String)
  /// Values with which the experiment does not come to an end that means something.
  case notComputable(changes: [String], reason: String)
  /// A number or a list outside the range that experiments are written for.
  case outOfRange(name: String, value: String, example: String)

  public var description: String {
    switch self {
    case .unknown(let name, let known):
      "--set \(name): no such setting; there are: \(known.joined(separator: ", "))"
    case .unreadable(let name, let value, let example):
      "--set \(name)=\(value): not readable as this setting; the profile has \(example)"
    case .notAmong(let name, let value, let known):
      "--set \(name)=\(value): no such value; there are: \(known.joined(separator: ", "))"
    case .broken(let name, let requirement): "--set \(name): it must \(requirement)"
    case .brokenBy(let changes, let name, let requirement):
      "--set \(changes.joined(separator: " --set ")): with this, \(name) breaks a rule: it must "
        + requirement
    case .notComputable(let changes, let reason):
      "--set \(changes.joined(separator: " --set ")): with these settings there is no result, where "
        + "the profile's own give one: \(reason)"
    case .outOfRange(let name, let value, let example):
      "--set \(name)=\(value): a count must be at least 1 and at most "
        + "\(SettingRange.largestCount), another number not negative and at most "
        + "\(String(format: "%g", SettingRange.largestNumber)), a list not empty, a "
        + "tuple as long as the profile's; the profile has \(example)"
    }
  }
}

/// Changes to settings by name.
enum SettingsOverride {
  /// The settings by name, outermost.
  static func fields(of settings: some Encodable) -> [String: Any] {
    let object = try? JSONSerialization.jsonObject(with: JSONEncoder().encode(settings))
    return object as? [String: Any] ?? [:]
  }

  /// The settings with `name=value` changes applied.
  ///
  /// - Throws: `SettingsError`.
  static func apply<S: Codable>(_ changes: [String], to settings: S) throws -> S {
    var settings = settings
    for change in changes {
      let parts = change.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let (name, text) = (String(parts[0]), String(parts[1]))
      let path = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(settings))
      let value =
        (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed))
        ?? text
      let old = try current(path[...], in: object, name: name)
      guard
        let changed = try? JSONSerialization.data(
          withJSONObject: replacing(path[...], in: object, by: value)),
        let decoded = try? JSONDecoder().decode(S.self, from: changed)
      else {
        let known = values(path, of: settings)
        throw known.isEmpty
          ? SettingsError.unreadable(name: name, value: text, example: Self.text(old))
          : SettingsError.notAmong(name: name, value: text, known: known)
      }
      if let new = Self.value(path, of: decoded),
        !SettingRange.contains(new, like: Self.value(path, of: settings).map { [$0] } ?? [])
      {
        throw SettingsError.outOfRange(name: name, value: text, example: Self.text(old))
      }
      settings = decoded
    }
    return settings
  }

  /// The value at a path of names.
  private static func current(
    _ path: ArraySlice<String>, in object: Any, name: String
  ) throws -> Any {
    guard let first = path.first else { return object }
    let known = object as? [String: Any] ?? [:]
    guard let value = known[first] else {
      throw SettingsError.unknown(name: name, known: known.keys.sorted())
    }
    return try current(path.dropFirst(), in: value, name: name)
  }

  /// The same object with another value at a path of names.
  private static func replacing(_ path: ArraySlice<String>, in object: Any, by value: Any) -> Any {
    guard let first = path.first, var changed = object as? [String: Any] else { return value }
    changed[first] = replacing(path.dropFirst(), in: changed[first] ?? value, by: value)
    return changed
  }

  /// The setting at a path of names; nothing where there is none.
  private static func value(_ path: [String], of settings: Any) -> Any? {
    var found = settings
    for name in path {
      let mirror = Mirror(reflecting: found)
      let fields: Any? = mirror.displayStyle == .optional ? mirror.children.first?.value : found
      guard let fields,
        let child = SettingRange.children(of: fields).first(where: { $0.label == name })
      else { return nil }
      found = child.value
    }
    return found
  }

  /// All values of a setting that has few, as they are written; empty for any other.
  private static func values(_ path: [String], of settings: Any) -> [String] {
    func all<Setting: CaseIterable>(_ type: Setting.Type) -> [String] {
      type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
    }
    guard let old = value(path, of: settings),
      let type = type(of: old) as? any CaseIterable.Type
    else { return [] }
    return all(type)
  }

  /// A setting's value as it is written after `--set name=`.
  private static func text(_ value: Any) -> String {
    let data = try? JSONSerialization.data(withJSONObject: value, options: .fragmentsAllowed)
    return data.map { String(decoding: $0, as: UTF8.self) } ?? "\(value)"
  }
}
