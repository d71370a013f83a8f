import ArgumentParser
import ExperimentSuite
import Foundation

/// `mlcsc diff`: results against baselines, without running anything.
struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare results with the stored baselines; exit 1 where they differ.",
    discussion: """
      Of an experiment whose results lack cells (run with --gather) only the values that are there \
      are compared. Results that are damaged, or absent where they were asked for by name: exit 3, \
      after all others were compared.
      """)

  @Option(help: "The profile to compare.")
  var profile: Profile = .quick

  @Flag(help: "Print an array of objects.")
  var json = false

  @Argument(help: "Experiments (all that have results or baselines).")
  var names: [String] = []

  private struct Entry: Encodable {
    let experiment: String
    let state: String
    var differences: [Difference] = []
    var isDamaged = false

    enum CodingKeys: String, CodingKey {
      case experiment, state, differences
    }
  }

  private static let noResults = "no results"

  func run() throws {
    let catalogue = try Catalogue()
    let entries = try catalogue.resolve(names).map { entry($0, catalogue) }
    if json {
      StandardOutput.print(String(decoding: try JSONText.pretty(entries), as: UTF8.self))
    } else {
      for entry in entries {
        StandardOutput.print("\(entry.experiment): \(entry.state)")
        for difference in entry.differences { StandardOutput.print("  \(difference)") }
      }
    }
    let absent = entries.count { $0.state == Self.noResults }
    if absent > 0, !names.isEmpty || absent == entries.count {
      Terminal.error(
        "mlcsc: no results of profile \(profile.rawValue) for \(absent) of \(entries.count) "
          + "experiments; run them first")
      throw SuiteExit.data
    }
    if entries.contains(where: \.isDamaged) { throw SuiteExit.data }
    if entries.contains(where: { !$0.differences.isEmpty }) { throw SuiteExit.differs }
  }

  /// Compares one experiment; what is wrong with its files is a state, so that it does not hide the
  /// others.
  private func entry(_ name: String, _ catalogue: Catalogue) -> Entry {
    let results = catalogue.results.appendingPathComponent("\(profile.rawValue)/\(name)")
    guard FileManager.default.fileExists(atPath: results.path) else {
      return Entry(experiment: name, state: Self.noResults)
    }
    do {
      let missing = try TableSchema.read(results).missingCells ?? 0
      let found = try Comparison.differences(
        results: results,
        baseline: Baselines.folder(root: catalogue.root, profile: profile, experiment: name))
      let state = found.map { $0.isEmpty ? "ok" : "differs" } ?? "no baseline"
      guard missing > 0 else {
        return Entry(experiment: name, state: state, differences: found ?? [])
      }
      return Entry(
        experiment: name,
        state: "partial: \(missing) cells missing" + (found == nil ? ", no baseline" : ""),
        differences: found ?? [])
    } catch {
      return Entry(experiment: name, state: "damaged: \(error)", isDamaged: true)
    }
  }
}

/// `mlcsc accept`: results become baselines.
struct Accept: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Store the results of experiments as their new baselines.",
    discussion: """
      At the profiles standard and paper, the trainings that the tables were made of are stored too, in \
      Results/trainings, without their weights.
      """)

  @Option(help: "The profile whose results to store.")
  var profile: Profile = .quick

  @Flag(help: "Store results that lack cells, too.")
  var partial = false

  @Flag(
    help: """
      Store nothing; name the stored files that were changed since, and the READMEs and figures \
      that are not what the stored baselines give, and exit 1 where there are any.
      """)
  var check = false

  @Flag(
    help: """
      Store no results; take the stored baselines as they are, of all profiles, after an edit or a \
      merge that is meant.
      """)
  var renew = false

  @Flag(
    help: """
      Store what a run with --trainings left in Results/custom, beside the suite's own baselines.
      """)
  var anotherImplementation = false

  @Argument(help: "Experiments.")
  var names: [String] = []

  func validate() throws {
    if check, renew { throw ValidationError("--check stores nothing; leave --renew out") }
    if names.isEmpty, !check, !renew {
      throw ValidationError("name the experiments whose results are to be stored")
    }
  }

  func run() throws {
    let catalogue = try Catalogue()
    if check { return try verify(catalogue) }
    if renew {
      try baselines(catalogue.resolve(names), catalogue).forEach(BaselineDigests.write)
      return
    }
    let all = catalogue.results.appendingPathComponent(
      anotherImplementation ? "custom" : profile.rawValue)
    // All are looked at before anything is stored.
    let chosen = try catalogue.resolve(names).map { name in
      (name: name, schema: try TableSchema.read(all.appendingPathComponent(name)))
    }
    for (name, schema) in chosen {
      try Provenance.check(
        all.appendingPathComponent(name), experiment: name, profile: profile,
        implementation: anotherImplementation ? .pytorch : .suite)
      if let missing = schema.missingCells, missing > 0, !partial {
        throw PartialResults(experiment: name, missing: missing)
      }
    }
    let figures = StoredFigures(root: catalogue.root)
    for (name, _) in chosen {
      let results = all.appendingPathComponent(name)
      let count = try figures.accept(
        results, experiment: name, profile: profile,
        implementation: anotherImplementation ? .pytorch : .suite)
      StandardOutput.print("\(name): \(count) tables stored")
    }
    try catalogue.generatedTexts().write()
  }

  /// The folders of the stored baselines of some experiments.
  private func baselines(_ names: [String], _ catalogue: Catalogue) -> [URL] {
    Profile.allCases.flatMap { profile in
      Implementation.allCases.flatMap { implementation in
        names.map {
          Baselines.folder(
            root: catalogue.root, profile: profile, experiment: $0, implementation: implementation)
        }
      }
    }
    .filter { FileManager.default.fileExists(atPath: $0.path) }
  }

  private func verify(_ catalogue: Catalogue) throws {
    let changed = try baselines(catalogue.names, catalogue).flatMap {
      try BaselineDigests.problems($0)
    }
    for problem in changed { StandardOutput.print(problem) }
    let problems =
      try StoredCells(root: catalogue.root).problems() + catalogue.generatedTexts().problems()
      + StoredFigures(root: catalogue.root).problems()
    for problem in problems { StandardOutput.print(problem) }
    if !changed.isEmpty || !problems.isEmpty { throw SuiteExit.differs }
  }
}
