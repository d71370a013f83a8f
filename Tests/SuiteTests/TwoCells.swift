import ExperimentSuite

/// A toy experiment of two numbered cells, each of which measures one value; only what it measures is
/// its own.
protocol TwoCells: Experiment
where
  Settings == [String: Int], Inputs == NoInputs, Cell == NumberedCell,
  Row: CustomStringConvertible
{}

extension TwoCells {
  static func settings(for profile: Profile) -> [String: Int] { ["count": 2] }

  static func cells(_ settings: [String: Int], _ inputs: NoInputs) -> [NumberedCell] {
    NumberedCell.cells(2)
  }

  static func tables(
    _ settings: [String: Int], _ results: [CellResult<NumberedCell, Row>]
  ) throws -> [Table] {
    [try Table("numbers", results.map { CellRow(cell: $0.cell.id, number: "\($0.rows[0])") })]
  }
}

/// A cell and what it measured.
private struct CellRow: TableRow {
  @Field("cell", .key) var cell = ""
  @Field("number", .exact) var number = ""
}
