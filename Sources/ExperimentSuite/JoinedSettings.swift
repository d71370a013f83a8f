/// Settings of two parts: what several experiments have in common, and what is an experiment's own.
///
/// The names of both stand side by side wherever settings are written or read (`--set NAME=VALUE`,
/// provenance, keys of cells), and in code: `settings.epochs`, whichever part has it. The two parts
/// must not have a name in common.
@dynamicMemberLookup
public protocol JoinedSettings: Codable, Sendable {
  /// What several experiments have in common.
  associatedtype Common: Codable & Sendable
  /// What is the experiment's own.
  associatedtype Own: Codable & Sendable

  /// The part that several experiments have.
  var common: Common { get set }
  /// The experiment's own part.
  var own: Own { get set }

  /// Settings from their parts.
  init(common: Common, own: Own)
}

extension JoinedSettings {
  public init(from decoder: any Decoder) throws {
    try self.init(common: Common(from: decoder), own: Own(from: decoder))
  }

  public func encode(to encoder: any Encoder) throws {
    try common.encode(to: encoder)
    try own.encode(to: encoder)
  }

  /// A setting of the common part.
  public subscript<Setting>(dynamicMember path: WritableKeyPath<Common, Setting>) -> Setting {
    get { common[keyPath: path] }
    set { common[keyPath: path] = newValue }
  }

  /// A setting of the own part.
  public subscript<Setting>(dynamicMember path: WritableKeyPath<Own, Setting>) -> Setting {
    get { own[keyPath: path] }
    set { own[keyPath: path] = newValue }
  }
}
