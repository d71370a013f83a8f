import ArgumentParser
import ExperimentSuite
import Foundation

/// `mlcsc table`: tables of results for a paper.
struct TableCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "table",
    abstract: "Print a table of an experiment's results in Markdown or LaTeX.",
    discussion: """
      Tables are those of Results/<profile>, or where there are none the stored baselines. Numbers \
      are as in the CSV file; --columns chooses columns and their order.
      """)

  @Argument(help: "The experiment.")
  var name: String

  @Argument(help: "The table, a CSV file's name without .csv (all but the claims without a name).")
  var table: String?

  @Option(help: "The profile.")
  var profile: Profile = .quick

  @Flag(help: "Print a tabular for LaTeX's package booktabs.")
  var latex = false

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("Columns to print.", valueName: "column"))
  var columns: [String] = []

  func run() throws {
    let catalogue = try Catalogue()
    let experiment = try NameMatch.resolve(name, among: catalogue.names)
    let folder = catalogue.root.appendingPathComponent("Results/\(profile.rawValue)/\(experiment)")
    let stored = Baselines.folder(
      root: catalogue.root, profile: profile, experiment: experiment)
    let isRun = FileManager.default.fileExists(atPath: folder.path)
    let all = try TableSet.read(isRun ? folder : stored).tables
    let chosen: [Table]
    if let table {
      let match = try NameMatch.resolve(table, among: all.map(\.name))
      chosen = all.filter { $0.name == match }
    } else {
      chosen = all.filter { $0.name != "claims" }
    }
    let texts = try chosen.map { table in
      (chosen.count > 1 ? (latex ? "% " : "") + "\(table.name)\n" : "")
        + (try table.text(latex ? .latex : .markdown, columns: columns.isEmpty ? nil : columns))
    }
    StandardOutput.print(texts.joined(separator: "\n\n"))
  }
}
