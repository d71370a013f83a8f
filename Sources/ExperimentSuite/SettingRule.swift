/// What a setting must be, beyond its type, so that an experiment can compute with it.
///
/// An experiment that reads the third entry of a list, or entry i of two lists, says so in
/// `Experiment.rules(for:)`; values given by `--set` that break a rule are then refused by name before
/// anything is computed.
public struct SettingRule: Sendable {
  /// The setting, by its name after `--set`.
  public let setting: String
  /// What it must be, after "must": "have 3 entries: n, m1, m2".
  public let requirement: String
  /// Whether it is.
  public let isKept: Bool

  /// A rule.
  ///
  /// - Parameters:
  ///   - setting: The setting, by its name after `--set`.
  ///   - requirement: What it must be, after "must".
  ///   - isKept: Whether it is.
  public init(_ setting: String, _ requirement: String, _ isKept: Bool) {
    (self.setting, self.requirement, self.isKept) = (setting, requirement, isKept)
  }

  /// A list with one entry for each of something.
  ///
  /// - Parameters:
  ///   - setting: The setting, by its name after `--set`.
  ///   - list: Its value.
  ///   - count: How many entries it must have.
  ///   - meaning: What they stand for.
  /// - Returns: The rule.
  public static func entries(
    _ setting: String, _ list: some Collection, _ count: Int, _ meaning: String
  ) -> SettingRule {
    SettingRule(
      setting, "have \(count) \(count == 1 ? "entry" : "entries"): \(meaning)",
      list.count == count)
  }

  /// Two entries that are the least and the largest of a range.
  ///
  /// - Parameters:
  ///   - setting: The setting, by its name after `--set`.
  ///   - list: Its value.
  ///   - least: What the first must at least be.
  /// - Returns: The rule.
  public static func range<Number: Comparable>(
    _ setting: String, _ list: [Number], from least: Number
  ) -> SettingRule {
    SettingRule(
      setting, "be two numbers, the second not below the first and both at least \(least)",
      list.count == 2 && list[0] >= least && list[1] >= list[0])
  }

  /// A list that names nothing twice, as its entries name rows of a table.
  ///
  /// - Parameters:
  ///   - setting: The setting, by its name after `--set`.
  ///   - list: Its value.
  /// - Returns: The rule.
  public static func distinct<Entry: Hashable>(_ setting: String, _ list: [Entry]) -> SettingRule {
    SettingRule(setting, "not have an entry twice", Set(list).count == list.count)
  }

  /// A number, or numbers, in a range.
  ///
  /// - Parameters:
  ///   - setting: The setting, by its name after `--set`.
  ///   - values: Its value or values.
  ///   - range: Where they must be.
  /// - Returns: The rule.
  public static func within<Number: Comparable>(
    _ setting: String, _ values: Number..., range: ClosedRange<Number>
  ) -> SettingRule { within(setting, values, range: range) }

  /// Numbers in a range.
  ///
  /// - Parameters:
  ///   - setting: The setting, by its name after `--set`.
  ///   - values: Its values.
  ///   - range: Where they must be.
  /// - Returns: The rule.
  public static func within<Number: Comparable>(
    _ setting: String, _ values: [Number], range: ClosedRange<Number>
  ) -> SettingRule {
    SettingRule(
      setting, "be from \(range.lowerBound) to \(range.upperBound)",
      values.allSatisfy { range.contains($0) })
  }

  /// Refuses settings that break a rule.
  ///
  /// - Parameters:
  ///   - rules: The rules.
  ///   - changes: What was changed, as `name=value`.
  /// - Throws: `SettingsError` for the first one: with the changes where these concern other settings
  ///   than the rule does.
  static func check(_ rules: [SettingRule], changes: [String]) throws {
    for rule in rules where !rule.isKept {
      let isChanged = changes.contains { change in
        let name = String(change.prefix { $0 != "=" })
        return name == rule.setting || name.hasPrefix(rule.setting + ".")
      }
      throw isChanged || changes.isEmpty
        ? SettingsError.broken(name: rule.setting, requirement: rule.requirement)
        : SettingsError.brokenBy(
          changes: changes, name: rule.setting, requirement: rule.requirement)
    }
  }
}
