import ArgumentParser
import ExperimentSuite
import Foundation
import MLCSCBase
import MLCSCStudies

/// `mlcsc report`: one static page.
struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write one static HTML page: the ledger of statements, figures, claims, settings.")

  @Option(help: "The profile whose results to show.")
  var profile: Profile = .quick

  @Option(
    help: ArgumentHelp("Where index.html goes (default: Results/<profile>).", valueName: "folder"))
  var output: String?

  func run() throws {
    let catalogue = try Catalogue()
    let results = catalogue.results
    let folder =
      output.map { URL(fileURLWithPath: $0) }
      ?? results.appendingPathComponent(profile.rawValue)
    let report = try HTMLReport(
      profile: profile, results: results, ledger: .documents(), documents: documentTitles,
      in: folder)
    let page = try report.page(catalogue.names.map { try catalogue.identity($0) })
    let file = folder.appendingPathComponent("index.html")
    try AtomicFile.write(page, to: file)
    StandardOutput.print(file.path)
  }
}
