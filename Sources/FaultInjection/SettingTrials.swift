import ExperimentSuite
import Foundation
import MLCSCBase
import TestSupport

/// An experiment at the profile `smoke` with one setting changed, for every setting and many values:
/// each gives a result or is refused by name.
public struct SettingTrials: Sendable {
  /// A changed setting.
  public struct Change: Sendable, Hashable {
    /// The setting, by its name after `--set`.
    public let name: String
    /// Its value, as it is written there.
    public let value: String
  }

  /// What became of a run.
  public enum Outcome: Sendable, Equatable {
    /// Tables and, where they were asked for, figures.
    case result
    /// Tables, and a note that says why there is no figure.
    case withoutFigure
    /// Exit code 2 and a message that names the setting; with all values, where it has few.
    case refused(known: [String])
    /// It needs data that are not there.
    case withoutData
    /// It did not end in time.
    case slow
    /// Anything else.
    case wrong(String)
  }

  /// How often each came out.
  public struct Tally: Sendable {
    public var result = 0
    public var withoutFigure = 0
    public var refused = 0
    public var withoutData = 0
    /// Those that did not end in time.
    public var slow = [String]()
    /// The commands that ended in any other way, and how.
    public var wrong = [String]()

    /// How many runs there were.
    public var tried: Int {
      result + withoutFigure + refused + withoutData + slow.count + wrong.count
    }

    /// No run.
    public init() {}

    /// Counts the runs of another tally too.
    public mutating func add(_ other: Tally) {
      result += other.result
      withoutFigure += other.withoutFigure
      refused += other.refused
      withoutData += other.withoutData
      slow += other.slow
      wrong += other.wrong
    }

    /// Counts a run.
    mutating func add(_ outcome: Outcome, _ command: String) {
      switch outcome {
      case .result: result += 1
      case .withoutFigure: withoutFigure += 1
      case .refused: refused += 1
      case .withoutData: withoutData += 1
      case .slow: slow.append(command)
      case .wrong(let how): wrong.append("\(command)\n    \(how)")
      }
    }
  }

  private let experiment: String
  private let folder: ScratchFolder
  /// Seconds of one processor until a run is given up; however busy the machine is, the same.
  private let limit: Int
  /// The most memory of a run, in bytes.
  private let memory: Int
  private let drawsFigures: Bool
  /// The settings of the profile.
  public let settings: SettingValue

  /// Runs the experiment with the profile's own settings, so that the runs of the trials find the
  /// cells that their changes leave alone.
  ///
  /// - Parameters:
  ///   - experiment: Its name.
  ///   - limit: Seconds of one processor until a run is given up.
  ///   - memory: The most memory of a run, in bytes.
  ///   - drawsFigures: Whether gnuplot is called.
  /// - Throws: `ProgramError`; `FileError` where that run has no results.
  public init(
    _ experiment: String, limit: Int = 20, memory: Int = 4 << 30, drawsFigures: Bool = false
  ) throws {
    (self.experiment, self.limit, self.memory) = (experiment, limit, memory)
    self.drawsFigures = drawsFigures
    folder = try ScratchFolder("mlcsc-fault")
    let own = folder.url.appendingPathComponent("own")
    try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
    _ = try Self.start(
      experiment, ["--no-plots"], folder.url, own, memory: memory, limit: limit * 10
    ).wait()
    settings = try JSONDecoder().decode(
      SettingValue.self, from: AtomicFile.read(own.appendingPathComponent("settings.json")))
  }

  /// Removes the files of the trials.
  public func finish() { folder.remove() }

  /// All changes of one setting each.
  ///
  /// - Throws: `EncodingError`.
  public func changes() throws -> [Change] {
    var seen = Set<Change>()
    return try settings.leaves.flatMap { name, value in
      try value.variations.map { Change(name: name, value: try $0.text()) }
    }
    .filter { seen.insert($0).inserted }
  }

