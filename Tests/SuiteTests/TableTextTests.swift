// Claim: a table of results becomes a tabular that LaTeX reads, with numbers as they are and texts that
// hold no commands.
import ExperimentSuite
import Testing

struct TableTextTests {
  struct ErrorRow: TableRow {
    @Field("solver_name", .key) var name = ""
    @Field("error", .measured()) var error = 0.0
    @Field("note", .note) var note = ""
  }

  private static func table() throws -> Table {
    let rows = [
      ErrorRow(name: "a & b", error: 0.5, note: "50 % of {x}"),
      ErrorRow(name: "c\\d", error: -1e-9, note: ""),
    ]
    return try Table("errors", rows)
  }

  @Test("numbers stand flush right as they are in the CSV, special characters as themselves")
  func latex() throws {
    let text = try Self.table().text(.latex)
    #expect(
      text == #"""
        \begin{tabular}{lrl}
          \toprule
          solver\_name & error & note \\
          \midrule
          a \& b & 0.5 & 50 \% of \{x\} \\
          c\textbackslash{}d & -1e-09 &  \\
          \bottomrule
        \end{tabular}
        """#)
  }

  @Test("columns are chosen and ordered; an unknown one is refused with those there are")
  func columns() throws {
    let table = try Self.table()
    #expect(
      try table.text(.markdown, columns: ["error", "solver_name"]).split(separator: "\n")[2]
        == "| 0.5 | a & b |")
    let error = #expect(throws: UsageError.self) {
      try table.text(.latex, columns: ["loss"])
    }
    #expect(
      error?.description
        == "the table errors has no column loss; it has solver_name, error, note")
  }
}
