import Foundation

/// The figures of the stored baselines, below `Results/figures`, with what each was drawn from.
public struct StoredFigures {
  /// What is known of one figure.
  struct Entry: Codable, Equatable {
    /// The experiment.
    let experiment: String
    /// The profile.
    let profile: Profile
    /// Who trained its networks; absent: the suite, if there are any.
    var implementation: Implementation?
    /// A digest of the baseline's tables, those that stand beside them, the plot script and the common style.
    let drawnFrom: String
    /// A digest of the picture.
    let picture: String

    /// Whether it belongs to a baseline.
    func isOf(_ experiment: String, _ profile: Profile, _ implementation: Implementation) -> Bool {
      self.experiment == experiment && self.profile == profile
        && (self.implementation ?? .suite) == implementation
    }
  }

  private let root: URL

  /// The figures of a checkout.
  public init(root: URL) { self.root = root }

  private var folder: URL { root.appendingPathComponent("Results/figures") }
  private var index: URL { folder.appendingPathComponent("figures.json") }

  private func entries() throws -> [String: Entry] {
    guard FileManager.default.fileExists(atPath: index.path) else { return [:] }
    do {
      return try JSONDecoder().decode([String: Entry].self, from: AtomicFile.read(index))
    } catch is DecodingError {
      throw FileError.damaged(
        path: index.path, place: "the file", problem: "is no list of figures; accept them again")
    }
  }

  /// The name under which a figure is stored: quick's under its own, others with their profile.
  static func name(_ file: String, _ profile: Profile, _ implementation: Implementation) -> String {
    profile == .quick && implementation == .suite
      ? file : "\(file.dropLast(".png".count))-\(profile.rawValue)\(implementation.suffix).png"
  }

  /// The stored figures of an experiment's own networks at a profile, by file name.
  public func files(_ experiment: String, _ profile: Profile) throws -> [String] {
    try entries().filter { $0.value.isOf(experiment, profile, .suite) }.keys.sorted()
  }

  private func script(of experiment: String) -> URL {
    root.appendingPathComponent("Experiments/\(experiment)/plot.gp")
  }

  private func digest(
    _ experiment: String, _ profile: Profile, _ implementation: Implementation
  ) throws -> String {
    let baseline = Baselines.folder(
      root: root, profile: profile, experiment: experiment, implementation: implementation)
    let script = script(of: experiment)
    let beside = Baselines.beside(
      root: root, profile: profile, experiment: experiment, script: script)
    // No figure shows the claims.
    let tables = try ([baseline] + (beside.map { [$0] } ?? [])).flatMap { folder in
      try Comparison.csvFiles(folder).filter { $0 != "claims.csv" }
        .map { folder.appendingPathComponent($0) }
    }
    let files = try tables + [script, PackageResources.url("style.gp", of: "ExperimentSuite")]
    return Digest.sha256(
      try files.reduce(into: Data()) { all, file in
        let data = try AtomicFile.read(file)
        all.append(Data("\(file.lastPathComponent) \(data.count)\n".utf8))
        all.append(data)
      }
    ).description
  }

  /// Makes the results of an experiment its baseline, and their figures the stored ones.
  ///
  /// The figures are drawn anew where the tables changed since.
  /// - Parameters:
  ///   - results: The folder of the results.
  ///   - experiment: The experiment.
  ///   - profile: Of the results; those of smoke have no stored figures.
  ///   - implementation: Who trained the networks; the trainings of another implementation lie in its folder.
  /// - Returns: How many tables were stored.
  /// - Throws: `FileError`, `PlotError`.
  public func accept(
    _ results: URL, experiment: String, profile: Profile, implementation: Implementation = .suite
  ) throws -> Int {
    let baseline = Baselines.folder(
      root: root, profile: profile, experiment: experiment, implementation: implementation)
    if implementation == .suite, profile == .standard || profile == .paper {
      try StoredCells(root: root).store(cellsOf: results)
    }
    let count = try StoredBaseline.store(results, in: baseline)
    if profile != .smoke {
      let script = script(of: experiment)
      let scale = try TableSchema.read(results).caption
      let beside = Baselines.beside(
        root: root, profile: profile, experiment: experiment, script: script)
      _ = try Plotter(script: script, tables: results, scale: scale, beside: beside).render()
      try store(results, experiment, profile, implementation)
    }
    return count
  }

  /// Stores the pictures of a results folder whose tables have just become the baseline.
  ///
  /// - Throws: `FileError`.
  private func store(
    _ results: URL, _ experiment: String, _ profile: Profile, _ implementation: Implementation
  ) throws {
    let earlier = try entries()
    var all = earlier.filter { !$0.value.isOf(experiment, profile, implementation) }
    let drawnFrom = try digest(experiment, profile, implementation)
    let pictures = try FileManager.default.contentsOfDirectory(atPath: results.path)
      .filter { $0.hasSuffix(".png") }.sorted()
    for file in pictures {
      let picture = try AtomicFile.read(results.appendingPathComponent(file))
      let name = Self.name(Self.title(file, experiment), profile, implementation)
      try AtomicFile.write(picture, to: folder.appendingPathComponent(name))
      all[name] = Entry(
        experiment: experiment, profile: profile,
        implementation: implementation == .suite ? nil : implementation,
        drawnFrom: drawnFrom, picture: Digest.sha256(picture).description)
    }
    try AtomicFile.write(JSONText.pretty(all), to: index)
    // A figure that the script does not draw any more.
    for name in earlier.keys where all[name] == nil {
      try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
    }
  }

  /// `figure.png` and `figure-maps.png` of an experiment are stored under the experiment's name.
  private static func title(_ file: String, _ experiment: String) -> String {
    experiment + file.dropFirst("figure".count)
  }

  /// One line for each figure that is not what its baseline gives: drawn from other tables or another
  /// script, changed by hand, absent, or of no baseline.
  ///
  /// - Throws: `FileError`.
  public func problems() throws -> [String] {
    let known = try entries()
    let pictures = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let strangers = pictures.filter { $0.hasSuffix(".png") && known[$0] == nil }.sorted()
    let unknown = strangers.map {
      "\(folder.appendingPathComponent($0).path): is the figure of no stored baseline"
    }
    return try unknown
      + known.sorted { $0.key < $1.key }.compactMap { name, entry in
        let file = folder.appendingPathComponent(name)
        guard let picture = try? AtomicFile.read(file) else { return "\(file.path): is absent" }
        if Digest.sha256(picture).description != entry.picture {
          return "\(file.path): is not the picture that was stored"
        }
        if try digest(entry.experiment, entry.profile, entry.implementation ?? .suite)
          != entry.drawnFrom
        {
          return "\(file.path): was drawn from other tables or by another script"
        }
        return nil
      }
  }
}
