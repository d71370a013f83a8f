import Dispatch
import Foundation
import Synchronization

/// How one experiment's run ended, in a form that other programs read.
public struct RunSummary: Codable, Sendable {
  /// How a run can end.
  public enum Status: String, Codable, Sendable {
    case ok, differ, failed, skipped, sharded
  }

  /// The experiment.
  public var name: String
  /// How it ended.
  public var status: Status
  /// Wall time.
  public var seconds: Double
  /// The claims.
  public var claims: [Claim]
  /// The differences from the baseline; nil where there is none.
  public var differences: [Difference]?
  /// One line about what went wrong, or nothing.
  public var message: String
  /// The exit code.
  public var exitCode: Int32

  /// The summary of a run that has nothing to report but how it ended.
  public init(
    name: String, status: Status = .ok, message: String = "", exitCode: Int32 = 0
  ) {
    self.name = name
    self.status = status
    self.message = message
    self.exitCode = exitCode
    seconds = 0
    claims = []
    differences = nil
  }
}

/// Runs one experiment: cells, cache, tables, plots, baseline.
public struct Runner<E: Experiment> {
  /// The options.
  public let options: RunOptions
  /// The folder `Results`.
  public let results: URL
  /// The checkout, where it is known; needed for plots, baselines and the commit.
  public let root: URL?
  /// Where tables and figures go.
  public let output: URL
  /// After how many seconds without a sign of life the holder of a cell counts as dead.
  package var lockPatience = LockWatch.patience
  /// The changes to the profile's settings.
  private let changes: [String]
  /// Whether results are not comparable with the baseline of the profile.
  private let isCustom: Bool

  /// A runner.
  public init(options: RunOptions, results: URL, root: URL?, output: URL? = nil) {
    self.options = options
    self.results = results
    self.root = root
    changes = options.experiment.changes(to: E.settings(for: options.experiment.profile))
    isCustom = !changes.isEmpty || options.experiment.seed != 1 || options.trainings != nil
    self.output =
      output
      ?? results.appendingPathComponent(isCustom ? "custom" : options.experiment.profile.rawValue)
      .appendingPathComponent(E.identity.name)
  }

