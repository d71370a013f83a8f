import ArgumentParser
import Foundation

/// One part of all cells, as `I/N`.
public struct Shard: Sendable, Equatable, ExpressibleByArgument {
  /// Which part, from 1.
  public let index: Int
  /// How many parts.
  public let count: Int

  public init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], count >= 1,
      (1...count).contains(index)
    else { return nil }
    self.index = index
    self.count = count
  }

  /// Whether a cell's number belongs to this part.
  func contains(_ cell: Int) -> Bool { cell % count == index - 1 }
}

/// The options of running experiments on this machine.
public struct RunOptions: ParsableArguments, Sendable {
  @OptionGroup public var experiment: ExperimentOptions

  @Option(help: ArgumentHelp("Cells to run side by side (default: all cores).", valueName: "n"))
  public var jobs: Int?

  @Option(
    help: ArgumentHelp(
      "Compute only the I-th of N parts of all cells and write no tables; a later run without "
        + "this option gathers them.", valueName: "i/n"))
  public var shard: Shard?

  @Flag(
    help: """
      Compute nothing: write tables and figures of the cells that are finished; the others stay \
      empty, in experiments that allow it.
      """)
  public var gather = false

  @Flag(
    help: """
      Take no training that is stored in Results/trainings; compute those that are not in the cache.
      """)
  public var recompute = false

  @Option(
    help: ArgumentHelp(
      "Take the trainings that another implementation stored in this folder, in place of all others, "
        + "and compute nothing (as with --gather). Results go to Results/custom unless --output is "
        + "given, and no baseline applies.", valueName: "folder"))
  public var trainings: String?

  /// Whether cells that are not there stay missing.
  var computesNothing: Bool { gather || trainings != nil }

  /// The options as given by defaults.
  public init() {}

  public mutating func validate() throws {
    if let jobs, jobs < 1 {
      throw ValidationError("--jobs is \(jobs); it must be at least 1")
    }
    if gather, shard != nil {
      throw ValidationError("--gather writes the tables of all cells; leave --shard out")
    }
    if trainings != nil, shard != nil || recompute {
      throw ValidationError("--trainings computes nothing; leave --shard and --recompute out")
    }
  }

  /// The command line that gives these options again.
  public var arguments: [String] {
    var all = experiment.arguments
    if let jobs { all += ["--jobs", "\(jobs)"] }
    if let shard { all += ["--shard", "\(shard.index)/\(shard.count)"] }
    if gather { all.append("--gather") }
    if recompute { all.append("--recompute") }
    if let trainings { all += ["--trainings", trainings] }
    return all
  }
}
