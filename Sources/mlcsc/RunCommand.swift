import ArgumentParser
import Dispatch
import Foundation
import MLCSCKit

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

  func run() throws {
    let catalogue = try Catalogue()
    let chosen = try catalogue.resolve(names)
    let work = FileManager.default.temporaryDirectory
      .appendingPathComponent("mlcsc-run-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: work) }
    // The experiments get the terminal's signals themselves; this process waits for them to save.
    signal(SIGINT, SIG_IGN)
    signal(SIGTERM, SIG_IGN)
    var summaries = [String: RunSummary]()
    func run(_ names: [String]) throws {
      for name in names {
        Terminal.note("running \(name)")
        let summary = try self.run(name, catalogue, work.appendingPathComponent(name))
        summaries[name] = summary
        if summary.exitCode == SuiteExit.interrupted.rawValue {
          Terminal.note("interrupted; finished cells are kept, the same command goes on")
          throw SuiteExit.interrupted
        }
      }
    }
    try run(chosen)
    // What an experiment lacked another of this run may have made since.
    let lastDone = chosen.lastIndex { summaries[$0]?.status != .skipped }
    try run(chosen.prefix(lastDone ?? 0).filter { summaries[$0]?.status == .skipped })
    report(chosen.compactMap { summaries[$0] })
    let codes = chosen.compactMap { summaries[$0]?.exitCode }
    if let worst = codes.first(where: { $0 > 1 }) ?? codes.first(where: { $0 == 1 }) {
      throw ExitCode(worst)
    }
  }

  private func run(_ name: String, _ catalogue: Catalogue, _ file: URL) throws -> RunSummary {
    let process = Process()
    process.executableURL = try catalogue.executable(name)
    process.arguments = options.arguments + ["--summary", file.path]
    if let output { process.arguments? += ["--output", "\(output)/\(name)"] }
    process.environment = ProcessInfo.processInfo.environment
      .merging(["MLCSC_ROOT": catalogue.root.path]) { $1 }
    process.standardInput = FileHandle.nullDevice
    let forward = forwardSignals(to: process)
    try process.run()
    process.waitUntilExit()
    forward.forEach { $0.cancel() }
    if let data = try? AtomicFile.read(file),
      let summary = try? JSONDecoder().decode(RunSummary.self, from: data)
    {
      return summary
    }
    let crashed = process.terminationReason == .uncaughtSignal
    let message =
      crashed
      ? "\(name): ended by signal \(process.terminationStatus)"
      : "\(name): ended with code \(process.terminationStatus) and no result"
    if process.terminationStatus != SuiteExit.interrupted.rawValue { Terminal.error(message) }
    return RunSummary(
      name: name, status: .failed, message: message,
      exitCode: crashed ? SuiteExit.numerical.rawValue : max(process.terminationStatus, 1))
  }

  /// A signal that reaches only this process goes on to the experiment.
  private func forwardSignals(to process: Process) -> [any DispatchSourceSignal] {
    [SIGINT, SIGTERM].map { (number: Int32) in
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      let target = Running(process: process)
      source.setEventHandler {
        if target.process.isRunning { kill(target.process.processIdentifier, SIGTERM) }
      }
      source.resume()
      return source
    }
  }

  /// `Process` is not marked as sendable; only its identifier and state are read here.
  private struct Running: @unchecked Sendable {
    let process: Process
  }

  private func report(_ summaries: [RunSummary]) {
    for summary in summaries {
      for claim in summary.claims {
        print("\(summary.name): \(claim.id): \(claim.verdict.rawValue): \(claim.measured)")
      }
      for difference in summary.differences ?? [] {
        print("\(summary.name): differs: \(difference)")
      }
    }
    print("")
    print(SummaryTable.text(summaries))
    print("")
    print(SummaryTable.lastLine(summaries))
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
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
      print(String(decoding: try encoder.encode(identities), as: UTF8.self))
    } else {
      for identity in identities {
        print("\(identity.name)\t\(identity.paper), \(identity.figure)\t\(identity.title)")
      }
    }
  }
}
