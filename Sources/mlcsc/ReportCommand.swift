import ArgumentParser
import ExperimentSuite
import Foundation

/// `mlcsc report`: one static page.
struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write one static HTML page with all figures, claims, settings and provenance.")

  @Option(help: "The profile whose results to show.")
  var profile: Profile = .quick

  @Option(
    help: ArgumentHelp("Where index.html goes (default: Results/<profile>).", valueName: "folder"))
  var output: String?

  func run() throws {
    let catalogue = try Catalogue()
    let results = catalogue.root.appendingPathComponent("Results")
    let folder =
      output.map { URL(fileURLWithPath: $0) }
      ?? results.appendingPathComponent(profile.rawValue)
    let page = try HTMLReport(profile: profile, results: results)
      .page(catalogue.names.map { try catalogue.identity($0) })
    let file = folder.appendingPathComponent("index.html")
    try AtomicFile.write(page, to: file)
    print(file.path)
  }
}
