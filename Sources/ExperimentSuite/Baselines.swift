import Foundation

/// Who trained the networks that tables were made of.
public enum Implementation: String, Codable, Sendable, CaseIterable {
  /// The suite itself; also where no network is trained.
  case suite
  /// A second implementation, in PyTorch, whose trainings a run was given with `--trainings`.
  case pytorch

  /// What stands behind the profile's name in names of folders and in lists.
  public var suffix: String { self == .suite ? "" : "-\(rawValue)" }
}

/// Where the stored baselines lie.
public enum Baselines {
  /// The folder of an experiment's baseline.
  public static func folder(
    root: URL, profile: Profile, experiment: String, implementation: Implementation = .suite
  ) -> URL {
    root.appendingPathComponent(
      "Results/baselines/\(profile.rawValue)\(implementation.suffix)/\(experiment)")
  }

  /// The stored tables of `standard` that a figure of `quick` shows beside its own.
  ///
  /// - Parameters:
  ///   - root: The checkout.
  ///   - profile: Of the figure.
  ///   - experiment: Its name.
  ///   - script: Its plot script; one that does not ask `stored ne ""` shows no other tables.
  /// - Returns: Their folder; nil where there are none or none are shown.
  static func beside(root: URL, profile: Profile, experiment: String, script: URL) -> URL? {
    let folder = folder(root: root, profile: .standard, experiment: experiment)
    guard profile == .quick, FileManager.default.fileExists(atPath: folder.path),
      let text = try? AtomicFile.read(script),
      String(decoding: text, as: UTF8.self).contains("stored ne")
    else { return nil }
    return folder
  }
}
