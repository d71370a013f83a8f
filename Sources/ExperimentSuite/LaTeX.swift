/// Tables in LaTeX, for the package booktabs.
enum LaTeX {
  /// A tabular; columns of numbers are flush right.
  static func table(_ heading: [String], _ rows: [[String]]) -> String {
    let alignment = heading.indices.map { column in
      rows.allSatisfy { $0[column].isEmpty || Double($0[column]) != nil } ? "r" : "l"
    }.joined()
    func line(_ cells: [String]) -> String {
      "  " + cells.map(escaped).joined(separator: " & ") + " \\\\"
    }
    return
      (["\\begin{tabular}{\(alignment)}", "  \\toprule", line(heading), "  \\midrule"]
      + rows.map(line) + ["  \\bottomrule", "\\end{tabular}"]).joined(separator: "\n")
  }

  /// A text with the characters that LaTeX reads as commands written out.
  static func escaped(_ text: String) -> String {
    text.map { character in
      switch character {
      case "&", "%", "$", "#", "_", "{", "}": "\\\(character)"
      case "\\": "\\textbackslash{}"
      case "~": "\\textasciitilde{}"
      case "^": "\\textasciicircum{}"
      case "\n": " "
      default: String(character)
      }
    }.joined()
  }
}

extension Table {
  /// How a table is written for people.
  public enum Style: Sendable {
    /// A tabular for LaTeX's package booktabs.
    case latex
    /// A table of Markdown.
    case markdown
  }

  /// The table as text, all its columns or some in the order wanted.
  ///
  /// - Parameters:
  ///   - style: For whom.
  ///   - names: Headings; absent: all.
  /// - Returns: The text.
  /// - Throws: `UsageError` where there is no such column, naming those there are.
  public func text(_ style: Style, columns names: [String]? = nil) throws -> String {
    let places = try (names ?? columns.map(\.name)).map { name in
      guard let place = columns.firstIndex(where: { $0.name == name }) else {
        throw UsageError(
          "the table \(self.name) has no column \(name); it has "
            + columns.map(\.name).joined(separator: ", "))
      }
      return place
    }
    let (heading, cells) = (
      places.map { columns[$0].name }, rows.map { row in places.map { row[$0] } }
    )
    return style == .latex ? LaTeX.table(heading, cells) : Markdown.table(heading, cells)
  }
}
