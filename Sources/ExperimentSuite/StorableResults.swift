import Foundation

/// Results were to be stored as what they are not.
public struct OtherResults: Error, CustomStringConvertible {
  /// The experiment.
  public let experiment: String
  /// What they had to be.
  public let expected: String

  public var description: String {
    "the results of \(experiment) are not \(expected): run it so first"
  }
}

extension Provenance {
  /// What a scale says of results from the trainings of another implementation.
  static let anotherImplementation = "another implementation"

  /// Checks what a run was of before its results become a baseline.
  ///
  /// - Parameters:
  ///   - results: The folder of the results.
  ///   - experiment: The experiment.
  ///   - profile: The profile that they have to be of, with its settings and the first seed.
  ///   - implementation: Whose trainings they have to be made of.
  /// - Throws: `OtherResults`; `FileError` where the run's record is absent or damaged.
  public static func check(
    _ results: URL, experiment: String, profile: Profile, implementation: Implementation
  ) throws {
    let file = results.appendingPathComponent("provenance.json")
    let data = try AtomicFile.read(file)
    guard let run = try? JSONDecoder().decode(Provenance.self, from: data) else {
      throw FileError.damaged(
        path: file.path, place: "the file",
        problem: "is no record of a run; run the experiment again")
    }
    let isOthers = run.trainings != nil
    guard
      run.profile == profile, run.seed == 1, run.changed_settings.isEmpty,
      isOthers == (implementation != .suite)
    else {
      throw OtherResults(
        experiment: experiment,
        expected: "of profile \(profile.rawValue) with its own settings and "
          + (implementation == .suite ? "the suite's own trainings" : "--trainings"))
    }
  }
}