  /// Runs the experiment once a change.
  ///
  /// - Parameters:
  ///   - changes: The changes; the values that a refusal lists are tried as well.
  ///   - jobs: How many runs side by side.
  /// - Returns: What became of them.
  /// - Throws: `ProgramError`, `FileError`.
  public func run(_ changes: [Change], jobs: Int = 1) throws -> Tally {
    var tally = Tally()
    var waiting = ArraySlice(changes)
    var seen = Set(changes)
    var running = [Trial]()
    var started = 0
    while !waiting.isEmpty || !running.isEmpty {
      while running.count < jobs, let change = waiting.popFirst() {
        running.append(try start(change, number: started))
        started += 1
      }
      usleep(2000)
      for place in running.indices.reversed() {
        guard let outcome = try running[place].outcome() else { continue }
        let change = running.remove(at: place).change
        tally.add(outcome, "\(experiment) --set '\(change.name)=\(change.value)'")
        guard case .refused(let known) = outcome else { continue }
        waiting += known.map { Change(name: change.name, value: $0) }
          .filter { seen.insert($0).inserted }
      }
    }
    return tally
  }

  private func start(_ change: Change, number: Int) throws -> Trial {
    let output = folder.url.appendingPathComponent("run-\(number)")
    try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
    return Trial(
      change: change,
      program: try Self.start(
        experiment,
        ["--set", "\(change.name)=\(change.value)"] + (drawsFigures ? [] : ["--no-plots"]),
        folder.url, output, memory: memory, limit: limit),
      output: output, end: Self.clock() + 20 * Double(limit))
  }

  /// A run with one setting changed.
  private struct Trial {
    let change: Change
    let program: StartedProgram
    let output: URL
    /// When it is given up even where it only waits.
    let end: Double

    /// What became of it; nil while it runs.
    func outcome() throws -> Outcome? {
      let isSlow = program.isRunning
      if isSlow {
        guard SettingTrials.clock() > end else { return nil }
        kill(-program.identifier, SIGKILL)
      }
      let status = program.wait()
      defer { try? FileManager.default.removeItem(at: output) }
      if isSlow || (status.isSignal && status.status == SIGXCPU) { return .slow }
      let message = String(
        decoding: try AtomicFile.read(output.appendingPathComponent("log")), as: UTF8.self)
      return SettingTrials.outcome(status, message, of: change)
    }
  }

  /// What an end means.
  private static func outcome(
    _ end: StartedProgram.End, _ message: String, of change: Change
  ) -> Outcome {
    switch (end.isSignal, end.status) {
    case (false, 0): return message.contains("no figure, ") ? .withoutFigure : .result
    case (false, 2) where message.contains("--set \(change.name)"):
      let list = message.split(separator: "there are: ").dropFirst().last ?? ""
      return .refused(
        known: list.split(whereSeparator: { ", \n".contains($0) }).map(String.init))
    case (false, 3) where message.contains("get it with"): return .withoutData
    default:
      let how = end.isSignal ? "signal \(end.status)" : "code \(end.status)"
      let lines = message.split(separator: "\n").filter { !$0.isEmpty }
      return .wrong("\(how): \(lines.first { $0.contains("rror") } ?? lines.first ?? "")")
    }
  }

  /// Starts a run whose memory and time are limited.
  private static func start(
    _ experiment: String, _ options: [String], _ results: URL, _ output: URL,
    memory: Int, limit: Int
  ) throws -> StartedProgram {
    let log = open(
      output.appendingPathComponent("log").path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    defer { close(log) }
    let program = try RunningTool.products().appendingPathComponent(experiment)
    let most = Sanitizer.isPresent ? "unlimited" : "\(memory >> 10)"
    return try StartedProgram(
      URL(fileURLWithPath: "/bin/sh"),
      ["-c", "ulimit -v \(most); ulimit -S -t \(limit); ulimit -c 0; exec \"$@\"", "sh"]
        + [program.path]
        + ["--profile", "smoke", "--jobs", "1", "--output", output.path] + options,
      environment: [
        "MLCSC_RESULTS": results.path, "OPENBLAS_NUM_THREADS": "1", "TERM": "dumb",
        // A trap ends the process and does not look for its symbols, which takes seconds.
        "SWIFT_BACKTRACE": "enable=no",
      ],
      streams: [STDOUT_FILENO: log, STDERR_FILENO: log])
  }

  private static func clock() -> Double {
    Double(DispatchTime.now().uptimeNanoseconds) * 1e-9
  }
}
