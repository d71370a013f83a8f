import ArgumentParser
import ExperimentSuite
import Foundation
import MLCSCKit

/// `mlcsc claims`: verdicts from tables alone.
struct Claims: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compute the claims of experiments from the CSV tables of their results alone.",
    discussion: """
      Nothing is run. A row that is absent leaves the claims that need it undecided. With --baselines \
      the stored baselines are read in place of results.
      """)

  @Option(help: "The profile whose results to read.")
  var profile: Profile = .quick

  @Flag(help: "Read the stored baselines, not results.")
  var baselines = false

  @Flag(
    help: """
      Write claims.csv of these folders anew, and with --baselines the generated parts of the \
      READMEs: for baselines whose cells are on another machine, when a rule has changed.
      """)
  var store = false

  @Flag(help: "Print an array of objects.")
  var json = false

  @Argument(help: "Experiments (all that have tables).")
  var names: [String] = []

  private struct Entry: Encodable {
    let experiment: String
    let claims: [Claim]
  }

  func run() throws {
    let catalogue = try Catalogue()
    let entries = try catalogue.resolve(names).compactMap { name -> Entry? in
      let folder =
        baselines
        ? Baselines.folder(root: catalogue.root, profile: profile, experiment: name)
        : catalogue.results.appendingPathComponent("\(profile.rawValue)/\(name)")
      guard FileManager.default.fileExists(atPath: folder.path) else {
        guard names.isEmpty else {
          throw DataMissing(
            "tables of \(name) at profile \(profile.rawValue)",
            remedy: "mlcsc run \(name) --profile \(profile.rawValue)")
        }
        return nil
      }
      if store, baselines { try BaselineDigests.verify(folder, besides: "claims.csv") }
      let claims = try catalogue.claims(name, of: folder)
      if store { try TableSet.storeClaims(claims, in: folder) }
      if store, baselines { try BaselineDigests.write(folder) }
      return Entry(experiment: name, claims: claims)
    }
    if store, baselines { try catalogue.generatedTexts().write() }
    if json {
      StandardOutput.print(String(decoding: try JSONText.pretty(entries), as: UTF8.self))
      return
    }
    for entry in entries {
      for claim in entry.claims {
        StandardOutput.print("\(entry.experiment): \(claim.id)")
        StandardOutput.print(SummaryTable.text(of: ClaimRow(claim)))
        StandardOutput.print("")
      }
    }
  }
}
