// The positional form of tables and claims, while experiments move to typed rows.
extension Column {
  /// A column that names rows.
  public static func key(_ name: String) -> Column { Column(name, .key) }
  /// A column that must not change.
  public static func exact(_ name: String) -> Column { Column(name, .exact) }
  /// A measured number.
  public static func measured(
    _ name: String, absolute: Double = 1e-9, relative: Double = 1e-6
  ) -> Column {
    Column(name, .tolerance(absolute: absolute, relative: relative))
  }
  /// A column of seconds or ratios of seconds.
  public static func timing(_ name: String) -> Column { Column(name, .timing) }
  /// A column of words.
  public static func note(_ name: String) -> Column { Column(name, .note) }
}

extension Table {
  /// A table from columns and as many values a row.
  ///
  /// - Throws: `TableError`.
  public init(
    _ name: String, _ columns: [Column], rows: [[Value]], isCompared: Bool = true
  ) throws {
    for (number, row) in rows.enumerated() {
      for (value, column) in zip(row, columns) {
        if case .real(let x) = value, !x.isFinite {
          throw TableError.notFinite(table: name, row: number + 1, column: column.name)
        }
      }
    }
    try self.init(
      name, columns, contents: rows.map { $0.map(\.content) }, isCompared: isCompared)
  }
}

extension Claim {
  /// A claim whose words were made by hand.
  public init(
    id: String, sentence: String, source: String, paper: String? = nil, measured: String,
    verdict: Verdict
  ) {
    self.init(
      id: id, statements: [], sentence: sentence, source: source,
      quantity: .number("", unit: ""), part: nil, estimate: nil, lower: nil, upper: nil, sample: [],
      otherParts: [], paper: nil, details: [], rule: .some, significance: nil, family: nil,
      unmet: [],
      verdict: verdict, legacyMeasured: measured, legacyPaper: paper)
  }
}
