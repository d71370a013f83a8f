import ExperimentSuite
import Foundation
import MLCSCBase
import TestSupport

/// Runs that are killed at random moments, alone and two at once, until they are through.
public struct KillTrials {
  /// What is run.
  public struct Work: Sendable {
    /// The experiment's executable.
    public let experiment: String
    /// Its settings, as `name=value`.
    public let settings: [String]

    /// Many short cells.
    public static let cells = Work(
      experiment: "mlbp-fig1-recovery",
      settings: ["realisations=24", "realisationsPerCell=1", "lambdasPerDecade=2"])

    /// Trainings of some epochs, with checkpoints and weights.
    public static let trainings = Work(
      experiment: "mlbp-fig3-mnist-unfolding",
      settings: [
        "seeds=1", "unfoldings=1", "document.digits.trainingImages=1000",
        "document.digits.testImages=100", "document.digits.plan.batchSize=20",
        "document.digits.plan.epochs=3",
      ])
  }

  /// What was tried and what was lost.
  public struct Tally: Sendable {
    /// Processes that were killed.
    public var kills = 0
    /// Runs that were killed until they were through.
    public var rounds = 0
    /// Runs whose results are not those of a run that nobody killed.
    public var different = [String]()
    /// Finished cells that were computed again, by a later run or by one at the same time.
    public var computedTwice = [String]()
    /// Locks and checkpoints that were left.
    public var left = [String]()
  }

  private let work: Work
  private let folder: ScratchFolder
  private let reference: [String: Data]
  /// How long a run takes that nobody kills.
  private let seconds: Double

  /// Makes the reference.
  ///
  /// - Throws: `ProgramError`; `FileError` where the reference has no results.
  public init(_ work: Work) throws {
    self.work = work
    folder = try ScratchFolder("mlcsc-fault")
    let results = folder.url.appendingPathComponent("reference")
    let start = Self.clock()
    _ = try Self.start(work, results).wait()
    seconds = Self.clock() - start
    reference = try Self.tables(work, results)
  }

  /// Removes the files of the trials.
  public func finish() { folder.remove() }

  /// Kills so many processes, at random moments, in as many rounds as that takes.
  ///
  /// - Parameters:
  ///   - count: How many kills.
  ///   - killsPerRound: After how many a run is left alone.
  ///   - seed: Decides the moments and whether one run is killed or two at once.
  /// - Returns: What was tried and what was lost.
  /// - Throws: `ProgramError`, `FileError`.
  public func run(_ count: Int, killsPerRound: Int = 10, seed: String = "1") throws -> Tally {
    var stream = RandomStream("kills", work.experiment, seed)
    var tally = Tally()
    while tally.kills < count {
      tally.rounds += 1
      try round(min(count - tally.kills, killsPerRound), &stream, &tally)
    }
    return tally
  }

  private func round(_ kills: Int, _ stream: inout RandomStream, _ tally: inout Tally) throws {
    let name = "\(work.experiment), round \(tally.rounds)"
    let results = folder.url.appendingPathComponent("round")
    try? FileManager.default.removeItem(at: results)
    var finished = [String: UInt64]()
    var done = 0
    var isThrough = false
    while done < kills, !isThrough {
      let programs = try start(1 + stream.index(below: 2), results)
      tally.computedTwice += watch(
        programs, until: Self.clock() + stream.uniform() * seconds, results, &finished
      ).map { "\(name): \($0)" }
      for program in programs { kill(program.identifier, SIGKILL) }
      let ends = programs.map { $0.wait() }
      done += ends.count { $0.isSignal }
      isThrough = ends.contains { !$0.isSignal }
    }
    tally.kills += done
    // What is left to do two runs share that nobody kills.
    let programs = try start(2, results)
    tally.computedTwice += watch(programs, until: .infinity, results, &finished).map {
      "\(name): \($0)"
    }
    let end = programs.map { $0.wait().status }.max() ?? 0
    let tables = (try? Self.tables(work, results)) ?? [:]
    if end != 0 || tables != reference {
      let names = Set(reference.keys).union(tables.keys).filter { reference[$0] != tables[$0] }
      tally.different.append("\(name): code \(end), \(names.sorted())")
    }
    tally.left += Self.paths(results).filter {
      $0.hasSuffix(".lock") || $0.hasSuffix(".checkpoints")
    }
    .map { "\(name): \($0)" }
  }

