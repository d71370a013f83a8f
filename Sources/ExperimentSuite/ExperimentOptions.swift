import ArgumentParser
import Foundation

extension Profile: ExpressibleByArgument {}

/// The options that say which numbers an experiment computes, wherever it runs.
public struct ExperimentOptions: ParsableArguments, Sendable {
  @Option(
    help: """
      How much work: smoke (seconds), quick (the default), standard (full data, overnight), paper \
      (full scale).
      """)
  public var profile: Profile = .quick

  @Flag(help: "Write tables only; do not call gnuplot.")
  public var noPlots = false

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Change a setting for this run, as name=value, with dots for settings within settings; results "
        + "go to Results/custom unless --output is given, and no baseline applies.",
      valueName: "name=value"))
  public var changes: [String] = []

  @Option(
    name: .customLong("protocol"),
    help: ArgumentHelp(
      "How B's networks are trained: document (the default) or code, the authors' later public "
        + "code; experiments without such networks do not change.", valueName: "name"))
  public var trainingProtocol: String? = nil

  @Option(help: "The seed of all random streams.")
  public var seed = 1

  /// The options as given by defaults.
  public init() {}

  public mutating func validate() throws {
    for change in changes where !change.contains("=") {
      throw ValidationError("--set \(change): write name=value")
    }
  }

  /// The changes to an experiment's settings, `--protocol` among them.
  ///
  /// The protocol that the settings have already changes nothing, nor does any where there is none to
  /// choose: so `--protocol` may be given to all experiments at once.
  func changes(to settings: some Encodable) -> [String] {
    guard let trainingProtocol,
      let own = SettingsOverride.fields(of: settings)["protocol"] as? String,
      own != trainingProtocol
    else { return changes }
    return changes + ["protocol=\(trainingProtocol)"]
  }

  /// The command line that gives these options again.
  public var arguments: [String] {
    var all = ["--profile", profile.rawValue, "--seed", "\(seed)"]
    if noPlots { all.append("--no-plots") }
    if let trainingProtocol { all += ["--protocol", trainingProtocol] }
    for change in changes { all += ["--set", change] }
    return all
  }
}
