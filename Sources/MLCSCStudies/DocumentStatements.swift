import ExperimentSuite
import MLCSCBase

extension StatementLedger {
  /// The statements of the five documents.
  ///
  /// - Throws: `FileError` where the package's file is absent or damaged.
  public static func documents() throws -> StatementLedger {
    let url = try PackageResources.url("statements.csv", of: "MLCSCStudies")
    return try StatementLedger(AtomicFile.read(url), path: url.path)
  }
}