  /// Looks at the finished cells while programs run.
  ///
  /// - Parameters:
  ///   - programs: What runs.
  ///   - moment: When to look no longer, if a program still runs then.
  ///   - results: Where it runs.
  ///   - finished: The cells that were seen, with the numbers of their files.
  /// - Returns: Cells whose file another one took the place of: they were computed twice.
  private func watch(
    _ programs: [StartedProgram], until moment: Double, _ results: URL,
    _ finished: inout [String: UInt64]
  ) -> [String] {
    var again = [String]()
    var isLast = false
    while !isLast {
      isLast = Self.clock() >= moment || !programs.contains(where: \.isRunning)
      let found = Self.cells(results)
      again += finished.filter { found[$0.key] != $0.value }.map(\.key)
      finished = found
      usleep(1000)
    }
    return again
  }

  private func start(_ count: Int, _ results: URL) throws -> [StartedProgram] {
    try (0..<count).map { _ in try Self.start(work, results) }
  }

  private static func clock() -> Double {
    Double(DispatchTime.now().uptimeNanoseconds) * 1e-9
  }

  private static func start(_ work: Work, _ results: URL) throws -> StartedProgram {
    try FileManager.default.createDirectory(at: results, withIntermediateDirectories: true)
    let log = open(
      results.appendingPathComponent("log").path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    defer { close(log) }
    return try StartedProgram(
      RunningTool.products().appendingPathComponent(work.experiment),
      ["--profile", "smoke", "--no-plots", "--jobs", "1"]
        + work.settings.flatMap { ["--set", $0] },
      environment: ["MLCSC_RESULTS": results.path, "OPENBLAS_NUM_THREADS": "1", "TERM": "dumb"],
      streams: [STDOUT_FILENO: log, STDERR_FILENO: log])
  }

  /// Tables, settings and kept files: all but what says when and where they were made, and how many
  /// seconds it took.
  private static func tables(_ work: Work, _ results: URL) throws -> [String: Data] {
    let folder = results.appendingPathComponent("custom/\(work.experiment)")
    var tables = [String: Data]()
    do {
      let columns = try TableSchema.read(folder).files
      for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
      where name != "provenance.json" {
        let content = try AtomicFile.read(folder.appendingPathComponent(name))
        tables[name] = try untimed(content, of: name, columns[name] ?? [])
      }
    } catch {
      throw FileError.notRead(path: folder.path, reason: "the run has left no results: \(error)")
    }
    return tables
  }

  /// A table without its columns of seconds, which no two runs have alike; any other file as it is.
  package static func untimed(_ content: Data, of name: String, _ columns: [Column]) throws -> Data
  {
    guard columns.contains(where: { $0.role == .timing }) else { return content }
    let lines = try CSVFile.lines(content, path: name)
    return try JSONText.compact(
      lines.map { line in zip(line, columns).filter { $0.1.role != .timing }.map(\.0) })
  }

  /// The finished cells with the numbers of their files.
  private static func cells(_ results: URL) -> [String: UInt64] {
    var cells = [String: UInt64]()
    for path in paths(results) where path.hasSuffix(".cell") {
      var status = stat()
      if stat(results.appendingPathComponent(path).path, &status) == 0 {
        cells[path] = UInt64(status.st_ino)
      }
    }
    return cells
  }

  private static func paths(_ folder: URL) -> [String] {
    (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
  }
}
