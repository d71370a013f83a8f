import COpenBLAS
import Foundation

/// Where a result comes from.
public struct Provenance: Codable, Sendable {
  /// Name of the experiment.
  public let experiment: String
  /// Profile of the run.
  public let profile: Profile
  /// Seed of the run.
  public let seed: Int
  /// Commit of the checkout, with `-dirty` where files were changed; `unknown: ` and the reason where
  /// git does not tell.
  public let commit: String
  /// Processor.
  public let processor: String
  /// Cores that the process may use.
  public let cores: Int
  /// Operating system.
  public let system: String
  /// The instruction set that the run kept to; absent where it used all the processor has.
  public let instruction_set: String?
  /// Version of OpenBLAS and the kernels it chose.
  public let openBLAS: String
  /// Versions of the system libraries by name; absent in results of earlier versions of the suite.
  public let libraries: [String: String]?
  /// The Swift toolchain on PATH, which `run_all.sh` builds with; absent in earlier results.
  public let toolchain: String?
  /// Version of gnuplot.
  public let gnuplot: String
  /// When the tables were written.
  public let date: String
  /// Seconds of this run.
  public let wall_seconds: Double
  /// Cells computed in this run.
  public let cells_computed: Int
  /// Cells found in the cache, or stored.
  public let cells_cached: Int
  /// Settings that differ from the profile's.
  public let changed_settings: [String]
  /// Lines about the data: source and checksums.
  public let data: [String]
  /// The folder of another implementation's trainings; absent where the run took none.
  public let trainings: String?

  init(
    experiment: String, profile: Profile, seed: Int, root: URL?, seconds: Double, computed: Int,
    cached: Int, changed: [String], data: [String], trainings: String?
  ) {
    self.trainings = trainings
    self.experiment = experiment
    self.profile = profile
    self.seed = seed
    commit = root.map(Self.commit) ?? "unknown"
    processor = Self.processorName()
    cores = Parallelism.availableCores
    system = ProcessInfo.processInfo.operatingSystemVersionString
    instruction_set = InstructionSet.chosen
    openBLAS = String(cString: openblas_get_config())
    libraries = LibraryVersions.all
    toolchain = Self.output("swift", ["--version"])?.split(separator: "\n").first.map(String.init)
    gnuplot = Self.output("gnuplot", ["--version"]) ?? "none"
    date = Date().formatted(.iso8601)
    wall_seconds = (seconds * 100).rounded() / 100
    cells_computed = computed
    cells_cached = cached
    changed_settings = changed
    self.data = data
  }

  /// The command that makes the same results.
  public var command: String {
    let seed = seed == 1 ? "" : " --seed \(seed)"
    let changes = changed_settings.map { " --set \($0)" }.joined()
    let instructions = instruction_set.map { " --instruction-set \($0)" } ?? ""
    let trainings = trainings.map { " --trainings \($0)" } ?? ""
    return "./run_all.sh --profile \(profile.rawValue)\(seed)\(changes)\(instructions)\(trainings) "
      + experiment
  }

  /// Whether another provenance is of the same experiment with the same settings, seed and data, and
  /// of as many finished cells, so that the same tables belong to both.
  func hasSameResults(as other: Provenance) -> Bool {
    experiment == other.experiment && profile == other.profile && seed == other.seed
      && instruction_set == other.instruction_set && changed_settings == other.changed_settings
      && data == other.data && trainings == other.trainings
      && cells_computed + cells_cached == other.cells_computed + other.cells_cached
  }

  /// The commit, or why there is none: git refuses, for example, the folder of another user.
  static func commit(_ root: URL) -> String {
    guard let git = Plotter.executable("git") else { return "unknown: there is no git" }
    let command = ["-C", root.path, "rev-parse", "HEAD"]
    guard let head = output("git", command) else {
      let run = try? FinishedProgram(URL(fileURLWithPath: git), command, keeping: .errors)
      let reason = run.map { String(decoding: $0.kept, as: UTF8.self) } ?? "git does not start"
      return "unknown: " + (reason.split(separator: "\n").first ?? "git failed")
    }
    let changes = output("git", ["-C", root.path, "status", "--porcelain", "-uno"]) ?? ""
    return changes.isEmpty ? head : head + "-dirty"
  }

  /// The processor's name, on Linux with family and model: one name may stand for several.
  static func processorName() -> String {
    if let name = processorInfo("model name") {
      guard let family = processorInfo("cpu family"), let model = processorInfo("model") else {
        return name
      }
      return "\(name), family \(family), model \(model)"
    }
    return output("sysctl", ["-n", "machdep.cpu.brand_string"]) ?? "unknown"
  }

  /// What Linux says of the first processor under a key; nil elsewhere.
  static func processorInfo(_ key: String) -> String? {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").lazy.map { $0.split(separator: ":", maxSplits: 1) }
      .first { $0.first?.trimmingCharacters(in: .whitespaces) == key }?.last
      .map { $0.trimmingCharacters(in: .whitespaces) }
  }

  private static func output(_ command: String, _ arguments: [String]) -> String? {
    guard let path = Plotter.executable(command),
      let run = try? FinishedProgram(
        URL(fileURLWithPath: path), arguments, keeping: .output, isQuiet: true),
      run.status == 0
    else { return nil }
    return String(decoding: run.kept, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
