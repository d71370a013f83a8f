import ArgumentParser
import ExperimentSuite
import Foundation

/// `mlcsc crate`: the results of a profile as an RO-Crate.
struct CrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crate",
    abstract: "Describe the results of a profile as an RO-Crate, or check them against it.",
    discussion: """
      Writes Results/<profile>/ro-crate-metadata.json: every file with its SHA-256, and of every \
      experiment the run that made them. With --check it compares the files with the checksums: \
      exit 1 where one differs, is absent or is not in the crate.
      """)

  @Option(help: "The profile whose results to describe.")
  var profile: Profile = .quick

  @Flag(help: "Check the results against the crate that is there.")
  var check = false

  func run() throws {
    let catalogue = try Catalogue()
    let results = catalogue.root.appendingPathComponent("Results")
    let crate = ResearchCrate(results: results, profile: profile)
    if check {
      let problems = try crate.problems()
      for problem in problems { StandardOutput.print(problem) }
      if problems.isEmpty { StandardOutput.print("all files are those of the crate") }
      if !problems.isEmpty { throw SuiteExit.differs }
      return
    }
    let file = results.appendingPathComponent(profile.rawValue)
      .appendingPathComponent(ResearchCrate.fileName)
    try AtomicFile.write(
      crate.data(catalogue.names.map { try catalogue.identity($0) }), to: file)
    StandardOutput.print(file.path)
  }
}
