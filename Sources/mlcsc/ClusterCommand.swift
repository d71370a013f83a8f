import ArgumentParser
import ExperimentSuite
import Foundation

/// `mlcsc cluster`: experiments on many machines.
struct ClusterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster", abstract: "Give the cells of experiments to a cluster.",
    subcommands: [Slurm.self])

  /// `mlcsc cluster slurm`: prints or submits a job array and the job that gathers.
  struct Slurm: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Print or submit a Slurm job array that computes experiments, and a job that gathers.",
      discussion: """
        Task I of N computes the I-th of N parts of all cells; when every task has ended well, a \
        dependent job writes tables and figures. Before the time limit jobs save their state and \
        queue again. The checkout, its build and Results must lie under the same path on all nodes. \
        Without --submit the script is printed and nothing else happens; running it with bash \
        submits.
        """)

    @OptionGroup var options: ExperimentOptions

    @Option(help: ArgumentHelp("N, the tasks of the array.", valueName: "n"))
    var jobs: Int

    @Option(help: ArgumentHelp("Processors of each task.", valueName: "n"))
    var cpusPerTask = 2

    @Option(help: "The partition to submit to.")
    var partition: String?

    @Option(help: "The time limit of each job, as Slurm writes it (1-12:00:00).")
    var time: String?

    @Option(
      name: .customLong("sbatch"), parsing: .unconditionalSingleValue,
      help: ArgumentHelp(
        "A further option of sbatch for both jobs (--sbatch --mem=8G); may be repeated.",
        valueName: "option"))
    var sbatchOptions: [String] = []

    @Option(
      help: ArgumentHelp(
        "How long before the time limit jobs are told to save their state.", valueName: "seconds"))
    var secondsToSave = 120

    @Flag(help: "Submit the jobs instead of printing the script.")
    var submit = false

    @Argument(help: "Experiments, by any unambiguous prefix (all without a name).")
    var names: [String] = []

    func validate() throws {
      try options.checkProtocol()
      for (name, value) in [("--jobs", jobs), ("--cpus-per-task", cpusPerTask)] where value < 1 {
        throw ValidationError("\(name) is \(value); it must be at least 1")
      }
      guard (1...65_535).contains(secondsToSave) else {
        throw ValidationError("--seconds-to-save is \(secondsToSave); Slurm takes 1 to 65535")
      }
      for option in sbatchOptions where !option.hasPrefix("-") {
        throw ValidationError("--sbatch \(option): an option of sbatch begins with -")
      }
      let limit = "--time="
      let limits =
        (time.map { [$0] } ?? [])
        + sbatchOptions.filter { $0.hasPrefix(limit) }.map { String($0.dropFirst(limit.count)) }
      for time in limits {
        guard let limit = SlurmTime(time) else {
          throw ValidationError(
            "--time \(time): write minutes, minutes:seconds, hours:minutes:seconds, days-hours, "
              + "days-hours:minutes or days-hours:minutes:seconds, as Slurm does, or UNLIMITED")
        }
        guard let seconds = limit.seconds, seconds <= secondsToSave + SlurmTime.earliness else {
          continue
        }
        throw ValidationError(
          "--time \(time) is \(seconds) seconds, but jobs are told to save \(secondsToSave) "
            + "seconds before the end, or up to a minute earlier, and would compute nothing; "
            + "raise it, or lower --seconds-to-save")
      }
    }

    func run() throws {
      let catalogue = try Catalogue()
      let chosen = try catalogue.resolve(names)
      let executables = try chosen.map { try catalogue.executable($0) }
      let tool = executables[0].deletingLastPathComponent().appendingPathComponent("mlcsc")
      var script = SlurmScript(
        name: chosen.count == 1 ? chosen[0] : "mlcsc-\(options.profile.rawValue)",
        root: catalogue.root.path, results: catalogue.results.path, tool: tool.path,
        experiments: chosen,
        runOptions: options.arguments, tasks: jobs)
      script.asksForAll = names.isEmpty
      script.processorsPerTask = cpusPerTask
      script.secondsToSave = secondsToSave
      script.sbatchOptions =
        (partition.map { ["--partition=\($0)"] } ?? []) + (time.map { ["--time=\($0)"] } ?? [])
        + sbatchOptions
      guard submit else {
        StandardOutput.print(script.text, terminator: "")
        return
      }
      try Self.run(script.text)
    }

    private static func run(_ script: String) throws {
      let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
      guard
        path.split(separator: ":").contains(where: {
          FileManager.default.isExecutableFile(atPath: "\($0)/sbatch")
        })
      else {
        throw UsageError(
          "no sbatch on PATH: submit from a node of the cluster, or print the script without "
            + "--submit")
      }
      let work = try ScratchFolder("mlcsc-slurm")
      defer { work.remove() }
      let file = work.url.appendingPathComponent("submit.sh")
      try AtomicFile.write(Data(script.utf8), to: file)
      let shell = URL(fileURLWithPath: "/usr/bin/env")
      guard try FinishedProgram(shell, ["bash", file.path]).status == 0 else {
        Terminal.error("mlcsc: the jobs were not submitted; sbatch says why above")
        throw SuiteExit.data
      }
    }
  }
}