  /// Runs, writes everything and says how it ended.
  ///
  /// - Throws: What made the experiment fail; finished cells stay in the cache.
  public func run() throws -> RunSummary {
    let name = E.identity.name
    let start = DispatchTime.now().uptimeNanoseconds
    var summary = RunSummary(name: name)
    func elapsed() -> Double { Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9 }
    let settings = try SettingsOverride.apply(
      changes, to: E.settings(for: options.experiment.profile))
    try SettingRule.check(E.rules(for: settings), changes: changes)
    MemoryShortage.blame(name, changes)
    let notes = Mutex<[String]>([])
    let resources = RunResources(profile: options.experiment.profile, results: results) { line in
      notes.withLock { $0.append(line) }
    }
    let inputs: E.Inputs
    do {
      inputs = try blamingChanges { try E.prepare(settings, resources) }
    } catch let missing as DataMissing {
      Terminal.note("\(name): skipped: \(missing)")
      summary.status = .skipped
      summary.message = "\(missing)"
      summary.seconds = elapsed()
      return summary
    }
    let canonical = try JSONText.pretty(settings)
    // The trainings of another implementation stand alone: none of the suite's is mixed in.
    let others = options.trainings.map { URL(fileURLWithPath: $0) }
    let pool = CellPool<E>(
      options: options, settings: settings, inputs: inputs, canonical: canonical,
      cache: CellCache(results: results, experiment: E.family?.name ?? name),
      stored: try others.map(StoredCells.init(folder:))
        ?? (options.recompute ? nil : root.map(StoredCells.init(root:))),
      root: root, patience: lockPatience)
    let outcome = try blamingChanges { try pool.run() }
    if options.shard != nil {
      Terminal.note("\(name): \(outcome.computed) cells computed, \(outcome.cached) were there")
      summary.status = .sharded
      summary.seconds = elapsed()
      return summary
    }
    let measured = try blamingChanges { try E.tables(settings, outcome.results) }
    summary.claims = try blamingChanges {
      ClaimTest.judge(try E.claims(of: TableSet(measured.filter(\.isCompared))))
    }
    let tables = measured + [try Table("claims", summary.claims.map(ClaimRow.init))]
    let schema = TableSchema(
      tables, missingCells: outcome.missing,
      scale: ["profile \(options.experiment.profile.rawValue)"] + E.scale(settings)
        + (options.trainings.map { _ in [Provenance.anotherImplementation] } ?? []))
    try write(tables, schema, canonical, pool)
    try AtomicFile.write(
      JSONText.pretty(outcome.sources), to: output.appendingPathComponent(CellSource.listName))
    let provenance = Provenance(
      experiment: name, profile: options.experiment.profile, seed: options.experiment.seed,
      root: root,
      seconds: elapsed(), computed: outcome.computed, cached: outcome.cached,
      changed: changes, data: notes.withLock { $0 }, trainings: options.trainings)
    let provenanceFile = output.appendingPathComponent("provenance.json")
    // The machine and the time of a run that computed something are worth more than those of one
    // that found all cells, as long as they are those of the same tables.
    let earlier = try? JSONDecoder().decode(
      Provenance.self, from: AtomicFile.read(provenanceFile))
    if outcome.computed > 0 || earlier.map(provenance.hasSameResults) != true {
      try AtomicFile.write(JSONText.pretty(provenance), to: provenanceFile)
    }
    if outcome.results.isEmpty {
      Terminal.note("\(name): no cell is finished; there is nothing to draw")
    } else if !options.experiment.noPlots, let root {
      let script = root.appendingPathComponent("Experiments/\(name)/plot.gp")
      let plotter = Plotter(
        script: script, tables: output, scale: schema.caption,
        beside: Baselines.beside(
          root: root, profile: options.experiment.profile, experiment: name, script: script))
      do {
        _ = try plotter.render()
      } catch PlotError.failed(_, let message) where isCustom || outcome.missing > 0 {
        // Scripts are written for the profiles' tables; those of other settings may be too odd.
        plotter.discard()
        Terminal.note("\(name): no figure, the tables are too odd for plot.gp: \(message)")
      }
    }
    if outcome.missing > 0 {
      // Verdicts of a part need not be those of the whole.
      summary.message = "\(outcome.missing) cells missing"
    } else if !isCustom, let root {
      let baseline = Baselines.folder(
        root: root, profile: options.experiment.profile, experiment: name)
      summary.differences = try Comparison.differences(results: output, baseline: baseline)
      if summary.differences == nil { summary.message = "no baseline" }
    }
    if let differences = summary.differences, !differences.isEmpty {
      summary.status = .differ
      summary.exitCode = SuiteExit.differs.rawValue
    }
    summary.seconds = elapsed()
    return summary
  }

  /// Names the changed settings where a computation fails, or refuses its parameters, that does not
  /// with the profile's own.
  private func blamingChanges<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      let reason = (error as? CellFailure)?.reason ?? error
      let kind = (reason as? any ClassifiedError)?.failureKind ?? .computation
      guard !changes.isEmpty, !(reason is SettingsError), [.computation, .usage].contains(kind)
      else { throw error }
      throw SettingsError.notComputable(changes: changes, reason: "\(error)")
    }
  }

  private func write(
    _ tables: [Table], _ schema: TableSchema, _ settings: Data, _ pool: CellPool<E>
  ) throws {
    AtomicFile.removeRemnants(in: output)
    for table in tables {
      try AtomicFile.write(
        Data(table.csv.utf8), to: output.appendingPathComponent("\(table.name).csv"))
    }
    try AtomicFile.write(
      JSONText.pretty(schema), to: output.appendingPathComponent(TableSchema.fileName))
    try AtomicFile.write(settings, to: output.appendingPathComponent("settings.json"))
    var digests = [String: String]()
    for file in try pool.artefacts() { digests[file.name] = try file.copy(to: output) }
    if !digests.isEmpty {
      try AtomicFile.write(
        JSONText.pretty(digests), to: output.appendingPathComponent(KeptFiles.listName))
    }
  }
}
