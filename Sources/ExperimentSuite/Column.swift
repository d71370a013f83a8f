/// What a column is compared for.
public enum ColumnRole: Codable, Sendable, Equatable {
  /// Names the row, together with the other keys.
  case key
  /// Must be the same text.
  case exact
  /// A number that may differ by absolute + relative · |baseline|.
  case tolerance(absolute: Double, relative: Double)
  /// An estimate from repetitions: it may differ by `factor` times the standard error of the
  /// difference, √(s² + s′²), where s and s′ stand in another column of the two rows.
  case spread(column: String, factor: Double)
  /// Depends on the machine: never compared.
  case timing
  /// Words for the reader, or one draw of what varies from run to run: never compared.
  case note

  /// A measured number, which may differ by absolute + relative · |baseline|.
  public static func measured(absolute: Double = 1e-9, relative: Double = 1e-6) -> ColumnRole {
    .tolerance(absolute: absolute, relative: relative)
  }

  /// An estimate from repetitions, which may differ by four standard errors of the difference.
  ///
  /// Four: of ten thousand values that differ by chance alone one in two whole comparisons reports one.
  /// - Parameter spread: The heading of the column with its standard error.
  /// - Returns: The role.
  public static func estimate(spread: String) -> ColumnRole { .spread(column: spread, factor: 4) }
}

/// A column's name, with its unit, and role.
public struct Column: Codable, Sendable, Equatable {
  /// The heading.
  public let name: String
  /// What the column is compared for.
  public let role: ColumnRole

  /// A column.
  public init(_ name: String, _ role: ColumnRole) {
    self.name = name
    self.role = role
  }
}
