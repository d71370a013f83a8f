import ArgumentParser
import ExperimentSuite
import FaultInjection
import Foundation
import MLCSCBase

extension Fault {
  /// Changed settings.
  struct Settings: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Run experiments with each of their settings at many values.",
      discussion: """
        Every run is at the profile smoke with one setting changed, and has files and finished \
        cells of its own. It must end with a result or with exit code 2 and a message that names \
        the setting. One that does not end in time is given up and counts as slow, not as wrong.
        """)

    @Option(help: "An experiment; may be given several times (default: all).")
    var experiment = [String]()

    @Option(help: "A setting, by its name after --set; may be given several times (default: all).")
    var setting = [String]()

    @Option(help: "Seconds of one processor until a run is given up.")
    var seconds = 20

    @Option(help: "The most memory of a run, in MB.")
    var megabytes = 4096

    @Option(help: "Runs side by side.")
    var jobs = 2

    @Flag(help: "Draw the figures too.")
    var plots = false

    @Flag(help: "Name the runs that were slow.")
    var nameSlow = false

    func run() throws { try Fault.require(count()) }

    func count() throws -> Bool {
      StandardOutput.print(
        "experiment                        settings  tried  result  no-figure  refused  no-data"
          + "  slow  wrong")
      var all = SettingTrials.Tally()
      var settings = 0
      for name in experiment.isEmpty ? try Self.experiments() : experiment {
        let trials = try SettingTrials(
          name, limit: seconds, memory: megabytes << 20, drawsFigures: plots)
        defer { trials.finish() }
        let changes = try trials.changes().filter { setting.isEmpty || setting.contains($0.name) }
        let tally = try trials.run(changes, jobs: jobs)
        let count = Set(changes.map(\.name)).count
        Self.show(name, count, tally)
        for problem in tally.wrong { StandardOutput.print("  wrong: \(problem)") }
        if nameSlow { for run in tally.slow { StandardOutput.print("  slow: \(run)") } }
        all.add(tally)
        settings += count
      }
      Self.show("all", settings, all)
      return all.wrong.isEmpty
    }

    /// The experiments of the checkout to which this program belongs.
    private static func experiments() throws -> [String] {
      guard let root = try Checkout.find() else {
        throw UsageError("there is no checkout here; name experiments with --experiment")
      }
      let folder = root.appendingPathComponent("Experiments")
      return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    private static func show(_ name: String, _ settings: Int, _ tally: SettingTrials.Tally) {
      let counts = [
        settings, tally.tried, tally.result, tally.withoutFigure, tally.refused,
        tally.withoutData, tally.slow.count, tally.wrong.count,
      ]
      StandardOutput.print(
        name.padding(toLength: 33, withPad: " ", startingAt: 0) + " "
          + counts.map(String.init).joined(separator: "  "))
    }
  }
}
