import Foundation

/// Where the stored baselines lie.
public enum Baselines {
  /// The folder of an experiment's baseline.
  public static func folder(root: URL, profile: Profile, experiment: String) -> URL {
    root.appendingPathComponent("Results/baselines/\(profile.rawValue)/\(experiment)")
  }
}
