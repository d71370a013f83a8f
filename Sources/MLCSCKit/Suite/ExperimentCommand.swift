import ArgumentParser
import Dispatch
import Foundation

/// The command line of one experiment's executable.
struct ExperimentCommand<E: Experiment>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: E.identity.name,
      abstract: "\(E.identity.paper), \(E.identity.figure): \(E.identity.title)",
      discussion: E.identity.question)
  }

  @OptionGroup var options: RunOptions

  @Option(help: ArgumentHelp("Where tables and figures go.", valueName: "folder"))
  var output: String?

  @Flag(help: "Print the experiment's identity as JSON and do nothing else.")
  var describe = false

  @Option(help: .hidden)
  var summary: String?

  func run() throws {
    if describe {
      print(String(decoding: try SettingsOverride.canonical(E.identity), as: UTF8.self))
      return
    }
    let signals = installSignalHandlers()
    defer { signals.forEach { $0.cancel() } }
    let root = Checkout.find()
    let folder = root ?? URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    let runner = Runner<E>(
      options: options, results: folder.appendingPathComponent("Results"), root: root,
      output: output.map { URL(fileURLWithPath: $0) })
    var ended: RunSummary
    var failure: (any Error)?
    do {
      ended = try runner.run()
    } catch {
      failure = error
      ended = RunSummary(
        name: E.identity.name, status: .failed, message: "\(error)",
        exitCode: SuiteExit.code(for: (error as? CellFailure)?.reason ?? error).rawValue)
    }
    if let summary {
      try AtomicFile.write(SettingsOverride.canonical(ended), to: URL(fileURLWithPath: summary))
    } else {
      SummaryTable.printDetails(of: ended, to: runner.output)
    }
    if let failure {
      SuiteExit.report(failure, prefix: E.identity.name)
      throw ExitCode(ended.exitCode)
    }
    if ended.exitCode != 0 { throw ExitCode(ended.exitCode) }
  }

  private func installSignalHandlers() -> [any DispatchSourceSignal] {
    [SIGINT, SIGTERM].map { (number: Int32) in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        Interruption.request()
        // Cells that save checkpoints look at the flag; others are given up after a moment: what
        // is finished is in the cache already.
        DispatchQueue.global().asyncAfter(deadline: .now() + 5) {
          Terminal.note("\(E.identity.name): interrupted; finished cells are kept")
          Foundation.exit(SuiteExit.interrupted.rawValue)
        }
      }
      source.resume()
      return source
    }
  }
}

extension Experiment {
  /// Runs the experiment by its command line; makes `@main` work on an experiment.
  public static func main() {
    SuiteExit.run(ExperimentCommand<Self>.self, name: identity.name)
  }
}

/// The checkout that an executable belongs to.
public enum Checkout {
  /// The folder that holds `Package.swift` and `Experiments`: named by `MLCSC_ROOT`, or above the
  /// executable, or above the current folder.
  public static func find() -> URL? {
    let environment = ProcessInfo.processInfo.environment["MLCSC_ROOT"]
    let executable = Bundle.main.executableURL?.resolvingSymlinksInPath()
    let current = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    let starts = [environment.map { URL(fileURLWithPath: $0) }, executable, current]
    for start in starts.compactMap({ $0 }) {
      var folder = start
      while folder.path != "/" {
        let files = ["Package.swift", "Experiments"].map {
          folder.appendingPathComponent($0).path
        }
        if files.allSatisfy({ FileManager.default.fileExists(atPath: $0) }) { return folder }
        folder.deleteLastPathComponent()
      }
    }
    return nil
  }
}
