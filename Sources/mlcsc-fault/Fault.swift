import ArgumentParser
import ExperimentSuite
import FaultInjection
import Foundation
import MLCSCBase

/// `mlcsc-fault`: damaged files and killed runs, many of them.
@main
struct Fault: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mlcsc-fault",
    abstract: "Damage files, kill runs, change settings, and count what was lost.",
    discussion: """
      Each part prints how many of each kind were tried and what became of them; exit 4 where \
      anything crashed, hung or was lost. Without a name all parts run.
      """,
    subcommands: [
      All.self, Readers.self, ReaderWorker.self, Stored.self, Kills.self, Settings.self,
      Kernels.self, KernelWorker.self,
    ],
    defaultSubcommand: All.self)

  static func main() {
    SuiteExit.run(Fault.self, name: "mlcsc-fault")
  }

  /// Ends the program where something was lost.
  static func require(_ isWhole: Bool) throws {
    if !isWhole { throw SuiteExit.numerical }
  }

  /// This program's own file, to start it again.
  static var program: URL {
    Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
  }

  /// All parts, one after the other.
  struct All: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "All parts, in their long form.")

    func run() throws {
      let isWhole = [
        try Readers.parse([]).count(), try Stored.parse([]).count(), try Kills.parse([]).count(),
        try Settings.parse([]).count(), try Kernels.parse([]).count(),
      ]
      try Fault.require(isWhole.allSatisfy { $0 })
    }
  }

  /// Stored files.
  struct Stored: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Cut and flip cells, checkpoints and kept files.")

    @Option(help: "Cuts, and as many flips, of each file.")
    var places = 100

    func run() throws { try Fault.require(count()) }

    func count() throws -> Bool {
      StandardOutput.print("stored file            tried  missed")
      var isWhole = true
      for kind in StoredFileTrials.Kind.allCases {
        let trials = try StoredFileTrials(count: places)
        defer { trials.finish() }
        let tally = try trials.run(kind)
        isWhole = isWhole && tally.missed.isEmpty
        StandardOutput.print(
          kind.rawValue.padding(toLength: 22, withPad: " ", startingAt: 0)
            + " \(tally.tried)  \(tally.missed.count)")
        for miss in tally.missed.prefix(10) { StandardOutput.print("  missed: \(miss)") }
      }
      return isWhole
    }
  }

  /// Killed runs.
  struct Kills: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Kill runs and trainings at random moments, one and two at once.")

    @Option(help: "How many processes are killed, half of them in runs, half in trainings.")
    var kills = 100

    func run() throws { try Fault.require(count()) }

    func count() throws -> Bool {
      StandardOutput.print("work                        kills  rounds  different  twice  left")
      var isWhole = true
      for work in [KillTrials.Work.cells, .trainings] {
        let trials = try KillTrials(work)
        defer { trials.finish() }
        let tally = try trials.run(kills / 2)
        let problems = tally.different + tally.computedTwice + tally.left
        isWhole = isWhole && problems.isEmpty
        StandardOutput.print(
          work.experiment.padding(toLength: 27, withPad: " ", startingAt: 0)
            + " \(tally.kills)  \(tally.rounds)  \(tally.different.count)  "
            + "\(tally.computedTwice.count)  \(tally.left.count)")
        for problem in problems.prefix(10) { StandardOutput.print("  \(problem)") }
      }
      return isWhole
    }
  }
}
