import ArgumentParser
import ExperimentSuite
import MLCSCStudies

extension ExperimentOptions {
  /// Checks the name of `--protocol`, which the suite itself does not know.
  func checkProtocol() throws {
    if let name = trainingProtocol, UnfoldedStudy.TrainingProtocol(rawValue: name) == nil {
      let known = UnfoldedStudy.TrainingProtocol.allCases.map(\.rawValue)
      throw ValidationError(
        "--protocol \(name): no such protocol; there are: \(known.joined(separator: ", "))")
    }
  }
}
