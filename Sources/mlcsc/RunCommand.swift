import ArgumentParser
import ExperimentSuite
import Foundation

/// `mlcsc run`: starts the experiments' executables and gathers what they say.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run experiments: all of them, or those named by any unambiguous prefix.")

  @OptionGroup var options: RunOptions

  @Option(
    help: ArgumentHelp(
      "Write each experiment's results to a folder below this one.", valueName: "folder"))
  var output: String?

  @Argument(help: "Experiments.")
  var names: [String] = []

  func validate() throws { try options.experiment.checkProtocol() }

  func run() throws {
    let catalogue = try Catalogue()
    let chosen = try catalogue.resolve(names)
    let work = try ScratchFolder("mlcsc-run")
    defer { work.remove() }
    StopRequest.watch()
    var summaries = [String: RunSummary]()
    func run(_ names: [String]) throws {
      for (i, name) in names.enumerated() where !StopRequest.isMade {
        Terminal.note("[\(i + 1)/\(names.count)] \(name)")
        if let summary = try self.run(name, catalogue, work.url.appendingPathComponent(name)) {
          summaries[name] = summary
        }
      }
    }
    try run(chosen)
    // What an experiment lacked another of this run may have made since.
    let lastDone = chosen.lastIndex { summaries[$0]?.status != .skipped }
    try run(chosen.prefix(lastDone ?? 0).filter { summaries[$0]?.status == .skipped })
    let ended = chosen.compactMap { summaries[$0] }
    report(ended)
    if StopRequest.isMade {
      Terminal.note(
        "interrupted after \(ended.count) of \(chosen.count) experiments; finished cells are kept, "
          + "the same command goes on")
      throw SuiteExit.interrupted
    }
    let codes = ended.map { code(of: $0) }
    if let worst = codes.first(where: { $0 > 1 }) ?? codes.first(where: { $0 == 1 }) {
      throw ExitCode(worst)
    }
  }

  /// The exit code that an experiment asks for.
  ///
  /// To be skipped is a failure where it was asked for by name, but not in a shard: what that lacks
  /// another run may make.
  private func code(of summary: RunSummary) -> Int32 {
    summary.status == .skipped && !names.isEmpty && options.shard == nil
      ? SuiteExit.data.rawValue : summary.exitCode
  }

  /// Runs one experiment.
  ///
  /// - Returns: How it ended; nothing where it was interrupted.
  private func run(_ name: String, _ catalogue: Catalogue, _ file: URL) throws -> RunSummary? {
    // An experiment that was skipped runs again; what it said the first time is over.
    try? FileManager.default.removeItem(at: file)
    let process = try StartedProgram(
      catalogue.executable(name),
      options.arguments + ["--summary", file.path]
        + (output.map { ["--output", "\($0)/\(name)"] } ?? []),
      environment: Catalogue.environment.merging(["MLCSC_ROOT": catalogue.root.path]) { $1 })
    StopRequest.handOn(to: process.identifier)
    let end = process.wait()
    StopRequest.handOn(to: nil)
    if let data = try? AtomicFile.read(file),
      let summary = try? JSONDecoder().decode(RunSummary.self, from: data)
    {
      guard summary.exitCode == SuiteExit.interrupted.rawValue else { return summary }
      StopRequest.make()
      return nil
    }
    let (status, crashed) = (end.status, end.isSignal)
    // A signal ends an experiment that has not installed its handlers yet.
    if crashed ? StopSignal.all.contains(status) : status == SuiteExit.interrupted.rawValue {
      StopRequest.make()
    }
    if StopRequest.isMade { return nil }
    let message =
      crashed
      ? "\(name): ended by signal \(status)"
      : "\(name): ended with code \(status) and no result"
    Terminal.error(message)
    return RunSummary(
      name: name, status: .failed, message: message,
      exitCode: crashed ? SuiteExit.numerical.rawValue : max(status, 1))
  }

  /// How many differences of an experiment a run names.
  private static let shownDifferences = 20

  private func report(_ summaries: [RunSummary]) {
    for summary in summaries {
      for claim in summary.claims {
        StandardOutput.print(
          "\(summary.name): \(claim.id): \(claim.verdict.rawValue): \(claim.measured)")
      }
      let differences = summary.differences ?? []
      for difference in differences.prefix(Self.shownDifferences) {
        StandardOutput.print("\(summary.name): differs: \(difference)")
      }
      if differences.count > Self.shownDifferences {
        StandardOutput.print(
          "\(summary.name): differs: and in \(differences.count - Self.shownDifferences) more "
            + "values; mlcsc diff \(summary.name) names all")
      }
    }
    StandardOutput.print("")
    StandardOutput.print(SummaryTable.text(summaries))
    StandardOutput.print("")
    StandardOutput.print(SummaryTable.lastLine(summaries))
  }
}

/// `mlcsc list`: what there is.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the experiments: name, paper and figure, title.")

  @Flag(help: "Print an array of objects.")
  var json = false

  func run() throws {
    let catalogue = try Catalogue()
    let identities = try catalogue.names.map { try catalogue.identity($0) }
    if json {
      StandardOutput.print(String(decoding: try JSONText.pretty(identities), as: UTF8.self))
    } else {
      for identity in identities {
        StandardOutput.print(
          "\(identity.name)\t\(identity.paper), \(identity.figure)\t\(identity.title)")
      }
    }
  }
}
