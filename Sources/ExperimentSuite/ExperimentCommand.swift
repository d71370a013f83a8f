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

  @Option(
    name: .customLong("claims"),
    help: ArgumentHelp(
      "Compute the claims from the tables of a results folder alone, print them as JSON and do "
        + "nothing else.", valueName: "folder"))
  var claimsFolder: String?

  @Option(help: .hidden)
  var summary: String?

  func run() throws {
    if describe {
      StandardOutput.print(String(decoding: try JSONText.pretty(E.identity), as: UTF8.self))
      return
    }
    if let claimsFolder {
      let tables = try TableSet.read(URL(fileURLWithPath: claimsFolder))
      let claims = ClaimTest.judge(try E.claims(of: tables))
      StandardOutput.print(String(decoding: try JSONText.pretty(claims), as: UTF8.self))
      return
    }
    // Cells, what they cut up, oneDNN's threads and those of the system beside them.
    try ThreadAllowance.require(2 * Parallelism.availableCores + 4)
    let signals = StopSignal.watch(as: E.identity.name)
    defer { signals.forEach { $0.cancel() } }
    let root = try Checkout.find()
    let runner = Runner<E>(
      options: options, results: Checkout.results(root), root: root,
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
      try AtomicFile.write(JSONText.pretty(ended), to: URL(fileURLWithPath: summary))
    } else {
      SummaryTable.printDetails(of: ended, to: runner.output)
    }
    if let failure {
      SuiteExit.report(failure, prefix: E.identity.name)
      throw ExitCode(ended.exitCode)
    }
    if ended.exitCode != 0 { throw ExitCode(ended.exitCode) }
    // What a shard lacks another run may make before the cells are gathered.
    if ended.status == .skipped, options.shard == nil { throw SuiteExit.data }
  }
}

/// The signals that ask a process to stop.
public enum StopSignal {
  /// From the keyboard, from other programs, from a terminal that is closed.
  public static let all = [SIGINT, SIGTERM, SIGHUP]

  /// Has a handler called where a signal arrives, from this moment on.
  ///
  /// - Parameters:
  ///   - number: The signal.
  ///   - handler: Only what POSIX allows in a handler: atomics and `kill`.
  /// - Returns: Whether it is called; SIGHUP stays ignored under nohup.
  @discardableResult
  public static func handle(
    _ number: Int32, by handler: @escaping @convention(c) (Int32) -> Void
  ) -> Bool {
    let old = signal(number, handler)
    // A process started by a thread that blocks signals, as those of libdispatch do, begins with
    // them blocked.
    var mask = sigset_t()
    sigemptyset(&mask)
    sigaddset(&mask, number)
    pthread_sigmask(SIG_UNBLOCK, &mask, nil)
    // SIG_IGN is 1 on all systems; functions cannot be compared.
    guard number == SIGHUP, unsafeBitCast(old, to: Int.self) == 1 else { return true }
    signal(number, SIG_IGN)
    return false
  }

  /// Asks all cells to stop when a signal arrives.
  ///
  /// - Returns: What watches, until it is cancelled.
  static func watch(as name: String) -> [any DispatchSourceSignal] {
    // The flag exists before a handler may have to set it.
    _ = Interruption.isRequested
    return all.compactMap { (number: Int32) -> (any DispatchSourceSignal)? in
      // Until the source below is registered, which takes a moment, a signal sets the flag alone.
      guard handle(number, by: { _ in Interruption.request() }) else { return nil }
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setRegistrationHandler { if Interruption.isRequested { giveUpSoon(name) } }
      source.setEventHandler {
        Interruption.request()
        giveUpSoon(name)
      }
      source.resume()
      return source
    }
  }

  /// Cells that save checkpoints look at the flag; others are given up after a moment: what is
  /// finished is in the cache already.
  private static func giveUpSoon(_ name: String) {
    DispatchQueue.global().asyncAfter(deadline: .now() + 5) {
      Terminal.note("\(name): interrupted; finished cells are kept")
      Foundation.exit(SuiteExit.interrupted.rawValue)
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
  /// The folder that holds `Package.swift` and `Experiments`: the one that `MLCSC_ROOT` names, or,
  /// without it, one above the executable or above the current folder.
  ///
  /// - Throws: `UsageError` where `MLCSC_ROOT` names anything else.
  public static func find() throws -> URL? {
    if let path = ProcessInfo.processInfo.environment["MLCSC_ROOT"], !path.isEmpty {
      let folder = URL(fileURLWithPath: path)
      if isCheckout(folder) { return folder }
      let isThere = FileManager.default.fileExists(atPath: folder.path)
      throw UsageError(
        "MLCSC_ROOT is \(path), "
          + (isThere
            ? "which is no checkout: it lacks Package.swift or Experiments"
            : "which does not exist")
          + "; set it to the folder of a checkout, or unset it")
    }
    let executable = Bundle.main.executableURL?.resolvingSymlinksInPath()
    let current = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    for start in [executable, current].compactMap({ $0 }) {
      var folder = start
      while folder.path != "/" {
        if isCheckout(folder) { return folder }
        folder.deleteLastPathComponent()
      }
    }
    return nil
  }

  /// The folder of results and finished cells: the one that `MLCSC_RESULTS` names, or, without it,
  /// `Results` in the checkout or, without a checkout, in the current folder.
  ///
  /// A checkout that nobody may write to, or one whose disk is small, keeps its results elsewhere.
  /// What is stored of results (baselines and figures) stays in the checkout.
  public static func results(_ root: URL?) -> URL {
    if let path = ProcessInfo.processInfo.environment["MLCSC_RESULTS"], !path.isEmpty {
      return URL(fileURLWithPath: path)
    }
    let folder = root ?? URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    return folder.appendingPathComponent("Results")
  }

  private static func isCheckout(_ folder: URL) -> Bool {
    ["Package.swift", "Experiments"].allSatisfy {
      FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
    }
  }
}
